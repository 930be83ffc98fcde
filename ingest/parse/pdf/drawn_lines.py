"""The level and upright lines that are drawn on a page: rules of tables, strikes, the edges of boxes."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parse.pdf.characters import View
from ingest.parse.pdf.letters import Box

_MOST, _MOST_CORNERS = 5_000, 5_000
"""Objects of a page, and corners of paths, that are looked at."""
_DEEPEST = 3
"""Forms within forms."""
_THICKEST, _SHORTEST = 4.0, 4.0
"""Points: the thickness of a line at most, its length at least; PDFium counts a line 1 point thicker than it is."""
_FLATTEST = 4.0
"""Times that a line is longer than thick, at least."""
_SAME_RULE = 1.5
"""Points: pieces of an upright line that are as near are one. Many programs draw a table's rules cell by cell."""
_MOST_RULES = 300
"""Upright lines of a page: where there are more it is a drawing, not a table."""

_RULE_HEIGHT = 1.8
"""In units of the height of a line of text: a rule of a table is longer, since it goes by two rows at least."""
_TOUCHES = 1.0
"""Points by which the place of a word may reach over a rule beside it."""


@dataclass(frozen=True, slots=True)
class DrawnLines:
    """The straight lines of a page as it is shown, as boxes."""

    thin: tuple[Box, ...] = ()
    """Level ones, each as it is drawn."""
    level: tuple[Box, ...] = ()
    """From the top down, what is drawn piece by piece in one, edges of boxes with them."""
    upright: tuple[Box, ...] = ()
    """Likewise, from left to right. Both are empty where there are so many that they are a drawing."""


NOTHING_DRAWN = DrawnLines()


@dataclass(slots=True)
class _Budget:
    """What may still be looked at on a page."""

    objects: int = _MOST
    corners: int = _MOST_CORNERS


def drawn_lines(page: pdfium.PdfPage, view: View) -> DrawnLines:
    """Returns the lines that are drawn on a page: thin paths, and the edges of stroked boxes and grids."""
    thin, edges = [], []
    count = pdfium_c.FPDFPage_CountObjects(page)
    objects = (pdfium_c.FPDFPage_GetObject(page, index) for index in range(min(count, _MOST)))
    for (left, bottom, right, top), is_edge in _paths(objects, pdfium.PdfMatrix(), _Budget(), _DEEPEST):
        box = view.box(left, bottom, right, top)
        width, height = box[2] - box[0], box[3] - box[1]
        is_level = height <= _THICKEST and width >= max(_SHORTEST, _FLATTEST * height)
        is_upright = width <= _THICKEST and height >= max(_SHORTEST, _FLATTEST * width)
        if is_level and not is_edge:
            thin.append(box)
        if is_level or is_upright:
            edges.append((box, is_upright))
    upright = tuple(_joined(box for box, is_upright in edges if is_upright))
    level = tuple(map(_turned, _joined(_turned(box) for box, is_upright in edges if not is_upright)))
    if max(len(level), len(upright)) > _MOST_RULES:
        return DrawnLines(tuple(thin))
    return DrawnLines(tuple(thin), level, upright)


def _turned(box: Box) -> Box:
    """Returns a box with its x for its y: what is level is upright so."""
    return box[1], box[0], box[3], box[2]


def _joined(pieces: Iterable[Box]) -> Iterator[Box]:
    """Yields upright lines, those that go on where another ends with it, from left to right."""
    columns: list[list[Box]] = []
    for piece in sorted(pieces):
        if columns and piece[0] - columns[-1][0][0] <= _SAME_RULE:
            columns[-1].append(piece)
        else:
            columns.append([piece])
    for column in columns:
        rule: Box | None = None
        for piece in sorted(column, key=lambda box: box[1]):
            if rule is not None and piece[1] <= rule[3] + _SAME_RULE:
                rule = rule[0], rule[1], max(rule[2], piece[2]), max(rule[3], piece[3])
                continue
            if rule is not None:
                yield rule
            rule = piece
        if rule is not None:
            yield rule


