"""Which footnote of an answer is which: numbered by appearance, and how a run of one source becomes one.

The sentences of an answer are known by their places in its Markdown, and its elements know no places any more. So the
ends of each checked sentence are written into the text, as private characters that we take out of a model's own text
first, and found again among the tokens.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from markdown_it.token import Token

from kb.types import CheckedSentence, Support

PRIVATE = re.compile("[\ue000-\ue01f]")
"""What a model may not write: our own characters."""
_BEGIN, _END, _DIGITS = "\ue000", "\ue001", 0xE010
_BOUNDARY = re.compile("([\ue000\ue001])([\ue010-\ue019]{1,6})")
_PART = re.compile(r"\[(\d{1,3})\]|" + _BOUNDARY.pattern)
_BEFORE_WORDS = re.compile(r"[ \t>#*_~+|-]*(?:\d{1,9}[.)](?:[ \t]+|\Z))?[*_~]*")
"""What may stand before the words of a sentence and has to begin its line, so that it stays Markdown."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A footnote in the text of an answer."""

    element: str
    """Its id on the page."""
    number: int
    """As it is shown: 1 for the source that is named first."""
    source: int
    """The passage that the answer calls ``[n]``."""
    checks: tuple[int, ...]
    """Which of the checked sentences it stands for; empty where none is known."""


@dataclass(slots=True)
class Marking:
    """What is known of an answer while its tokens are read, from the first to the last."""

    turn: str
    sources: frozenset[int]
    checks: Sequence[CheckedSentence] = ()
    numbers: dict[int, int] = field(default_factory=dict)
    """Passage -> its number as shown, in the order of their appearance."""
    marks: list[Mark] = field(default_factory=list)
    sentence: int | None = None
    """The checked sentence whose words come next; None between them."""

    def number(self, source: int) -> int:
        return self.numbers.setdefault(source, len(self.numbers) + 1)

    @property
    def doubtful(self) -> CheckedSentence | None:
        """The sentence whose words come next, where its passages do not support all of it."""
        check = None if self.sentence is None else self.checks[self.sentence]
        return check if check is not None and check.support is not Support.SUPPORTED else None


def bounded(text: str, checks: Sequence[CheckedSentence]) -> str:
    """Returns ``text`` with the ends of its checked sentences written into it."""
    for index in range(len(checks) - 1, -1, -1):  # from the end, so that the places before stay right
        check = checks[index]
        number = "".join(chr(_DIGITS + int(digit)) for digit in str(index))
        words = _BEFORE_WORDS.match(text, check.start, check.end)
        start = words.end() if words else check.start
        if start >= check.end:  # the number of an item, and nothing else
            continue
        text = f"{text[:start]}{_BEGIN}{number}{text[start : check.end]}{_END}{number}{text[check.end :]}"
    return text


def without_bounds(text: str) -> str:
    """Returns ``text``, code or the target of a link, as it was written."""
    return _BOUNDARY.sub("", text)


def split(tokens: Sequence[Token], marking: Marking) -> list[Token]:
    """Returns the tokens of one block with footnotes and doubts as tokens of their own."""
    parts: list[Token] = []
    for token in tokens:
        if token.type == "text":
            parts += _parts(token.content, marking)
            continue
        token.content = without_bounds(token.content)
        token.attrs = {
            name: without_bounds(value) if isinstance(value, str) else value
            for name, value in token.attrs.items()
        }
        parts.append(token)
    return _merged(parts, marking)


def _parts(text: str, marking: Marking) -> list[Token]:
    parts: list[Token] = []
    end = 0
    for found in _PART.finditer(text):
        if found[1] and int(found[1]) not in marking.sources:
            continue
        parts += _words(text[end : found.start()], marking)
        end = found.end()
        if found[1]:
            source = int(found[1])
            marking.number(source)
            checks = () if marking.sentence is None else (marking.sentence,)
            parts.append(Token("footnote", "", 0, meta={"source": source, "checks": checks}))
        else:
            parts += _boundary(found[2] == _BEGIN, _index(found[3]), marking)
    return [*parts, *_words(text[end:], marking)]


