"""Places, and a kind of place that is made here alone: it goes everywhere that places go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest

from ingest.chunk import chunk_document
from ingest.prepare import as_prepared
from ingest.sandbox import protocol
from kb.cli.common import where
from kb.state.conversations import AnswerRuns
from kb.state.db import Database
from kb.types import (
    Anchor,
    Answer,
    AnswerRunState,
    Block,
    BlockKind,
    Citation,
    LinePlace,
    ParagraphPlace,
    ParsedDocument,
    PdfPlace,
    Place,
    Question,
    Rect,
    Searched,
    Span,
)
from kb.types.places import PlaceError, Words, decode_place, describe, encode_place, place_kind, place_words
from kb.types.spans import decode_anchor, encode_anchor
from kb.web.api.schemas import AnchorOut
from kb.web.page.format import place as shown_place
from kb.web.page.strings_en import EN
from kb.web.page.strings_zh import ZH
from tests.doubles.hash_embedder import HashEmbedder
from tests.state import State


@place_kind
@dataclass(frozen=True, slots=True)
class AudioPlace(Place):
    """Seconds of a recording."""

    kind = "audio"
    words: ClassVar[Words] = {"en": {"heard": "at {minute}:{second:02}"}}

    start: int
    end: int

    def values(self) -> dict[str, Any]:
        return {"seconds": [self.start, self.end]}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        start, end = values["seconds"]
        return cls(start, end)

    @classmethod
    def merged(cls, places: Sequence[Self]) -> Self:
        return cls(places[0].start, places[-1].end)

    def phrase(self) -> tuple[str, Mapping[str, object]]:
        return "heard", {"minute": self.start // 60, "second": self.start % 60}


TALK = ParsedDocument(
    blocks=(
        Block(BlockKind.HEADING, "Tides", (Span(0, 5, AudioPlace(60, 62)),), 1),
        Block(
            BlockKind.PARAGRAPH,
            "The tide turns. The boats go out.",
            (Span(0, 15, AudioPlace(62, 65)), Span(16, 33, AudioPlace(65, 70))),
        ),
    )
)
HEARD = Anchor(AudioPlace(60, 70), ("Tides",))


def test_a_new_kind_comes_out_of_a_parsers_process() -> None:
    assert protocol.decode_document(protocol.encode_document(TALK)) == TALK


def test_a_new_kind_is_stored_with_the_passage_and_with_the_footnote(
    database: Database, tmp_path: Path
) -> None:
    state, runs = State(database, tmp_path), AnswerRuns(database)
    job = state.embedding("a")
    chunks = chunk_document(TALK, HashEmbedder(), max_tokens=100)
    state.steps.store_chunks(job, as_prepared(TALK, chunks))
    (stored,) = state.chunks.of(job.document_id)
    assert stored.spans == chunks[0].spans
    assert stored.anchor.place == HEARD.place
    citation = Citation(1, stored.id, job.document_id, "talk.mp3", stored.anchor, "The tide turns.")
    answer = Answer("It turns [1].", "scripted", "When?", (citation,))
    run = replace(
        runs.begin(Question("When?")),
        state=AnswerRunState.DONE,
        searched=Searched("When?", ()),
        text=answer.text,
        answer=answer,
    )
    runs.save(run)
    assert runs.get(run.id).answer == answer


def test_a_new_kind_is_in_answers_of_the_api_beside_the_fields_that_each_has() -> None:
    assert AnchorOut.of(HEARD).model_dump(mode="json") == {
        "kind": "audio",
        "seconds": [60, 70],
        "page": None,
        "rects": [],
        "heading_path": ["Tides"],
        "lines": None,
        "paragraphs": None,
    }


def test_a_new_kind_is_said_on_the_page_and_by_the_command_line() -> None:
    assert shown_place(HEARD, EN) == "at 1:00 · Tides"
    assert shown_place(HEARD, ZH) == "at 1:00 · Tides"  # it has no Chinese yet
    found = {"display_name": "talk.mp3", "anchor": AnchorOut.of(HEARD).model_dump(mode="json")}
    assert where(found) == "talk.mp3, at 1:00"


PDF = PdfPlace((Rect(3, 1.0, 2.0, 3.5, 4.0), Rect(4, 0.0, 0.0, 9.0, 9.0)))


@pytest.mark.parametrize(
    ("place", "english", "chinese"),
    [
        (PDF, "page 3", "第 3 页"),
        (LinePlace(2, 2), "line 2", "第 2 行"),
        (LinePlace(2, 5), "lines 2–5", "第 2–5 行"),
        (ParagraphPlace(7, 7), "paragraph 7", "第 7 段"),
        (ParagraphPlace(7, 8), "paragraphs 7–8", "第 7–8 段"),
    ],
)
def test_places_come_back_and_are_said(place: Place, english: str, chinese: str) -> None:
    assert decode_place(encode_place(place)) == place
    anchor = Anchor(place, ("A", "B"))
    assert decode_anchor(encode_anchor(anchor)) == anchor
    assert decode_anchor(AnchorOut.of(anchor).model_dump(mode="json")) == anchor
    assert describe(place, place_words("en")) == english
    assert describe(place, place_words("zh")) == chinese


def test_the_api_names_what_it_always_named() -> None:
    out = AnchorOut.of(Anchor(PDF, ("A",))).model_dump(mode="json")
    assert out["page"] == 3
    assert out["rects"][0] == {"page": 3, "x0": 1.0, "y0": 2.0, "x1": 3.5, "y1": 4.0}
    assert (out["lines"], out["paragraphs"], out["heading_path"]) == (None, None, ["A"])
    assert AnchorOut.of(Anchor(LinePlace(2, 5))).model_dump(mode="json")["lines"] == [2, 5]
    assert AnchorOut.of(Anchor()).model_dump(mode="json")["kind"] is None


@pytest.mark.parametrize(
    ("anchor", "said"),
    [
        (Anchor(PDF, ("Upkeep",)), "a, page 3"),
        (Anchor(LinePlace(2, 5), ("Upkeep",)), "a, lines 2–5"),
        (Anchor(ParagraphPlace(7, 7), ("Upkeep", "Turbines")), "a, Upkeep > Turbines"),
        (Anchor(ParagraphPlace(7, 7)), "a, paragraph 7"),
        (Anchor(None, ("Upkeep",)), "a, Upkeep"),
        (Anchor(), "a"),
    ],
)
def test_the_command_line_says_what_a_reader_can_find(anchor: Anchor, said: str) -> None:
    assert where({"display_name": "a", "anchor": AnchorOut.of(anchor).model_dump(mode="json")}) == said


@pytest.mark.parametrize(
    "stored", [None, 3, "pdf", [], {}, {"kind": "poem"}, {"kind": "lines", "lines": [1]}]
)
def test_what_is_no_place_is_refused(stored: object) -> None:
    with pytest.raises(PlaceError):
        decode_place(stored)


def test_rectangles_along_a_line_are_one() -> None:
    words = [Rect(1, 10, 0, 20, 10), Rect(1, 22, 0, 30, 10), Rect(1, 60, 0, 70, 10), Rect(2, 10, 0, 20, 10)]
    spans = [Span(place, place + 1, PdfPlace((rect,))) for place, rect in enumerate(words)]
    assert Anchor.of(spans).rects == (Rect(1, 10, 0, 30, 10), *words[2:])
    assert Anchor.of(spans).page == 1
