"""Draws a page of a PDF as a picture, with the cited places highlighted."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from kb.errors import BadInput, NotFound
from kb.types import Rect

if TYPE_CHECKING:
    from PIL.Image import Image

_LOCK = threading.Lock()
"""PDFium must never be called by two threads at once."""

_YELLOW = (255, 228, 92)
_TINT = 110
"""Strength of the tint on a dark ground, of 255."""
_DARK = 110
_MARGIN = 1.5
"""Points by which a mark is wider than its text."""
_MAX_HEIGHT = 20_000
"""Pixels; a page that would come out longer than that is no page of a document."""


class PdfiumRenderer:
    """Draws pages with PDFium. Holds no file open between calls."""

    def render(self, path: Path, page: int, *, rects: Iterable[Rect] = (), width: int = 900) -> bytes:
        """Returns the 1-based ``page`` as a PNG, ``width`` pixels wide, with those of ``rects`` on it highlighted.

        The picture carries its scale (pHYs): who shows it can put marks of its own at places in points.

        Raises:
            NotFound: there is no such page.
            BadInput: the page cannot be drawn.
        """
        with _LOCK, _opened(path) as document:
            points, picture = _draw(document, page, width)
        marked = [rect for rect in rects if rect.page == page]
        if marked:
            picture = _highlight(picture, marked, picture.width / points)
        buffer = io.BytesIO()
        dpi = 72 * width / points
        picture.save(buffer, "PNG", dpi=(dpi, dpi))
        return buffer.getvalue()


@contextmanager
def _opened(path: Path) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(path)
    except FileNotFoundError as error:
        raise NotFound("The file of this document is gone from the data folder.") from error
    except pdfium.PdfiumError as error:
        raise BadInput("This PDF cannot be opened: it is damaged or protected by a password.") from error
    try:
        yield document
    finally:
        document.close()


def _draw(document: pdfium.PdfDocument, number: int, width: int) -> tuple[float, Image]:
    """Returns the width of a page in points, and its picture."""
    if not 1 <= number <= len(document):
        raise NotFound(f"There is no page {number}: the document has {len(document)}.")
    if document.get_formtype() != pdfium_c.FORMTYPE_NONE:
        document.init_forms()
    try:
        page = document[number - 1]
        points, height = page.get_size()
        if points <= 0 or height <= 0 or height / points * width > _MAX_HEIGHT:
            raise BadInput(f"Page {number} cannot be drawn: it measures {points:.0f} x {height:.0f} points.")
        bitmap = page.render(scale=width / points)
    except (pdfium.PdfiumError, MemoryError) as error:
        raise BadInput(f"Page {number} cannot be drawn: the file is damaged there.") from error
    picture = bitmap.to_pil().convert("RGB")  # a copy, which outlives the document
    bitmap.close()
    page.close()
    return points, picture.resize((width, picture.height)) if picture.width != width else picture


def _highlight(picture: Image, rects: Iterable[Rect], scale: float) -> Image:
    """Returns the picture with yellow under dark ink, as a highlighter marks, and a tint over a dark ground."""
    from PIL import Image, ImageChops, ImageDraw

    under = Image.new("RGB", picture.size, "white")
    over = Image.new("L", picture.size, 0)
    for rect in rects:
        box = _box(rect, scale)
        dark = _brightness(picture, box) < _DARK
        pen, fill = (ImageDraw.Draw(over), _TINT) if dark else (ImageDraw.Draw(under), _YELLOW)
        pen.rounded_rectangle(box, radius=2 * scale, fill=fill)
    marked = ImageChops.multiply(picture, under)
    marked.paste(_YELLOW, mask=over)
    return marked


def _box(rect: Rect, scale: float) -> tuple[float, float, float, float]:
    """Returns the highlight of a rectangle in pixels, a little larger than its text."""
    x0, x1 = sorted((rect.x0, rect.x1))
    y0, y1 = sorted((rect.y0, rect.y1))
    x0, x1, y0, y1 = x0 - _MARGIN, x1 + _MARGIN, y0 - _MARGIN / 2, y1 + _MARGIN / 2
    return x0 * scale, y0 * scale, x1 * scale, y1 * scale


def _brightness(picture: Image, box: tuple[float, float, float, float]) -> float:
    """Returns the median brightness of what a highlight covers, from 0 to 255."""
    left, top, right, bottom = (round(edge) for edge in box)
    left, top = max(0, left), max(0, top)
    right, bottom = min(picture.width, right), min(picture.height, bottom)
    if left >= right or top >= bottom:
        return 255.0
    counts = picture.crop((left, top, right, bottom)).convert("L").histogram()
    half, below = sum(counts) / 2, 0
    for value, count in enumerate(counts):
        below += count
        if below >= half:
            return float(value)
    return 255.0
