"""What the style sheets in a page hide and strike out, as far as a class, an id or a name decides it alone.

This is no CSS engine. Selectors with more than one element, states and media queries are passed over, since what they
say holds in some cases only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

_HIDES = re.compile(
    r"(?:^|[;{\s])(?:display\s*+:\s*+none|visibility\s*+:\s*+(?:hidden|collapse))", re.IGNORECASE
)
_SHOWS = re.compile(r"(?:^|[;{\s])(?:display|visibility)\s*+:", re.IGNORECASE)
_STRIKES = re.compile(r"text-decoration(?:-line)?\s*+:[^;:]*?line-through", re.IGNORECASE)
_SIMPLE = re.compile(r"([A-Za-z][\w-]*)?([.#])([\w-]+)|([A-Za-z][\w-]*)")
_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*+\*/")
_PART = re.compile(r"[{}]")
_LONGEST = 2 * 2**20
"""Characters of style sheets that are looked at."""
_STRUCK_CLASSES = frozenset(
    {"line-through", "strike", "strikethrough", "struck", "text-strike", "text-decoration-line-through"}
)
"""What common kits call it, for pages saved without their style sheets."""
STRUCK_NAMES = frozenset({"s", "strike", "del"})


def inline_hides(style: str) -> bool:
    """Returns whether a ``style`` attribute hides its element."""
    return bool(style) and _HIDES.search(style) is not None


@dataclass(slots=True)
class Rules:
    """The selectors of one page, as ``.class``, ``#id``, ``name.class`` or ``name``."""

    hidden: set[str] = field(default_factory=set)
    struck: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, root: etree._Element) -> Rules:
        """Returns what the ``style`` elements of a page say; of two rules for one selector the later holds."""
        rules = cls()
        sheets = [
            str(node.text or "")
            for node in root.iter("style")
            if (node.get("media") or "").strip() != "print"
        ]
        for selectors, declarations in _top_level("\n".join(sheets)[:_LONGEST]):
            for selector in selectors.split(","):
                found = _SIMPLE.fullmatch(selector.strip())
                if found is None:
                    continue
                name = f"{(found[1] or found[4] or '').lower()}{found[2] or ''}{found[3] or ''}"
                if _HIDES.search(declarations):
                    rules.hidden.add(name)
                elif _SHOWS.search(declarations):
                    rules.hidden.discard(name)
                if _STRIKES.search(declarations):
                    rules.struck.add(name)
        return rules

    def hides(self, node: etree._Element) -> bool:
        """Returns whether a style sheet hides the element."""
        return bool(self.hidden) and not self.hidden.isdisjoint(_names(node))

    def strikes(self, node: etree._Element) -> bool:
        """Returns whether the element is struck out, by its name, style, class or a style sheet."""
        if node.tag in STRUCK_NAMES:
            return True
        if _STRIKES.search(node.get("style", "")) or not _STRUCK_CLASSES.isdisjoint(
            node.get("class", "").split()
        ):
            return True
        return bool(self.struck) and not self.struck.isdisjoint(_names(node))


def _names(node: etree._Element) -> Iterable[str]:
    tag = str(node.tag)
    yield tag
    for each in node.get("class", "").split():
        yield f".{each}"
        yield f"{tag}.{each}"
    if identity := node.get("id"):
        yield f"#{identity}"
        yield f"{tag}#{identity}"


def _top_level(sheet: str) -> Iterable[tuple[str, str]]:
    """Yields (selectors, declarations) of the rules that no ``@media`` or other block is around."""
    sheet = _COMMENT.sub(" ", sheet)
    depth = 0
    start = 0
    selectors = ""
    for brace in _PART.finditer(sheet):
        if brace[0] == "{":
            if depth == 0:
                selectors = sheet[start : brace.start()].rpartition(";")[2].strip()
            depth += 1
        else:
            depth = max(0, depth - 1)
            if depth == 0 and not selectors.startswith("@"):
                yield selectors, sheet[start : brace.start()]
        start = brace.end()
