"""Text that a drawn line goes through: how word processors and TeX write what is struck out into a PDF.

An underline lies at the feet of the letters and a rule of a table between them; a line of ruled paper or of a diagram
goes on beyond them. A strike goes through their middle, from the first of them to the last.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parse.pdf.characters import Characters, View
from ingest.parse.pdf.letters import Box

_MOST = 5_000
"""Objects of a page that are looked at."""
_DEEPEST = 3
"""Forms within forms."""
_THICKEST, _SHORTEST = 4.0, 4.0
"""Points: the height of a strike at most, its length at least; PDFium counts a line 1 point higher than it is."""
_THICK = 0.3
"""The height of a strike at most, in units of the height of the font."""
_FLATTEST = 4.0
"""Times that a strike is longer than high, at least."""
_UNKNOWN = 12.0
"""Points around a run of text whose font is not in the file: its letters have no height then."""
_MIDDLE = (0.36, 0.64)
"""Where a strike crosses letters, from their foot, in units of the height of their font."""
_OVER = 0.35
"""In the same units: how far a strike goes beyond the letters at either end, at most."""
_FEWEST = 2
"""Letters that are struck at least."""


def struck_by_lines(page: pdfium.PdfPage, reader: Characters) -> list[Box]:
    """Returns where text is struck out by a drawn line, each as high as its letters."""
    lines = list(_thin(page, reader.view))
    if not lines:
        return []
    rects = list(_text_rects(reader))
    lines = [line for line in lines if any(_may_cross(line, rect) for rect in rects)]
    if not lines:
        return []
    letters = [(index, reader.box(index)) for index, char in enumerate(reader.text) if char.isalnum()]
    return [box for line in lines if (box := _struck(line, [place for _, place in letters])) is not None]


def _struck(line: Box, letters: Sequence[Box]) -> Box | None:
    """Returns the place of the letters that a line strikes; None where it is no strike."""
    y = (line[1] + line[3]) / 2
    crossed = [box for box in letters if line[0] <= (box[0] + box[2]) / 2 <= line[2] and box[1] < y < box[3]]
    if len(crossed) < _FEWEST:
        return None
    low, high = _MIDDLE
    if line[3] - line[1] > _THICK * max(box[3] - box[1] for box in crossed):
        return None
    if not all(low <= (box[3] - y) / (box[3] - box[1]) <= high for box in crossed):
        return None
    lefts, tops, rights, feet = zip(*crossed, strict=True)
    over = _OVER * (max(feet) - min(tops))
    if min(lefts) - line[0] > over or line[2] - max(rights) > over:
        return None
    # a full stop at the end is struck, too, and the line goes over it
    return min(*lefts, line[0]), min(tops), max(*rights, line[2]), max(feet)


def _text_rects(reader: Characters) -> Iterator[Box]:
    """Yields the places of PDFium's runs of text: a few dozen a page, where it has thousands of letters."""
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    for index in range(pdfium_c.FPDFText_CountRects(reader.raw, 0, -1)):
        if pdfium_c.FPDFText_GetRect(reader.raw, index, left, top, right, bottom):
            box = reader.view.box(left.value, bottom.value, right.value, top.value)
            unknown = _UNKNOWN if box[3] - box[1] < 1 else 0.0
            yield box[0], box[1] - unknown, box[2], box[3] + unknown


def _may_cross(line: Box, rect: Box) -> bool:
    return rect[1] < (line[1] + line[3]) / 2 < rect[3] and line[0] < rect[2] and line[2] > rect[0]


def _thin(page: pdfium.PdfPage, view: View) -> Iterator[Box]:
    """Yields the places of the thin level lines and rectangles that are drawn on a page, as it is shown."""
    budget = [_MOST]
    count = pdfium_c.FPDFPage_CountObjects(page)
    objects = (pdfium_c.FPDFPage_GetObject(page, index) for index in range(min(count, _MOST)))
    for left, bottom, right, top in _paths(objects, pdfium.PdfMatrix(), budget, _DEEPEST):
        box = view.box(left, bottom, right, top)
        width, height = box[2] - box[0], box[3] - box[1]
        if height <= _THICKEST and width >= max(_SHORTEST, _FLATTEST * height):
            yield box


def _paths(
    objects: Iterator[pdfium_c.FPDF_PAGEOBJECT], matrix: pdfium.PdfMatrix, budget: list[int], depth: int
) -> Iterator[Box]:
    """Yields (left, bottom, right, top) of what is drawn as a path; ``budget`` counts the objects down."""
    bounds = [ctypes.c_float() for _ in range(4)]
    for item in objects:
        budget[0] -= 1
        if budget[0] < 0:
            return
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth:
            own = pdfium_c.FS_MATRIX()
            if pdfium_c.FPDFPageObj_GetMatrix(item, own):
                inner = pdfium.PdfMatrix.from_raw(own).multiply(matrix)
                within = (
                    pdfium_c.FPDFFormObj_GetObject(item, index)
                    for index in range(max(0, pdfium_c.FPDFFormObj_CountObjects(item)))
                )
                yield from _paths(within, inner, budget, depth - 1)
        elif kind == pdfium_c.FPDF_PAGEOBJ_PATH and _is_drawn(item):
            known = pdfium_c.FPDFPageObj_GetBounds(item, *bounds)
            if known:
                yield matrix.on_rect(*(bound.value for bound in bounds))


def _is_drawn(path: pdfium_c.FPDF_PAGEOBJECT) -> bool:
    """Returns whether a path is filled or stroked, and is no edge for what is drawn within."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    known = pdfium_c.FPDFPath_GetDrawMode(path, fill, stroke)
    return bool(known and (fill.value or stroke.value))
