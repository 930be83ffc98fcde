"""The text within a paragraph of Markdown: its lines, without what is struck out, with the addresses of its links."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lxml.html import defs
from markdown_it.token import Token

from ingest.parse.look.addresses import Addresses
from ingest.parse.look.formatting import EMPTY, TICKED, LeftOut, lowered, raised
from ingest.parse.normalise import normalise_text, squeeze
from ingest.parse.text import Line

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_HREF = re.compile(r"href\s*+=\s*+[\"']([^\"']++)[\"']", re.IGNORECASE)
_STRUCK_TAGS = frozenset({"s", "strike", "del"})
_STRUCK_STYLE = re.compile(r"style\s*+=[^>]*?line-through", re.IGNORECASE)
_WIKI_LINK = re.compile(r"(!?)\[\[([^\[\]|\n]{1,200})(?:\|([^\[\]\n]{1,200}))?\]\]")
_TASK = re.compile(r"\[([ xX])\][ \t]")


@dataclass(slots=True)
class InlineText:
    """Reads inline tokens of one document."""

    left_out: LeftOut = field(default_factory=LeftOut)
    addresses: Addresses = field(default_factory=Addresses)

    def lines(self, tokens: Sequence[Token], first: int, *, in_item: bool) -> list[tuple[Line, bool]]:
        """Returns the lines that hold text, from line ``first`` on, and whether the author broke each on purpose.

        ``in_item``: they begin a list item, where ``[x]`` is a box.
        """
        walk = _Walk(self, first)
        for token in tokens:
            walk.add(token)
        walk.finish(broken=False)
        if in_item and walk.found and (box := _TASK.match(walk.found[0][0].text + " ")):
            line, broken = walk.found[0]
            state = EMPTY if box[1] == " " else TICKED
            walk.found[0] = Line(line.number, f"{state} {line.text[box.end() :]}".rstrip()), broken
        return walk.found


@dataclass(slots=True)
class _Walk:
    """One walk over the tokens of a paragraph."""

    reader: InlineText
    number: int
    found: list[tuple[Line, bool]] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    """The names of what is open and strikes out: ``~~`` or a tag."""
    links: list[tuple[int, str]] = field(default_factory=list)
    """The open links: the pieces before each, and its address."""
    scripts: list[int] = field(default_factory=list)
    """The pieces before each open ``<sup>`` or ``<sub>``."""

    def finish(self, *, broken: bool) -> None:
        """Ends a line."""
        text = squeeze(normalise_text("".join(self.pieces)))
        self.pieces.clear()
        self.links = [(0, address) for _, address in self.links]
        self.scripts = [0 for _ in self.scripts]
        if text:
            self.found.append((Line(self.number, text), broken))

    def add(self, token: Token) -> None:
        """Adds one token."""
        handler = _HANDLERS.get(token.type)
        if handler is not None:
            handler(self, token)
        elif token.type.startswith("math_inline"):
            self.write(f"{token.markup}{token.content}{token.markup}")

    def write(self, text: str) -> None:
        if not self.struck:
            self.pieces.append(text)

    def text(self, token: Token) -> None:
        self.write(_WIKI_LINK.sub(_wiki_link, token.content) if "[[" in token.content else token.content)

    def verbatim(self, token: Token) -> None:
        self.write(token.content)

    def line_break(self, token: Token) -> None:
        self.finish(broken=token.type == "hardbreak")
        self.number += 1

    def strike(self, token: Token) -> None:
        self._strike("~~", opens=token.type == "s_open")

    def _strike(self, name: str, *, opens: bool) -> None:
        if opens:
            self.reader.left_out.struck += not self.struck
            self.struck.append(name)
        elif name in self.struck:
            del self.struck[len(self.struck) - 1 - self.struck[::-1].index(name) :]

    def open_link(self, token: Token) -> None:
        self.links.append((len(self.pieces), str(token.attrGet("href") or "")))

    def close_link(self, _: Token) -> None:
        if self.links:
            start, address = self.links.pop()
            self.write(self.reader.addresses.after("".join(self.pieces[start:]), address))

    def tag(self, token: Token) -> None:
        """Follows HTML within the line: what strikes out, raises, links; ``<br>``; words that only look like a tag."""
        found = _TAG.match(token.content)
        if found is None:
            return
        closes, name = bool(found[1]), found[2].lower()
        if name not in defs.tags:  # <your-name> and <unk> are what authors mean as text
            self.write(token.content)
        elif name == "br":
            self.finish(broken=True)
        elif name in _STRUCK_TAGS or (name == "span" and _STRUCK_STYLE.search(token.content)):
            self._strike(name, opens=not closes)
        elif closes and name in self.struck:
            self._strike(name, opens=False)
        elif name in ("sup", "sub"):
            self._script(name, closes=closes)
        elif name == "a":
            address = _HREF.search(token.content)
            if closes:
                self.close_link(token)
            else:
                self.links.append((len(self.pieces), address[1] if address else ""))
        elif name == "input" and "checkbox" in token.content.lower():
            self.write(f"{TICKED if 'checked' in token.content.lower().split() else EMPTY} ")

    def _script(self, name: str, *, closes: bool) -> None:
        if not closes:
            self.scripts.append(len(self.pieces))
        elif self.scripts:
            start = self.scripts.pop()
            before = next((piece for piece in reversed(self.pieces[:start]) if piece), "")
            inside = "".join(self.pieces[start:])
            self.pieces[start:] = [raised(before, inside) if name == "sup" else lowered(before, inside)]


def _wiki_link(found: re.Match[str]) -> str:
    """Returns ``[[target|label]]`` as a label with its target in brackets; a picture or a page by its name."""
    label, target = found[3], found[2].strip()
    return f"{label.strip()} ({target})" if label and label.strip() != target else target


_HANDLERS: dict[str, Callable[[_Walk, Token], None]] = {
    "text": _Walk.text,
    "text_special": _Walk.verbatim,
    "code_inline": _Walk.verbatim,
    "image": _Walk.verbatim,
    "softbreak": _Walk.line_break,
    "hardbreak": _Walk.line_break,
    "s_open": _Walk.strike,
    "s_close": _Walk.strike,
    "link_open": _Walk.open_link,
    "link_close": _Walk.close_link,
    "html_inline": _Walk.tag,
}
