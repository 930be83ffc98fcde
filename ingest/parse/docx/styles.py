"""What the styles of a DOCX say about a paragraph: a heading, a list item, and how deep."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree

from ingest.parse.docx.names import value, w
from ingest.parse.docx.numbering import LEVELS, Numbering
from kb.types import BlockKind

T = TypeVar("T")

_NO_LIST = "0"
_BODY_TEXT_LEVEL = 9
"""``w:outlineLvl`` counts headings from 0; 9 says that the paragraph is none."""
_HEADING_NAME = re.compile(r"heading (\d)$")
_LIST_NAME = re.compile(r"list (?:bullet|number) (\d)$")
_LONGEST_HEADING = 300
"""Characters; whole paragraphs with an outline level are a slip of their author."""

_MAX_STYLE_DEPTH = 20
"""Styles inherit from each other; a damaged file may do so in a circle."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a paragraph is."""

    kind: BlockKind
    level: int = 0
    label: str = ""
    """The number that Word shows before it, such as ``4.2``."""
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class _Style:
    id: str
    name: str
    based_on: str | None
    outline: int | None
    number_id: str | None
    """The list it belongs to; None where the style says nothing, "0" where it takes the list away."""
    list_level: int | None
    """0-based, within that list."""
    indent: int
    """List Bullet 3 is a list of its own, indented by its style: two levels."""


class Styles:
    """The paragraph styles of one document and the lists they belong to."""

    def __init__(self, root: etree._Element | None, numbering: Numbering) -> None:
        nodes = [] if root is None else root.findall(w("style"))
        self._styles = {node.get(w("styleId"), ""): _read(node) for node in nodes}
        self._numbering = numbering

    def role(self, properties: etree._Element | None, text: str) -> Role:
        """Returns the role of a paragraph with these ``w:pPr`` and this text.

        Counts its list on: ask once for each paragraph, in document order, empty ones included.
        """
        chain = self._chain(value(properties, w("pStyle")))
        number_id = _first([_number_id(properties), *(style.number_id for style in chain)])
        level, label = 0, ""
        if in_list := number_id not in (None, _NO_LIST):
            level = self._list_level(properties, chain, number_id or "")
            label = self._numbering.label(number_id or "", level)
        if chain and chain[0].name == "title":
            return Role(BlockKind.HEADING, 1, label, is_title=True)
        outline = _first([_outline(properties), *(style.outline for style in chain)])
        if outline is not None and outline < _BODY_TEXT_LEVEL and len(text) <= _LONGEST_HEADING:
            return Role(BlockKind.HEADING, outline + 1, label)
        if in_list:
            indent = next((style.indent for style in chain if style.indent), 0)
            return Role(BlockKind.LIST_ITEM, level + indent + 1, label)
        return Role(BlockKind.PARAGRAPH)

    def _list_level(self, properties: etree._Element | None, chain: list[_Style], number_id: str) -> int:
        """Returns the paragraph's own level, else the one its style is tied to, else its style's; 0-based."""
        tied = self._numbering.level(number_id, [style.id for style in chain])
        found = [_list_level(properties), tied, *(style.list_level for style in chain)]
        return min(_first(found) or 0, LEVELS - 1)

    def _chain(self, style_id: str | None) -> list[_Style]:
        """Returns the style and those it inherits from, nearest first."""
        chain: list[_Style] = []
        while style_id in self._styles and len(chain) < _MAX_STYLE_DEPTH:
            chain.append(self._styles[style_id])
            style_id = chain[-1].based_on
        return chain


def _read(node: etree._Element) -> _Style:
    # Built-in styles keep their English names in every language of Word; only their ids are translated.
    name = (value(node, w("name")) or "").lower()
    properties = node.find(w("pPr"))
    outline = _outline(properties)
    if outline is None and (found := _HEADING_NAME.match(name)):
        outline = int(found[1]) - 1
    listed = _LIST_NAME.match(name)
    return _Style(
        id=node.get(w("styleId"), ""),
        name=name,
        based_on=value(node, w("basedOn")),
        outline=outline,
        number_id=_number_id(properties),
        list_level=_list_level(properties),
        indent=int(listed[1]) - 1 if listed else 0,
    )


def _outline(properties: etree._Element | None) -> int | None:
    return _number(value(properties, w("outlineLvl")))


def _number_id(properties: etree._Element | None) -> str | None:
    return value(properties, f"{w('numPr')}/{w('numId')}")


def _list_level(properties: etree._Element | None) -> int | None:
    return _number(value(properties, f"{w('numPr')}/{w('ilvl')}"))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _first(candidates: list[T | None]) -> T | None:
    return next((one for one in candidates if one is not None), None)