def _index(written: str) -> int:
    return int("".join(str(ord(digit) - _DIGITS) for digit in written))


def _words(text: str, marking: Marking) -> list[Token]:
    if not text:
        return []
    return [Token("doubted" if marking.doubtful and text.strip() else "text", "", 0, content=text)]


def _boundary(begins: bool, index: int, marking: Marking) -> list[Token]:
    """Returns what stands at the end of a sentence that is in doubt; nothing at its beginning, or after another."""
    if begins:
        marking.sentence = index
        return []
    marking.sentence = index
    doubt = [Token("doubt", "", 0, meta={"check": index})] if marking.doubtful else []
    marking.sentence = None
    return doubt


def _merged(parts: Sequence[Token], marking: Marking) -> list[Token]:
    """Returns the tokens with one footnote for supported sentences in a row that name the same sources.

    It stands behind the last one. Whatever is said between two of them without a source keeps them apart.
    """
    groups = _groups(parts, marking.checks)
    gone: set[int] = set()
    for earlier, later in pairwise(groups):
        if earlier.sources == later.sources and earlier.last is not None and later.follows(earlier.last):
            gone.update(earlier.places)
            later.checks = (*earlier.checks, *later.checks)
    kept = [part for place, part in enumerate(parts) if place not in gone]
    for group in groups:
        if gone.isdisjoint(group.places):
            _number(group, parts, marking)
    return _without_blanks_before(kept, parts, gone)


@dataclass(slots=True)
class _Group:
    """Footnotes that stand side by side."""

    places: list[int]
    sources: frozenset[int]
    checks: tuple[int, ...]
    supported: bool

    @property
    def last(self) -> int | None:
        """The sentence it stands behind, where that is supported."""
        return self.checks[-1] if self.checks and self.supported else None

    def follows(self, sentence: int) -> bool:
        return self.supported and bool(self.checks) and self.checks[0] == sentence + 1


def _groups(parts: Sequence[Token], checks: Sequence[CheckedSentence]) -> list[_Group]:
    groups: list[list[int]] = []
    near = False
    for place, part in enumerate(parts):
        if part.type == "footnote":
            groups = [*groups[:-1], [*groups[-1], place]] if near else [*groups, [place]]
            near = True
        elif part.content.strip() or part.type not in ("text", "doubted"):
            near = False
    made = []
    for places in groups:
        own = tuple(dict.fromkeys(check for place in places for check in parts[place].meta["checks"]))
        supported = bool(own) and all(checks[check].support is Support.SUPPORTED for check in own)
        made.append(
            _Group(places, frozenset(parts[place].meta["source"] for place in places), own, supported)
        )
    return made


def _number(group: _Group, parts: Sequence[Token], marking: Marking) -> None:
    """Gives the footnotes of a group their numbers, the lowest first, and each of them once."""
    ordered = sorted(group.sources, key=marking.number)
    for place, source in zip(group.places, ordered, strict=False):
        mark = Mark(f"{marking.turn}-f{len(marking.marks) + 1}", marking.number(source), source, group.checks)
        marking.marks.append(mark)
        parts[place].meta = {"mark": mark}


def _without_blanks_before(
    kept: Sequence[Token], parts: Sequence[Token], gone: Collection[int]
) -> list[Token]:
    """Returns ``kept`` without the blank before a footnote that went, and without one that is there twice."""
    bare = {id(parts[place - 1]) for place in gone if place and parts[place - 1].type in ("text", "doubted")}
    shown = []
    for token in kept:
        if token.type == "footnote" and "mark" not in token.meta:
            continue
        if id(token) in bare:
            token.content = token.content.rstrip(" ")
        shown.append(token)
    return shown


def footnote_link(mark: Mark, label: str) -> str:
    """Returns the element of a footnote; ``label`` says aloud what it is, with ``{n}`` for its number."""
    return (
        f' <a class="fn" id="{mark.element}" href="#{mark.element}" data-mark="{mark.element}" '
        f'aria-label="{escape(label.format(n=mark.number))}">{mark.number}</a>'
    )
