"""Text that a drawn line goes through: how word processors and TeX write what is struck out into a PDF.

An underline lies at the feet of the letters and a rule of a table between them; a line of ruled paper or of a diagram
goes on beyond them. A strike goes through their middle, from the first of them to the last.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence

import pypdfium2.raw as pdfium_c

from ingest.parse.pdf.characters import Characters
from ingest.parse.pdf.letters import Box

_THICK = 0.3
"""The height of a strike at most, in units of the height of the font."""
_UNKNOWN = 12.0
"""Points around a run of text whose font is not in the file: its letters have no height then."""
_MIDDLE = (0.36, 0.64)
"""Where a strike crosses letters, from their foot, in units of the height of their font."""
_OVER = 0.35
"""In the same units: how far a strike goes beyond the letters at either end, at most."""
_FEWEST = 2
"""Letters that are struck at least."""


def struck_by_lines(drawn: Sequence[Box], reader: Characters) -> list[Box]:
    """Returns where text is struck out by one of the level lines ``drawn``, each place as high as its letters."""
    if not drawn:
        return []
    rects = list(_text_rects(reader))
    lines = [line for line in drawn if any(_may_cross(line, rect) for rect in rects)]
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
