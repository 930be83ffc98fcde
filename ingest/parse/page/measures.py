"""How much text each element of a page holds, how much of it is linked, and how much is prose."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lxml import etree

from ingest.parse.page.tree import name_of

INLINE = frozenset(
    {
        *(
            "a",
            "abbr",
            "acronym",
            "b",
            "bdi",
            "bdo",
            "big",
            "cite",
            "code",
            "data",
            "del",
            "dfn",
            "em",
            "font",
            "i",
        ),
        *(
            "ins",
            "kbd",
            "label",
            "mark",
            "nobr",
            "q",
            "s",
            "samp",
            "small",
            "span",
            "strong",
            "sub",
            "sup",
            "time",
        ),
        *("tt", "u", "var", "wbr", "br", "img", "ruby", "rt", "rp", "math"),
    }
)
_NO_TEXT = frozenset(
    {"script", "style", "template", "noscript", "head", "svg", "iframe", "object", "button", "select"}
)
_PROSE = 100
"""Bytes of a block from which on it is prose: a sentence. Bytes, since a Chinese character says what three letters
do, and takes three."""


@dataclass(slots=True)
class Measure:
    """Bytes of text below one element."""

    size: int = 0
    linked: int = 0
    prose: int = 0
    loose: int = 0
    """Of text that no block below is around; ``loose_linked`` of it in links."""
    loose_linked: int = 0

    @property
    def link_share(self) -> float:
        """The share of its text that is linked; 0 without text."""
        return self.linked / self.size if self.size else 0.0


def measure(
    root: etree._Element, passed_over: Collection[etree._Element] = ()
) -> dict[etree._Element, Measure]:
    """Returns the measure of each element; those ``passed_over`` count as empty."""
    found: dict[etree._Element, Measure] = {}
    for _, node in etree.iterwalk(root, events=("end",)):
        if isinstance(node.tag, str):
            found[node] = _of(node, found, passed_over)
    return found


def _of(
    node: etree._Element, found: dict[etree._Element, Measure], passed_over: Collection[etree._Element]
) -> Measure:
    name = name_of(node)
    own = Measure()
    if name in _NO_TEXT or node in passed_over:
        return own
    own.loose = _bytes(node.text)
    for child in node:
        below = found.get(child)
        if below is not None:
            own.size += below.size - below.loose
            own.linked += below.linked - below.loose_linked
            own.prose += below.prose
            own.loose += below.loose
            own.loose_linked += below.loose_linked
        own.loose += _bytes(child.tail)
    if name == "a" and node.get("href", "#")[:1] != "#":  # a place on the page leads nowhere else
        own.linked, own.loose_linked, own.prose = own.size, own.loose, 0
    own.size += own.loose
    own.linked += own.loose_linked
    if name not in INLINE:
        if own.loose >= _PROSE and own.loose_linked * 2 < own.loose:
            own.prose += own.loose
        own.loose = own.loose_linked = 0
    return own


def _bytes(text: str | None) -> int:
    return len(" ".join(text.split()).encode("utf-8", "replace")) if text else 0
