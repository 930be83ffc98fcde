"""The text within a paragraph of a DOCX, and what is anchored in it: text boxes and notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from ingest.parse.docx.fields import Field, box_of_control, form_value, is_unanswered, link_of_code
from ingest.parse.docx.looks import Look, Looks, is_on
from ingest.parse.docx.math import linear
from ingest.parse.docx.names import m, mc, r, value, w
from ingest.parse.docx.symbols import symbol, translated
from ingest.parse.look.addresses import Addresses
from ingest.parse.look.formatting import LeftOut, lowered, raised
from ingest.parse.normalise import normalise_text

_LEFT_OUT = frozenset(
    {
        w("del"),  # tracked deletions, and text moved away
        w("moveFrom"),
        w("delText"),
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

    def before(self) -> str:
        """Returns the last piece that is not empty, for what is raised after it."""
        return next((piece for piece in reversed(self.pieces) if piece), "")


@dataclass(slots=True)
class InlineReader:
    """Reads the paragraphs of one document."""

    looks: Looks
    left_out: LeftOut
    addresses: Addresses = field(default_factory=Addresses)
    links: Mapping[str, str] = field(default_factory=dict)
    """The addresses of the part that is being read, by the id of their relation."""

    def read(self, paragraph: etree._Element, into: Inline | None = None) -> Inline:
        """Returns the content of a ``w:p``, added to what a paragraph before it left ``into``."""
        inline = Inline() if into is None else into
        style = value(paragraph, f"{w('pPr')}/{w('pStyle')}")
        _Walk(self, inline, style).children(paragraph)
        return inline


def visible_children(node: etree._Element) -> Iterator[etree._Element]:
    """Yields the child elements that a reader of the final text sees."""
    for child in node:
        if isinstance(child.tag, str) and child.tag not in _LEFT_OUT and not _is_gone(child):
            yield child


def _is_gone(node: etree._Element) -> bool:
    """Returns whether a row or cell was deleted or hidden, or a control still shows its prompt."""
    if node.tag == w("tr"):
        deleted = node.find(f"{w('trPr')}/{w('del')}") is not None
        return deleted or is_on(node.find(f"{w('trPr')}/{w('hidden')}"))
    if node.tag == w("tc"):
        return node.find(f"{w('tcPr')}/{w('cellDel')}") is not None
    return node.tag == w("sdt") and is_unanswered(node)


class _Walk:
    """One walk over the runs of a paragraph."""

    def __init__(self, reader: InlineReader, inline: Inline, style: str | None) -> None:
        self._reader = reader
        self._inline = inline
        self._style = style
        self._fields: list[Field] = []
        self._codes = 0
        """How many of these fields are still at their code."""
        self._look = Look()
        self._reason = ""
        """Why the run before was left out; runs that follow each other are one passage."""

    def children(self, node: etree._Element) -> None:
        """Adds what is below ``node``."""
        for child in visible_children(node):
            handler = _HANDLERS.get(child.tag)
            if handler is not None:
                handler(self, child)
            elif child.tag in _AS_TEXT:
                self.add(_AS_TEXT[child.tag])
            else:
                self.children(child)

    def add(self, text: str) -> None:
        """Adds text of the current look, unless it is in the code of a field."""
        if not text or self._codes:
            return
        reason = "struck" if self._look.struck else "hidden" if self._look.hidden else ""
        if reason:
            self._leave_out(reason, text)
            return
        if text.strip():
            self._reason = ""
        if self._look.position == "superscript":
            text = raised(self._inline.before(), text)
        elif self._look.position == "subscript":
            text = lowered(self._inline.before(), text)
        self._inline.pieces.append(text)

    def _leave_out(self, reason: str, text: str) -> None:
        if text.strip() and reason != self._reason:
            self._reason = reason
            if reason == "struck":
                self._reader.left_out.struck += 1
            else:
                self._reader.left_out.hidden += 1

    def run(self, node: etree._Element) -> None:
        """Adds a ``w:r``, or passes it over for its look; marks of fields and notes in it count all the same."""
        before = self._look
        self._look = self._reader.looks.look(node, self._style)
        self.children(node)
        self._look = before

    def text(self, node: etree._Element) -> None:
        self.add(translated(self._look.font, node.text or ""))

    def sym(self, node: etree._Element) -> None:
        code = node.get(w("char"), "")
        if len(code) <= 4 and all(digit in "0123456789abcdefABCDEF" for digit in code) and code:
            self.add(symbol((node.get(w("font")) or "").lower(), int(code, 16)))

    def box(self, node: etree._Element) -> None:
        if not self._look.hidden:
            self._inline.boxes.append(node)

    def note(self, node: etree._Element) -> None:
        if not (self._look.struck or self._look.hidden):
            kind = "footnote" if node.tag == w("footnoteReference") else "endnote"
            self._inline.notes.append((kind, node.get(w("id"), "")))

    def ruby(self, node: etree._Element) -> None:
        """Adds the base text, then its reading in brackets, as Japanese is written without ruby."""
        base, reading = node.find(w("rubyBase")), node.find(w("rt"))
        if base is not None:
            self.children(base)
        if reading is not None:
            self.add("(")
            self.children(reading)
            self.add(")")

    def formula(self, node: etree._Element) -> None:
        self.add(f" {linear(node)} ")

    def control(self, node: etree._Element) -> None:
        """Adds the content of a control; a check box by its state, whatever sign its author chose for it."""
        if box := box_of_control(node):
            self.add(box)
        else:
            self.children(node)

    def link(self, node: etree._Element) -> None:
        """Adds the text of a link and the address behind it; none for a place within the document."""
        start = len(self._inline.pieces)
        self.children(node)
        target = self._reader.links.get(node.get(r("id"), ""), "")
        place = node.get(w("anchor"))
        self._address(start, f"{target}#{place}" if target and place and "#" not in target else target)

    def _address(self, start: int, target: str) -> None:
        if not target:
            return
        text = "".join(self._inline.pieces[start:])
        if address := self._reader.addresses.after(text, target):
            self._inline.pieces.append(f"{address.lstrip()} " if text.endswith(" ") else address)

    def simple_field(self, node: etree._Element) -> None:
        """Adds the result of a field whose code is an attribute."""
        start = len(self._inline.pieces)
        self.children(node)
        self._address(start, link_of_code(node.get(w("instr"), "")))

    def field_mark(self, node: etree._Element) -> None:
        """Follows the beginning, the middle or the end of a field, and adds the state of a box or list."""
        kind = node.get(w("fldCharType"))
        if kind == "begin":
            self.add(form_value(node))
            self._fields.append(Field())
            self._codes += 1
        elif kind == "separate" and self._fields and not self._fields[-1].in_result:
            self._fields[-1].in_result = True
            self._fields[-1].start = len(self._inline.pieces)
            self._codes -= 1
        elif kind == "end" and self._fields:
            ended = self._fields.pop()
            if ended.in_result:
                self._address(ended.start, link_of_code(ended.code))
            else:
                self._codes -= 1

    def code(self, node: etree._Element) -> None:
        if self._fields and not self._fields[-1].in_result:
            self._fields[-1].add_code(node.text or "")


_HANDLERS: dict[str, Callable[[_Walk, etree._Element], None]] = {
    w("r"): _Walk.run,
    w("t"): _Walk.text,
    w("sym"): _Walk.sym,
    w("txbxContent"): _Walk.box,
    w("footnoteReference"): _Walk.note,
    w("endnoteReference"): _Walk.note,
    w("ruby"): _Walk.ruby,
    m("oMath"): _Walk.formula,
    w("sdt"): _Walk.control,
    w("hyperlink"): _Walk.link,
    w("fldSimple"): _Walk.simple_field,
    w("fldChar"): _Walk.field_mark,
    w("instrText"): _Walk.code,
}
