from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kb.answer.context_window import expand_context
from kb.types import Chunk, Hit, LinePlace, Span
from tests.kb.answer.samples import hit

TEXTS = ("First part.", "Second part.", "Third part.", "Fourth part.")


def chunks(heading: tuple[tuple[str, ...], ...] = ((), (), (), ())) -> list[Chunk]:
    return [
        Chunk(
            text,
            (Span(0, len(text), LinePlace.at(place + 1)),),
            path,
            tokens=10,
            id=place + 1,
            document_id="d",
            position=place,
        )
        for place, (text, path) in enumerate(zip(TEXTS, heading, strict=True))
    ]


def found(all_chunks: Sequence[Chunk], *places: int, around: int = 1, most: int = 100) -> list[Hit]:
    def read(document_id: str, start: int, count: int) -> Sequence[Chunk]:
        assert document_id == "d"
        return all_chunks[start : start + count]

    hits = [replace(hit("x", number=rank), chunk=all_chunks[place]) for rank, place in enumerate(places, 1)]
    return expand_context(hits, read, most_tokens=most, around=around)


def test_a_passage_gets_its_neighbours_and_every_place_stays_true() -> None:
    (wide,) = found(chunks(), 1)
    assert wide.chunk.text == "First part.\nSecond part.\nThird part."
    assert [wide.chunk.text[span.start : span.end] for span in wide.chunk.spans] == list(TEXTS[:3])
    assert wide.chunk.anchor.place == LinePlace(1, 3)
    assert (wide.chunk.id, wide.chunk.tokens, wide.rank) == (2, 30, 1)


def test_no_text_is_there_twice_and_the_best_hit_chooses_first() -> None:
    assert [wide.chunk.text for wide in found(chunks(), 2, 0)] == [
        "Second part.\nThird part.\nFourth part.",
        "First part.",
    ]
    assert [wide.chunk.text for wide in found(chunks(), 1, 2)] == [
        "First part.\nSecond part.",
        "Third part.\nFourth part.",
    ]


def test_a_neighbour_has_to_fit_and_to_stand_under_the_same_headings() -> None:
    assert found(chunks(), 1, most=20)[0].chunk.text == "Second part.\nThird part."
    parted = chunks((("A",), ("B",), ("B",), ("B",)))
    assert found(parted, 1, around=2)[0].chunk.text == "Second part.\nThird part.\nFourth part."
    assert found(chunks(), 1, most=5)[0].chunk.text == "Second part."
