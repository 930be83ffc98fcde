"""Places that an earlier version stored are read as what they are now."""

from __future__ import annotations

import pytest

from kb.state.stored_places import spans_from_json, spans_to_json, stored_anchor
from kb.types import Anchor, LinePlace, ParagraphPlace, PdfPlace, Place, Rect, Span


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("[0,5,null,null,2,1.0,2.0,3.5,4.0]", PdfPlace((Rect(2, 1.0, 2.0, 3.5, 4.0),))),
        ("[0,5,7,null]", LinePlace(7, 7)),
        ("[0,5,null,9]", ParagraphPlace(9, 9)),
        ("[0,5,null,null]", None),
    ],
)
def test_rows_of_before_kinds(row: str, place: Place | None) -> None:
    (span,) = spans_from_json(f"[{row}]")
    assert span == Span(0, 5, place)
    assert spans_from_json(spans_to_json([span])) == (span,)


@pytest.mark.parametrize("place", [None, LinePlace(7, 7), PdfPlace((Rect(2, 1.0, 2.0, 3.5, 4.0),))])
def test_a_heading_is_known_as_one(place: Place | None) -> None:
    spans = (Span(0, 5, place, is_heading=True), Span(6, 9, place))
    assert spans_from_json(spans_to_json(spans)) == spans


@pytest.mark.parametrize(
    ("stored", "place"),
    [
        ({"rects": [{"page": 2, "x0": 1, "y0": 2, "x1": 3, "y1": 4}]}, PdfPlace((Rect(2, 1, 2, 3, 4),))),
        ({"lines": [3, 4]}, LinePlace(3, 4)),
        ({"paragraphs": [3, 3]}, ParagraphPlace(3, 3)),
        ({}, None),
    ],
)
def test_footnotes_of_before_kinds(stored: dict[str, object], place: Place | None) -> None:
    whole = {"rects": [], "heading_path": ["一"], "lines": None, "paragraphs": None} | stored
    assert stored_anchor(whole) == Anchor(place, ("一",))
