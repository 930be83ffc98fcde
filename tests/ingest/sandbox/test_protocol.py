"""What crosses the pipe: documents survive it, and nothing else gets through."""

from __future__ import annotations

import io
import itertools
import math
import threading
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sandbox import protocol
from kb.errors import BadInput, Cancelled
from kb.types import Block, BlockKind, LinePlace, ParagraphPlace, ParsedDocument, PdfPlace, Rect, Span

COUNTS = st.integers(1, 10_000)
POINTS = st.floats(-1e6, 1e6).map(lambda edge: round(edge, 1))  # finer is not kept
RECTS = st.builds(Rect, COUNTS, POINTS, POINTS, POINTS, POINTS)
PLACES = (
    st.builds(PdfPlace, st.lists(RECTS, min_size=1, max_size=3).map(tuple))
    | st.builds(LinePlace, COUNTS, COUNTS)
    | st.builds(ParagraphPlace, COUNTS, COUNTS)
)
WORDS = st.text(st.characters(codec="utf-8"), max_size=40)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    text = draw(WORDS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=5)))
    spans = tuple(Span(start, end, draw(st.none() | PLACES)) for start, end in itertools.pairwise(cuts))
    return Block(
        draw(st.sampled_from(BlockKind)), text, spans, draw(st.integers(0, 9)), draw(st.integers(0, 9))
    )


DOCUMENTS = st.builds(
    ParsedDocument,
    blocks=st.lists(blocks(), max_size=5).map(tuple),
    pages=st.none() | COUNTS,
    title=st.none() | WORDS,
    metadata=st.dictionaries(WORDS, WORDS, max_size=3),
    warnings=st.lists(WORDS, max_size=3).map(tuple),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
GOOD: dict[str, Any] = {
    "pages": 1,
    "title": None,
    "metadata": {},
    "warnings": [],
    "blocks": [["paragraph", 0, "word", [[0, 4, {"kind": "pdf", "rects": [[1, 0.0, 0.0, 9.5, 9.5]]}]], 0]],
}


@given(DOCUMENTS)
@settings(deadline=None, max_examples=40)
def test_a_document_survives(document: ParsedDocument) -> None:
    assert protocol.decode_document(protocol.encode_document(document)) == document


@given(JSON)
@settings(deadline=None)
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(protocol.WireError):
        protocol.decode_document(orjson.dumps(value))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pages", "1"), ("pages", -1), ("pages", True), ("pages", 2**40), ("title", 7), ("metadata", []),
        ("metadata", {"a": 1}), ("warnings", "oh"), ("warnings", [None]), ("blocks", {}), ("blocks", ["text"]),
        ("blocks", [["poem", 0, "word", [], 0]]), ("blocks", [[["paragraph"], 0, "word", [], 0]]),
        ("blocks", [["table", 0, "word", [], -1]]), ("blocks", [["table", 0, "word", []]]),
        ("blocks", [["paragraph", 0.5, "word", [], 0]]), ("blocks", [["paragraph", 0, None, [], 0]]),
        ("blocks", [["paragraph", 0, "word", [[0, 5]], 0]]),
        ("blocks", [["paragraph", 0, "word", [[-1, 4]], 0]]),
        ("blocks", [["paragraph", 0, "word", [[3, 2]], 0]]),
        *(
            ("blocks", [["paragraph", 0, "word", [[0, 4, place]], 0]])
            for place in (
                "1", None, [1], {}, {"kind": "poem"}, {"kind": ["pdf"]}, {"kind": "pdf"}, {"kind": "pdf", "rects": 1},
                {"kind": "pdf", "rects": []}, {"kind": "pdf", "rects": [[1, 0, 0, 9]]},
                {"kind": "pdf", "rects": [[1, 0, 0, 9, math.nan]]}, {"kind": "pdf", "rects": [[1, 0, 0, 9, 1e300]]},
                {"kind": "pdf", "rects": [[1, 0, 0, 9, "x"]]}, {"kind": "pdf", "rects": [[0.5, 0, 0, 9, 9]]},
                {"kind": "pdf", "rects": [{"page": 1}]}, {"kind": "lines", "lines": 3},
                {"kind": "lines", "lines": [1, "2"]}, {"kind": "paragraphs", "lines": [1, 2]},
            )
        ),
    ],
)  # fmt: skip
def test_a_lie_is_refused(field: str, value: Any) -> None:
    assert protocol.decode_document(orjson.dumps(GOOD)).text == "word"
    with pytest.raises(protocol.WireError):
        protocol.decode_document(orjson.dumps(GOOD | {field: value}))


def test_a_frame_is_read_whole_or_not_at_all() -> None:
    whole = protocol.frame(protocol.DOCUMENT, b"body")
    assert protocol.read_frame(io.BytesIO(whole).read, limit=4) == (protocol.DOCUMENT, b"body")
    assert protocol.read_frame(io.BytesIO(b"").read, limit=4) is None
    for end in range(1, len(whole)):
        with pytest.raises(protocol.WireError):
            protocol.read_frame(io.BytesIO(whole[:end]).read, limit=4)
    with pytest.raises(protocol.WireError, match="4 bytes"):
        protocol.read_frame(io.BytesIO(whole).read, limit=3)


def test_a_refusal_is_cut_and_cleaned() -> None:
    refusal = protocol.decode_refusal(orjson.dumps(["BadInput", "bell\x07 and escape\x1b[31m", "x" * 10**6]))
    assert refusal.sentence == "bell  and escape [31m"
    assert len(refusal.detail) < 10_000


@given(JSON)
@settings(deadline=None)
def test_a_false_end_or_refusal_is_refused(value: Any) -> None:
    for decode in (protocol.decode_ended, protocol.decode_refusal):
        body = orjson.dumps([value, value])
        if decode is protocol.decode_refusal or type(value) is not int:
            with pytest.raises(protocol.WireError):
                decode(body)


def many(blocks: int, *, spans: int = 0, characters: int = 1) -> ParsedDocument:
    block = Block(BlockKind.PARAGRAPH, "x" * characters, (Span(0, 1),) * spans)
    return ParsedDocument((block,) * blocks)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (many(protocol.MOST_BLOCKS + 1), "paragraphs"),
        (many(10, spans=protocol.MOST_SPANS // 10 + 1), "lines"),
        (many(10, characters=protocol.MOST_CHARACTERS // 10 + 1), "characters"),
    ],
)
def test_more_than_the_app_can_hold_is_refused_on_both_sides(document: ParsedDocument, words: str) -> None:
    with pytest.raises(
        BadInput, match=rf"^log\.txt holds [\d,]+ {words}.* at most [\d,]+ of one file\. Split it"
    ):
        protocol.require_within_limits(document, "log.txt")
    with pytest.raises(protocol.WireError):
        protocol.decode_document(protocol.encode_document(document))


def test_what_is_just_within_the_limits_passes() -> None:
    document = many(10, spans=protocol.MOST_SPANS // 10, characters=1000)
    protocol.require_within_limits(document, "log.txt")
    assert protocol.decode_document(protocol.encode_document(document)) == document


def test_nobody_waits_for_the_decoding_of_what_was_cancelled() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled):
        protocol.decode_document(orjson.dumps(GOOD), cancelled=cancelled)
