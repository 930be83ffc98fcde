"""Places as they are stored: those of now by their own codec, and those that versions without kinds of place left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from kb.types import Anchor, LinePlace, ParagraphPlace, PdfPlace, Place, Rect, Span
from kb.types.spans import decode_anchor, decode_span, encode_spans

_FLAT = 4
"""Values of the shortest row of before: [start, end, line, paragraph], then [page, x0, y0, x1, y1] of a PDF.
A row of now has three at most."""


def spans_to_json(spans: Iterable[Span]) -> str:
    """Returns the column ``spans`` of a chunk."""
    return orjson.dumps(encode_spans(spans)).decode()


def spans_from_json(text: str) -> tuple[Span, ...]:
    """Returns the spans in that column, whichever version wrote it."""
    return tuple([_flat_span(row) if len(row) >= _FLAT else decode_span(row) for row in orjson.loads(text)])


def stored_anchor(stored: dict[str, Any]) -> Anchor:
    """Returns the anchor of a footnote in a stored answer, whichever version wrote it."""
    if "lines" not in stored or "kind" in stored:
        return decode_anchor(stored)
    rects = tuple(Rect(**rect) for rect in stored["rects"])
    return Anchor(_place(rects, stored["lines"], stored["paragraphs"]), tuple(stored["heading_path"]))


def _flat_span(row: list[Any]) -> Span:
    start, end, line, paragraph, *rect = row
    return Span(
        start,
        end,
        _place(
            (Rect(*rect),) if rect else (),
            None if line is None else (line, line),
            None if paragraph is None else (paragraph, paragraph),
        ),
    )


def _place(
    rects: tuple[Rect, ...], lines: tuple[int, int] | None, paragraphs: tuple[int, int] | None
) -> Place | None:
    """Returns the one place that is given; each format had one of them."""
    if rects:
        return PdfPlace(rects)
    if lines:
        return LinePlace(*lines)
    return ParagraphPlace(*paragraphs) if paragraphs else None
