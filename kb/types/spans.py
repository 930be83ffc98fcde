"""Which characters come from where in a file, and where a passage is as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kb.types.places import PdfPlace, Place, PlaceError, Rect, decode_place, encode_place

_HEADING = "is_heading"


@dataclass(frozen=True, slots=True)
class Span:
    """Where the characters ``text[start:end]`` of a block or a chunk come from."""

    start: int
    end: int
    place: Place | None = None
    """None where the format cannot tell."""
    is_heading: bool = False
    """Whether it is a heading of the document's own, or the names of a table's columns, in a chunk: what stands below
    answers, not it."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a passage is: the place that covers its spans, and the headings above it."""

    place: Place | None = None
    heading_path: tuple[str, ...] = ()

    @property
    def page(self) -> int | None:
        """The page on which the passage begins, 1-based; None for formats without pages."""
        return self.place.page if self.place else None

    @property
    def rects(self) -> tuple[Rect, ...]:
        """The rectangles to highlight on the pages; empty for formats without pages."""
        return self.place.rects if isinstance(self.place, PdfPlace) else ()

    @classmethod
    def of(cls, spans: Iterable[Span], heading_path: tuple[str, ...] = ()) -> Anchor:
        """Returns the anchor that covers ``spans``, in their order."""
        places = [span.place for span in spans if span.place is not None]
        if not places:
            return cls(None, heading_path)
        kind = type(places[0])  # a file has places of one kind
        return cls(kind.merged([place for place in places if type(place) is kind]), heading_path)


def encode_spans(spans: Iterable[Span]) -> list[list[Any]]:
    """Returns spans as JSON: [start, end, place], the place left out where there is none; a heading's says so, too."""
    return [[span.start, span.end, *_said_of(span)] for span in spans]


def _said_of(span: Span) -> list[dict[str, Any]]:
    place = encode_place(span.place) if span.place is not None else {}
    said = {**place, _HEADING: True} if span.is_heading else place
    return [said] if said else []


def decode_span(row: Any) -> Span:
    """Returns a span from a row of ``encode_spans``.

    Raises:
        PlaceError: it is something else.
    """
    if type(row) is not list or not 2 <= len(row) <= 3:
        raise PlaceError("not a span")
    start, end, *place = row
    if type(start) is not int or type(end) is not int or not 0 <= start <= end:
        raise PlaceError("a span that ends before it starts")
    is_heading = bool(place) and type(place[0]) is dict and place[0].get(_HEADING) is True
    has_place = bool(place) and not (is_heading and len(place[0]) == 1)
    return Span(start, end, decode_place(place[0]) if has_place else None, is_heading)


def encode_anchor(anchor: Anchor) -> dict[str, Any]:
    """Returns the anchor as JSON: the values of its place, beside the headings."""
    place = encode_place(anchor.place) if anchor.place else {}
    return {**place, "heading_path": list(anchor.heading_path)}


def decode_anchor(stored: dict[str, Any]) -> Anchor:
    """Returns the anchor that ``encode_anchor`` wrote, or that the API gave."""
    place = decode_place(stored) if stored.get("kind") else None
    return Anchor(place, tuple(stored["heading_path"]))
