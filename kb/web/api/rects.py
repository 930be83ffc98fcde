"""Rectangles of a page as they stand in an address."""

from __future__ import annotations

from kb.errors import BadInput
from kb.types import Rect

MAX_RECTS = 200
"""Rectangles that one picture may highlight; a passage has one a line."""


def parse_rects(text: str, page: int) -> list[Rect]:
    """Returns the rectangles of ``x0,y0,x1,y1;x0,y0,...``, in PDF points on ``page``.

    Raises:
        BadInput: something else is in there, or too many.
    """
    parts = [part for part in text.split(";") if part]
    if len(parts) > MAX_RECTS:
        raise BadInput(f"At most {MAX_RECTS} rectangles can be highlighted at once.")
    try:
        return [Rect(page, *_four_numbers(part)) for part in parts]
    except ValueError:
        raise BadInput("Rectangles are written x0,y0,x1,y1 in PDF points, with ';' between them.") from None


def write_rects(rects: tuple[Rect, ...], page: int) -> str:
    """Returns what ``parse_rects`` reads, for the rectangles on ``page``."""
    on_page = [rect for rect in rects if rect.page == page][:MAX_RECTS]
    return ";".join(f"{rect.x0:.1f},{rect.y0:.1f},{rect.x1:.1f},{rect.y1:.1f}" for rect in on_page)


def _four_numbers(text: str) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(number) for number in text.split(","))
    return x0, y0, x1, y1
