"""The text within a paragraph of a DOCX, and what is anchored in it: text boxes and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from ingest.parse.docx.math import linear
from ingest.parse.docx.names import m, mc, w
from ingest.parse.normalise import normalise_text

_LEFT_OUT = frozenset(
    {
        w("del"),  # tracked deletions, and text moved away
        w("moveFrom"),
        w("delText"),
        w("instrText"),  # the code of a field; its result is ordinary text
        w("delInstrText"),
        w("pPr"),
        w("rPr"),
        w("sdtPr"),
        w("tblPr"),
        mc("Fallback"),  # the copy of a shape for programs older than Word 2010
    }
)
_AS_TEXT = {
    w("tab"): " ",
    w("ptab"): " ",
    w("br"): "\n",
    w("cr"): "\n",
    w("noBreakHyphen"): "-",
}
_SPACES = re.compile(r"(?<! ) *+\n[ \n]*+")
_BLANKS = re.compile(r"[ \t]+")


@dataclass(slots=True)
class Inline:
    """What a paragraph holds."""

    pieces: list[str] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    """``w:txbxContent`` elements: text boxes anchored in the paragraph."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """(``footnote`` or ``endnote``, id) in the order of their marks."""

    @property
    def text(self) -> str:
        """The words, white space tidied, with the author's line breaks."""
        text = _BLANKS.sub(" ", normalise_text("".join(self.pieces)))
        return _SPACES.sub("\n", text).strip()


def read_inline(paragraph: etree._Element) -> Inline:
    """Returns the content of a ``w:p``."""
    inline = Inline()
    _walk(paragraph, inline)
    return inline


def visible_children(node: etree._Element) -> Iterator[etree._Element]:
    """Yields the child elements that a reader of the final text sees."""
    for child in node:
        if isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
            yield child


def _walk(node: etree._Element, inline: Inline) -> None:
    for child in visible_children(node):
        tag = child.tag
        if tag == w("t"):
            inline.pieces.append(child.text or "")
        elif tag in _AS_TEXT:
            inline.pieces.append(_AS_TEXT[tag])
        elif tag == w("sym"):
            inline.pieces.append(_symbol(child))
        elif tag == w("txbxContent"):
            inline.boxes.append(child)
        elif tag in (w("footnoteReference"), w("endnoteReference")):
            kind = "footnote" if tag == w("footnoteReference") else "endnote"
            inline.notes.append((kind, child.get(w("id"), "")))
        elif tag == w("ruby"):
            _walk_ruby(child, inline)
        elif tag == m("oMath"):
            inline.pieces.append(f" {linear(child)} ")
        else:
            _walk(child, inline)


def _walk_ruby(ruby: etree._Element, inline: Inline) -> None:
    """Adds the base text, then its reading in brackets, as Japanese is written without ruby."""
    base, reading = ruby.find(w("rubyBase")), ruby.find(w("rt"))
    if base is not None:
        _walk(base, inline)
    if reading is not None:
        inline.pieces.append("(")
        _walk(reading, inline)
        inline.pieces.append(")")


def _symbol(node: etree._Element) -> str:
    """Returns a character of a symbol font: the few that carry meaning, by the code Word gives them."""
    try:
        code = int(node.get(w("char"), ""), 16)
    except ValueError:
        return ""
    font = (node.get(w("font")) or "").lower()
    if code < 0xF000:
        return chr(code)
    return _WINGDINGS.get(code - 0xF000, "") if font == "wingdings" else ""


_WINGDINGS = {0x6F: "☐", 0xA8: "☐", 0xFE: "☒", 0xFD: "☒", 0xFC: "✓", 0xFB: "✗", 0xE0: "→", 0xE8: "→"}
