"""Chunks: what is stored, what may be found, and the tombstones of what went."""

from __future__ import annotations

from dataclasses import replace

from kb.types import DocumentState
from tests.state import CHUNKS, State


def test_chunks_come_back_as_they_were_stored(state: State) -> None:
    document_id = state.ready("a", "x.pdf")
    stored = state.chunks.of(document_id)
    assert [replace(chunk, id=0, document_id="", position=0) for chunk in stored] == CHUNKS
    document = state.documents.get(document_id)
    assert (document.state, document.pages, document.title) == (DocumentState.READY, 2, "A title")
    assert document.reason == "Page 2 holds no text."
    assert document.chunks == document.chunks_done == document.pages_done == 2


def test_only_live_documents_can_be_found(state: State) -> None:
    job = state.embedding("a")
    ids = [chunk.id for chunk in state.chunks.of(job.document_id)]
    assert state.chunks.findable(ids) == {}
    state.steps.make_ready([job])
    assert set(state.chunks.findable(ids)) == set(ids)
    assert state.chunks.published_ids() == {"c": set(ids)}


def test_chunk_ids_are_never_used_twice(state: State) -> None:
    first = state.ready("a")
    used = {chunk.id for chunk in state.chunks.of(first)}
    state.control.remove([first])
    state.delete_pending()
    assert not used & {chunk.id for chunk in state.chunks.of(state.ready("b"))}


def test_any_number_of_ids_can_be_asked_for(state: State) -> None:
    """A statement takes 32,766 values in a plain SQLite and 65,535 in others: callers need not count."""
    ids = [chunk.id for chunk in state.chunks.of(state.ready("a"))]
    asked = [*range(10**6, 10**6 + 300_000), *ids]
    assert [chunk.id for chunk in state.chunks.by_id(asked)] == ids
    assert set(state.chunks.findable(asked)) == set(ids)
    assert state.chunks.findable([]) == {}
