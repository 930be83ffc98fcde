"""What the pages of ``benchmarks.pages`` are made of: real paragraphs, and a record of which of them are content."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kb.text.sentences import sentences

_SHORT = 40


@dataclass(slots=True)
class Words:
    """Hands out paragraphs and sentences, and remembers which belong to the content of the page."""

    paragraphs: Sequence[str]
    rng: random.Random
    chinese: bool = False
    content: list[str] = field(default_factory=list)
    _free: list[str] = field(default_factory=list)

    def text(self, *, content: bool) -> str:
        """Returns a paragraph that is nowhere else on the page."""
        if not self._free:
            self._free = self.rng.sample(list(self.paragraphs), len(self.paragraphs))
        return self.said(self._free.pop(), content=content)

    def said(self, text: str, *, content: bool) -> str:
        """Returns ``text`` as markup, and notes it where it is content."""
        if content:
            self.content.append(text)
        return html.escape(text)

    def paragraphs_of(self, low: int, high: int, markup: str = "<p>{}</p>") -> str:
        """Returns some paragraphs of content, each in ``markup``."""
        return "\n".join(markup.format(self.text(content=True)) for _ in range(self.rng.randint(low, high)))

    def sentence(self, *, content: bool = False, most: int = 160) -> str:
        """Returns the beginning of a paragraph, as teasers have it."""
        first = self.text(content=False)
        start, end = sentences(html.unescape(first))[0]
        return self.said(html.unescape(first)[start : min(end, start + most)], content=content)

    def title(self, *, content: bool) -> str:
        """Returns a headline: the first words of a paragraph."""
        text = html.unescape(self.text(content=False))
        short = text[:14] if self.chinese else " ".join(text.split()[:7])
        return self.said(short, content=content)

    def phrase(self, english: str, chinese: str, *, content: bool = False) -> str:
        """Returns one of two wordings, by the language of the page."""
        return self.said(chinese if self.chinese else english, content=content)

    def links(self, count: int, markup: str = '<li><a href="/{0}">{1}</a></li>') -> str:
        """Returns the entries of a menu."""
        return "".join(markup.format(number, self._label()) for number in range(count))

    def teasers(self, count: int, markup: str) -> str:
        """Returns teasers: {0} is a headline, {1} the beginning of its text."""
        return "".join(markup.format(self.title(content=False), self.sentence()) for _ in range(count))

    def remarks(self, count: int, markup: str, *, content: bool) -> str:
        """Returns what readers wrote: {0} is a name, {1} some sentences."""
        return "".join(
            markup.format(self._label(), self.sentence(content=content, most=260)) for _ in range(count)
        )

    def _label(self) -> str:
        text = html.unescape(self.text(content=False))
        return html.escape(text[:4] if self.chinese else " ".join(text.split()[:2]))


def texts(root: Path) -> Iterator[tuple[bool, list[str]]]:
    """Yields whether they are Chinese, and the paragraphs of the two shared sets."""
    for name in ("xquad_en", "xquad_zh"):
        with (root / "retrieval" / name / "corpus.jsonl").open(encoding="utf-8") as lines:
            found = [str(json.loads(line)["text"]) for line in lines]
        yield name.endswith("zh"), [text for text in found if len(text) > _SHORT]