def _paths(
    objects: Iterator[pdfium_c.FPDF_PAGEOBJECT], matrix: pdfium.PdfMatrix, budget: _Budget, depth: int
) -> Iterator[tuple[Box, bool]]:
    """Yields (left, bottom, right, top) of what is drawn as a path, and of the edges of what is stroked; and whether
    it is an edge.

    ``budget`` is used up by objects and corners.
    """
    bounds = [ctypes.c_float() for _ in range(4)]
    for item in objects:
        budget.objects -= 1
        if budget.objects < 0:
            return
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth:
            within = (
                pdfium_c.FPDFFormObj_GetObject(item, index)
                for index in range(max(0, pdfium_c.FPDFFormObj_CountObjects(item)))
            )
            yield from _paths(within, _matrix_of(item).multiply(matrix), budget, depth - 1)
        elif kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            is_filled, is_stroked = _draw_mode(item)
            if (is_filled or is_stroked) and pdfium_c.FPDFPageObj_GetBounds(item, *bounds):
                yield matrix.on_rect(*(bound.value for bound in bounds)), False
            if is_stroked:
                yield from ((edge, True) for edge in _edges(item, matrix, budget))


def _matrix_of(item: pdfium_c.FPDF_PAGEOBJECT) -> pdfium.PdfMatrix:
    own = pdfium_c.FS_MATRIX()
    return pdfium.PdfMatrix.from_raw(own) if pdfium_c.FPDFPageObj_GetMatrix(item, own) else pdfium.PdfMatrix()


def _draw_mode(path: pdfium_c.FPDF_PAGEOBJECT) -> tuple[bool, bool]:
    """Returns whether a path is filled and whether it is stroked; an edge for what is drawn within is neither."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    known = pdfium_c.FPDFPath_GetDrawMode(path, fill, stroke)
    return bool(known and fill.value), bool(known and stroke.value)


def _edges(path: pdfium_c.FPDF_PAGEOBJECT, matrix: pdfium.PdfMatrix, budget: _Budget) -> Iterator[Box]:
    """Yields the straight lines of a path that draws several: a box, a whole grid."""
    count = pdfium_c.FPDFPath_CountSegments(path)
    if count < 3:  # one line: its bounds say as much
        return
    whole = _matrix_of(path).multiply(matrix)
    corners: list[tuple[float, float, bool]] = []
    begin = 0, 0
    x, y = ctypes.c_float(), ctypes.c_float()
    for number in range(count):
        budget.corners -= 1
        segment = pdfium_c.FPDFPath_GetPathSegment(path, number)
        if budget.corners < 0 or not pdfium_c.FPDFPathSegment_GetPoint(segment, x, y):
            return
        is_line = pdfium_c.FPDFPathSegment_GetType(segment) == pdfium_c.FPDF_SEGMENT_LINETO
        point = whole.on_point(x.value, y.value)
        begin = begin if is_line else point
        corners.append((*point, is_line))
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            corners.append((*begin, True))
    for (x0, y0, _), (x1, y1, is_line) in pairwise(corners):
        if is_line:
            yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def is_ruled_off(a: Box, b: Box, rules: Sequence[Box]) -> bool:
    """Returns whether an upright rule stands between two words that follow each other on a level line."""
    left, right = (a, b) if a[0] <= b[0] else (b, a)
    return any(
        left[2] - _TOUCHES <= rule[0] <= right[0] + _TOUCHES and _goes_by(rule, left) for rule in rules
    )


def rule_before(box: Box, rules: Sequence[Box], *, view: View, from_right: bool) -> float | None:
    """Returns how far along a level line the last upright rule before its text in ``box`` stands; None where none does.

    ``from_right``: whether the line is read, and measured, from the right edge of the page.
    """
    beside = [rule for rule in rules if _goes_by(rule, box)]
    if from_right:
        return max((view.width - rule[0] for rule in beside if rule[0] >= box[2] - _TOUCHES), default=None)
    return max((rule[0] for rule in beside if rule[0] <= box[0] + _TOUCHES), default=None)


def _goes_by(rule: Box, box: Box) -> bool:
    """Returns whether a rule goes by a line of text and on: the edge of a box around a word does not."""
    return rule[1] < (box[1] + box[3]) / 2 < rule[3] and rule[3] - rule[1] > _RULE_HEIGHT * (box[3] - box[1])
