"""Word documents -> blocks in reading order.

Read from the XML itself: python-docx leaves out text boxes, notes, content controls and nested
tables, and inflates every part of the file, pictures included, without limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from lxml import etree

from ingest.parse.docx.inline import Inline, InlineReader, visible_children
from ingest.parse.docx.looks import Looks
from ingest.parse.docx.names import r, w
from ingest.parse.docx.numbering import Numbering
from ingest.parse.docx.package import Package, open_package
from ingest.parse.docx.styles import Styles
from ingest.parse.docx.tables import columns_of_cell, is_header_row, is_merged_upwards, skipped_columns
from ingest.parse.grid import text_in_cell
from ingest.parse.look.formatting import LeftOut
from ingest.parse.normalise import normalise_text, squeeze
from ingest.parse.table_header import header_rows
from kb.errors import BadInput
from kb.text.tables import row_line
from kb.types import Block, BlockKind, ParagraphPlace, ParsedDocument, Span

_CORE = "docProps/core.xml"
_METADATA = {
    "title": "{http://purl.org/dc/elements/1.1/}title",
    "author": "{http://purl.org/dc/elements/1.1/}creator",
    "created": "{http://purl.org/dc/terms/}created",
}
_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})
"""Entries of the notes part that are lines between text and notes, and no notes."""


def parse_docx(path: Path, name: str) -> ParsedDocument:
    """Returns the paragraphs, lists, tables, text boxes, notes, headers and footers of a Word document.

    Tracked insertions are in; deletions, comments, struck-out and hidden text are not. ``ParagraphPlace`` counts the
    paragraphs of the body that hold text, those in tables and text boxes included.

    Raises:
        BadInput: the file is damaged, too large, or refused for its safety; the message says which.
    """
    with open_package(path, name) as package:
        return _Reader(package, name).document()


class _Reader:
    """Walks one document; counts paragraphs as it goes."""

    def __init__(self, package: Package, name: str) -> None:
        main = next(
            (one.target for one in package.relations("") if one.kind == "officeDocument"), "word/document.xml"
        )
        root = package.xml(main)
        body = None if root is None else root.find(w("body"))
        if root is None or body is None:
            raise package.damaged("it has no body text (word/document.xml)")
        self._name = name
        self._package = package
        self._body = body
        self._relations = package.relations(main)
        styles = self._part("styles")
        self._styles = Styles(styles, Numbering(self._part("numbering")))
        looks = Looks(styles, painted_page=root.find(w("background")) is not None)
        self._inline = InlineReader(looks, LeftOut(), links=package.links(main))
        self._notes = {kind: self._read_notes(kind) for kind in ("footnote", "endnote")}
        self._paragraphs = 0
        self._title: str | None = None

    def document(self) -> ParsedDocument:
        """Returns headers, body, footers."""
        blocks = list(self._blocks(self._body))
        headers, footers = self._margins("header"), self._margins("footer")
        pictures = sum(relation.kind == "image" for relation in self._relations)
        if pictures and not blocks and not headers and not footers:
            raise BadInput(
                f"{self._name} holds no text, only {pictures} picture(s). Recognise the text first (OCR), "
                "for example with OCRmyPDF, and add the result."
            )
        metadata = self._metadata()
        return ParsedDocument(
            blocks=(*headers, *blocks, *footers),
            title=self._title or metadata.get("title"),
            metadata=metadata,
            warnings=tuple(self._warnings()),
        )

    def _part(self, kind: str) -> etree._Element | None:
        """Returns the part that the document points to as ``kind``; None where it has none."""
        target = next((relation.target for relation in self._relations if relation.kind == kind), None)
        return None if target is None else self._package.xml(target)

    def _read_notes(self, kind: str) -> dict[str, etree._Element]:
        part = self._part(f"{kind}s")
        nodes = [] if part is None else part.findall(w(kind))
        return {node.get(w("id"), ""): node for node in nodes if node.get(w("type")) not in _SEPARATORS}

    def _blocks(self, container: etree._Element) -> Iterator[Block]:
        """Yields the blocks of a body, cell, text box or note, content controls opened."""
        pending: Inline | None = None
        for child in visible_children(container):
            if child.tag == w("p"):
                inline = self._inline.read(child, pending)
                pending = inline if _goes_on(child) else None
                if pending is None:
                    yield from self._paragraph(child, inline)
            elif child.tag == w("tbl"):
                yield from self._table(child)
            else:
                yield from self._blocks(child)
        if pending is not None:
            yield from self._paragraph(container, pending)

    def _paragraph(self, node: etree._Element, inline: Inline) -> Iterator[Block]:
        """Yields the paragraph, then the text boxes and notes that are anchored in it."""
        role = self._styles.role(node.find(w("pPr")), inline.text)
        if text := inline.text:
            self._paragraphs += 1
            if role.kind is BlockKind.HEADING:
                text = squeeze(text)
            if role.is_title:
                self._title = self._title or text
            text = f"{role.label} {text}" if role.label else text
            yield Block(
                role.kind, text, (Span(0, len(text), ParagraphPlace.at(self._paragraphs)),), role.level
            )
        for box in inline.boxes:
            yield from self._blocks(box)
        for kind, note_id in inline.notes:
            yield from self._note(kind, note_id)

    def _note(self, kind: str, note_id: str) -> Iterator[Block]:
        """Yields the note at its first mark; taken out of the list first, since a note could name itself."""
        note = self._notes[kind].pop(note_id, None)
        if note is not None and (text := self._plain_text(note)):
            place = ParagraphPlace.at(self._paragraphs) if self._paragraphs else None
            yield Block(BlockKind.FOOTNOTE, text, (Span(0, len(text), place),))

    def _table(self, table: etree._Element) -> Iterator[Block]:
        """Yields one block; a table with one cell a row only frames or indents, and its content flows on."""
        rows = [list(_nearest(row, w("tc"))) for row in _nearest(table, w("tr"))]
        if all(len(cells) <= 1 for cells in rows):
            for cells in rows:
                for cell in cells:
                    yield from self._blocks(cell)
            return
        lines: list[tuple[list[str], int]] = []
        notes: list[Block] = []
        above: list[str] = []
        for row, cells in zip(_nearest(table, w("tr")), rows, strict=True):
            first = self._paragraphs + 1
            above = self._row(row, cells, above, notes)
            if any(above):
                lines.append((above, first))
        if lines:
            stated = sum(1 for _ in takewhile(is_header_row, _nearest(table, w("tr"))))
            yield _table_block(lines, stated)
        yield from notes

    def _row(
        self, row: etree._Element, cells: Sequence[etree._Element], above: Sequence[str], notes: list[Block]
    ) -> list[str]:
        """Returns the text of each column; merged ones are in each of theirs, unless it is all."""
        texts = [""] * skipped_columns(row)
        for cell in cells:
            merged = is_merged_upwards(cell)
            text = "".join(above[len(texts) : len(texts) + 1]) if merged else self._cell(cell, notes)
            texts += [text] * columns_of_cell(cell)
        return texts[:1] if len(cells) == 1 and len(set(texts)) == 1 else texts

    def _cell(self, cell: etree._Element, notes: list[Block]) -> str:
        """Returns the text of a cell on one line, its notes added."""
        texts: list[str] = []
        for block in self._blocks(cell):
            if block.kind is BlockKind.FOOTNOTE:
                notes.append(block)
            else:
                texts.append(squeeze(text_in_cell(block)))
        return " ".join(texts)

    def _plain_text(self, container: etree._Element) -> str:
        """Returns the text of something outside the body, whose paragraphs do not count."""
        before = self._paragraphs
        text = "\n".join(block.text for block in self._blocks(container))
        self._paragraphs = before
        return text

    def _margins(self, kind: str) -> list[Block]:
        """Returns the headers or footers that pages show, each distinct text once."""
        targets = {relation.id: relation.target for relation in self._relations if relation.kind == kind}
        used = [targets.get(node.get(r("id"), "")) for node in self._body.iter(w(f"{kind}Reference"))]
        texts: dict[str, None] = {}
        for target in filter(None, dict.fromkeys(used)):
            part = self._package.xml(target)
            self._inline.links = self._package.links(target)
            texts |= dict.fromkeys(() if part is None else (self._plain_text(part),))
        return [Block(BlockKind.MARGIN, text) for text in texts if text]

    def _metadata(self) -> dict[str, str]:
        core = self._package.xml(_CORE)
        found = {} if core is None else {key: core.findtext(tag) for key, tag in _METADATA.items()}
        return {
            key: clean for key, text in found.items() if text and (clean := squeeze(normalise_text(text)))
        }

    def _warnings(self) -> Iterator[str]:
        yield from self._inline.left_out.warnings()
        comments = self._part("comments")
        if comments is not None and (count := len(comments.findall(w("comment")))):
            yield f"{count} comment(s) in the margin were left out."
        if next(self._body.iter(w("altChunk")), None) is not None:
            yield "Documents embedded in this one were left out."


def _goes_on(paragraph: etree._Element) -> bool:
    """Returns whether the next paragraph goes on with this one: its mark was deleted, or it is only a drop cap."""
    properties = paragraph.find(w("pPr"))
    if properties is None:
        return False
    frame = properties.find(w("framePr"))
    if frame is not None and frame.get(w("dropCap"), "none") != "none":
        return True
    mark = properties.find(w("rPr"))
    return mark is not None and any(mark.find(w(change)) is not None for change in ("del", "moveFrom"))


def _nearest(node: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yields the outermost elements named ``tag`` below ``node``, outside of nested tables and paragraphs."""
    for child in visible_children(node):
        if child.tag == tag:
            yield child
        elif child.tag not in (w("tbl"), w("p"), w("tr"), w("tc")):
            yield from _nearest(child, tag)


def _table_block(rows: list[tuple[list[str], int]], stated: int) -> Block:
    """Returns one block with a span a row; ``rows`` each with the number of its first paragraph.

    ``stated`` is how many rows the file repeats on each page.
    """
    spans: list[Span] = []
    lines = [row_line(cells) for cells, _ in rows]
    start = 0
    for line, (_, paragraph) in zip(lines, rows, strict=True):
        spans.append(Span(start, start + len(line), ParagraphPlace.at(paragraph)))
        start += len(line) + 1
    header = min(stated, len(rows) - 1) or header_rows([cells for cells, _ in rows])
    return Block(BlockKind.TABLE, "\n".join(lines), tuple(spans), header_rows=header)
