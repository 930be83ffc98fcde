"""What was put on a PDF page by hand: notes, marks that strike text out, and the files that are attached."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parse.normalise import normalise_text, squeeze
from ingest.parse.pdf.characters import View
from ingest.parse.pdf.letters import Box
from kb.types import Block, BlockKind, PdfPlace, Rect, Span

_NOTES = (
    pdfium_c.FPDF_ANNOT_TEXT,
    pdfium_c.FPDF_ANNOT_HIGHLIGHT,
    pdfium_c.FPDF_ANNOT_UNDERLINE,
    pdfium_c.FPDF_ANNOT_SQUIGGLY,
    pdfium_c.FPDF_ANNOT_STRIKEOUT,
    pdfium_c.FPDF_ANNOT_CARET,
)
"""Kinds of annotations that carry a remark; text boxes and fields are drawn into the page instead."""
_NOT_DRAWN = 2
"""Bytes of an appearance that says nothing: the end of a string alone."""
_MOST = 2_000
"""Annotations of a page that are looked at."""
_LONGEST = 10_000
_NAMED = 10
"""Attachments that are named."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What lies on a page by hand."""

    notes: tuple[Block, ...] = ()
    struck: tuple[Box, ...] = ()
    """Where text is struck out, on the page as it is shown."""


def marks_of(page: pdfium.PdfPage, number: int) -> Marks:
    """Returns what lies on a page; to be called before it is flattened, which takes all of it away."""
    return Marks(tuple(_notes_of(page, number)), tuple(_struck_out(page)))


def _notes_of(page: pdfium.PdfPage, number: int) -> list[Block]:
    """Returns the remarks on a page, each in the place that it is about; ``number`` is 1-based."""
    view = View(page)
    blocks: list[Block] = []
    for annotation in _annotations(page):
        kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
        if kind not in _NOTES and (kind != pdfium_c.FPDF_ANNOT_FREETEXT or _is_drawn(annotation)):
            continue
        text = squeeze(normalise_text(_string(annotation, b"Contents")))
        rect = pdfium_c.FS_RECTF()
        if text and pdfium_c.FPDFAnnot_GetRect(annotation, rect):
            place = PdfPlace((Rect(number, *view.box(rect.left, rect.bottom, rect.right, rect.top)),))
            blocks.append(Block(BlockKind.FOOTNOTE, text, (Span(0, len(text), place),)))
    return blocks


def _is_drawn(annotation: pdfium_c.FPDF_ANNOTATION) -> bool:
    """Returns whether the file says how a text box looks; a viewer draws one without by its words."""
    length = pdfium_c.FPDFAnnot_GetAP(annotation, pdfium_c.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0)
    return bool(length > _NOT_DRAWN)


def _struck_out(page: pdfium.PdfPage) -> list[Box]:
    view = View(page)
    boxes: list[Box] = []
    for annotation in _annotations(page):
        if pdfium_c.FPDFAnnot_GetSubtype(annotation) != pdfium_c.FPDF_ANNOT_STRIKEOUT:
            continue
        quad = pdfium_c.FS_QUADPOINTSF()
        for index in range(min(pdfium_c.FPDFAnnot_CountAttachmentPoints(annotation), _MOST)):
            if pdfium_c.FPDFAnnot_GetAttachmentPoints(annotation, index, quad):
                xs, ys = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
                boxes.append(view.box(min(xs), min(ys), max(xs), max(ys)))
    return boxes


def attachments(document: pdfium.PdfDocument) -> Iterator[str]:
    """Yields a warning that names the files attached to a document, with their sizes."""
    count = document.count_attachments()
    if count <= 0:
        return
    names = [_attached(document, index) for index in range(min(count, _NAMED))]
    more = f" and {count - _NAMED} more" if count > _NAMED else ""
    few = "A file is" if count == 1 else f"{count:,} files are"
    yield f"{few} attached to it and not read: {', '.join(names)}{more}. Save it from a PDF viewer to add it."


def _attached(document: pdfium.PdfDocument, index: int) -> str:
    attachment = pdfium_c.FPDFDoc_GetAttachment(document.raw, index)
    length = pdfium_c.FPDFAttachment_GetName(attachment, None, 0)
    buffer = ctypes.create_string_buffer(min(length, 2 * _LONGEST))
    pdfium_c.FPDFAttachment_GetName(
        attachment, ctypes.cast(buffer, ctypes.POINTER(pdfium_c.FPDF_WCHAR)), len(buffer)
    )
    name = (
        squeeze(normalise_text(buffer.raw.decode("utf-16-le", "ignore").rstrip("\0")))[:100]
        or "without a name"
    )
    size = ctypes.c_ulong()
    known = pdfium_c.FPDFAttachment_GetFile(attachment, None, 0, size)
    return f"{name} ({_size(size.value)})" if known else name


def _size(count: int) -> str:
    return f"{count:,} bytes" if count < 10_000 else f"{count / 1000:,.0f} KB"


def _annotations(page: pdfium.PdfPage) -> Iterator[pdfium_c.FPDF_ANNOTATION]:
    for index in range(min(pdfium_c.FPDFPage_GetAnnotCount(page), _MOST)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        if annotation:
            yield annotation
            pdfium_c.FPDFPage_CloseAnnot(annotation)


def _string(annotation: pdfium_c.FPDF_ANNOTATION, key: bytes) -> str:
    length = pdfium_c.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    buffer = ctypes.create_string_buffer(min(length, 2 * _LONGEST))
    pdfium_c.FPDFAnnot_GetStringValue(
        annotation, key, ctypes.cast(buffer, ctypes.POINTER(pdfium_c.FPDF_WCHAR)), len(buffer)
    )
    return buffer.raw.decode("utf-16-le", "ignore").rstrip("\0")
