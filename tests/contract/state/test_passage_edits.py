"""What somebody changed about the passages of a document is there again whenever it is read again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.errors import NotFound
from kb.state.blobs import Blob
from kb.state.passage_edits import PassageEdits, with_edits
from kb.types import Chunk, LinePlace, Origin, PassageEdit, PreparedDocument, Span
from tests.state import CHUNKS, State


def passage(text: str, line: int = 1) -> Chunk:
    return Chunk(text, (Span(0, len(text), LinePlace.at(line)),))


def edit(text: str, corrected: str | None = None, *, position: int = 0, tokens: int = 9) -> PassageEdit:
    return PassageEdit(0, "d", position, text, corrected, tokens)


def texts(chunks: tuple[Chunk, ...]) -> list[str]:
    return [chunk.text for chunk in chunks]


@pytest.fixture
def edits(state: State) -> PassageEdits:
    return PassageEdits(state.database)


def read_again(state: State, document_id: str) -> list[str]:
    """Reads a document again as it was read before; the texts of its passages."""
    assert state.control.read_again([document_id]).changed == 1
    job = state.claim()
    state.steps.begin_parsing(job)
    state.steps.store_chunks(job, PreparedDocument(tuple(CHUNKS)))
    state.steps.make_ready([job])
    return [chunk.text for chunk in state.chunks.of(document_id)]


def test_they_are_kept_over_reading_again_and_over_a_new_version(state: State, edits: PassageEdits) -> None:
    document_id = state.ready("a", "x.pdf")
    corrected = edits.keep(PassageEdit(0, document_id, 0, "First.", "The first.", 4))
    left_out = edits.keep(PassageEdit(0, document_id, 1, "Second."))
    assert read_again(state, document_id) == ["The first."]
    assert state.chunks.of(document_id)[0].tokens == 4
    assert state.documents.get(document_id).chunks == 1
    newer = state.documents.add(Blob("b" * 64, 10), Origin("x.pdf", "c")).document
    state.finish()
    assert [chunk.text for chunk in state.chunks.of(newer.id)] == ["The first."]
    with pytest.raises(NotFound):
        edits.drop(left_out.id, document_id=newer.id)
    for kept in edits.of(newer.id):
        edits.drop(kept.id, document_id=newer.id)
    assert read_again(state, newer.id) == ["First.", "Second."]
    assert corrected.id != left_out.id


def test_a_passage_that_is_corrected_twice_or_back_keeps_what_the_file_says(
    state: State, edits: PassageEdits
) -> None:
    document_id = state.ready("a")
    edits.keep(PassageEdit(0, document_id, 0, "First.", "The first.", 4))
    edits.keep(PassageEdit(0, document_id, 0, "The first.", "The very first.", 5))
    (kept,) = edits.of(document_id)
    assert (kept.text, kept.corrected) == ("First.", "The very first.")
    back = edits.keep(PassageEdit(0, document_id, 0, "The very first.", "First.", 3))
    assert back.id == 0
    assert edits.of(document_id) == []


def test_of_passages_with_the_same_words_the_one_at_the_place_is_meant() -> None:
    chunks = [passage("Same.", line) for line in (1, 2, 3)]
    changed = with_edits(chunks, [edit("Same.", "Other.", position=2)])
    assert texts(changed) == ["Same.", "Same.", "Other."]
    assert texts(with_edits(chunks, [edit("Same.", position=1)])) == ["Same.", "Same."]


def test_a_correction_is_found_where_the_document_is_cut_otherwise() -> None:
    old = "The mast is 12 m high. It stands on the hill."
    wrong = edit(old, old.replace("12", "120"))
    whole = passage(f"Before it all. {old} And after it, more was said.")
    (changed,) = with_edits([whole], [wrong])
    assert changed.text == whole.text.replace("12 m", "120 m")
    assert changed.spans[-1].end == len(changed.text)
    twice = passage(f"{old} {old}")
    assert with_edits([twice], [wrong]) == (twice,), "which of them is meant nobody knows"
    assert with_edits([passage("Nothing of it.")], [wrong]) == (passage("Nothing of it."),)


def test_parts_of_what_was_left_out_are_left_out() -> None:
    first, second = "All rights are reserved by us.", "No part may be copied at all."
    chunks = [passage(first), passage(second), passage("The text.")]
    assert texts(with_edits(chunks, [edit(f"{first} {second}")])) == ["The text."]
    only = [passage(first)]
    assert with_edits(only, [edit(first)]) == tuple(only), "something has to be left"


def test_places_move_with_the_words_behind_a_correction() -> None:
    chunk = Chunk(
        "One two three.",
        (Span(0, 3, LinePlace.at(1)), Span(4, 7, LinePlace.at(2)), Span(8, 14, LinePlace.at(3))),
    )
    (changed,) = with_edits([chunk], [edit(chunk.text, "One twenty-two three.")])
    assert [changed.text[span.start : span.end] for span in changed.spans] == ["One", "twenty-two", "three."]
    (shorter,) = with_edits([chunk], [edit(chunk.text, "One 2 three.")])
    assert [shorter.text[span.start : span.end] for span in shorter.spans][-1] == "three."
    assert replace(changed, text="", spans=()).indexed_text == ""
