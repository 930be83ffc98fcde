"""A deletion that can be undone for a while, whoever closes what meanwhile."""

from __future__ import annotations

import pytest

from kb.errors import Conflict, NotFound
from kb.state.removals import UNDO_SECONDS, Removals
from kb.types import DocumentState, JobKind
from tests.state import State


@pytest.fixture
def removals(state: State) -> Removals:
    return Removals(state.database, clock=lambda: state.now)


def test_it_is_found_by_nobody_at_once_and_is_back_as_it_was(state: State, removals: Removals) -> None:
    first, second = state.ready("a"), state.ready("b")
    ids = [chunk.id for chunk in state.chunks.of(first)]
    before = state.documents.get(first)
    removed = removals.remove([first, second, first])
    assert removed.changed == 2
    assert removed.undo is not None
    assert state.documents.get(first).state is DocumentState.DELETING
    assert state.chunks.findable(ids) == {}
    state.now += UNDO_SECONDS - 1
    assert state.delete_pending() == []
    assert removals.undo(removed.undo).changed == 2
    assert state.documents.get(first) == before
    assert set(state.chunks.findable(ids)) == set(ids)
    state.now += 10 * UNDO_SECONDS
    state.delete_pending()
    assert state.documents.get(first) == before


def test_after_its_time_it_is_deleted_and_undoing_it_is_too_late(state: State, removals: Removals) -> None:
    state.keep_file("a")
    removed = removals.remove([state.ready("a")])
    state.now += UNDO_SECONDS + 1
    assert state.delete_pending() == ["a" * 64]
    with pytest.raises(Conflict, match="too late"):
        removals.undo(str(removed.undo))
    with pytest.raises(NotFound):
        removals.remove(["nobody"])


def test_the_next_start_carries_the_wish_out(state: State, removals: Removals) -> None:
    """The page was closed, and the app was, within the ten seconds."""
    state.keep_file("a")
    removals.remove([state.ready("a")])
    state.jobs.release_dead(lambda _owner: True)
    assert state.delete_pending() == ["a" * 64]


def test_a_person_cannot_hurry_it_by_retrying(state: State, removals: Removals) -> None:
    document_id = state.ready("a")
    removals.remove([document_id])
    for refused in (state.control.retry, state.control.resume, state.control.pause, state.control.cancel):
        with pytest.raises(Conflict):
            refused(document_id)


def test_an_import_under_way_begins_anew_and_work_on_a_ready_one_goes_on(
    state: State, removals: Removals
) -> None:
    importing = state.embedding("a").document_id
    ready = state.ready("b")
    state.documents.queue_embedding([ready])
    removed = removals.remove([importing, ready])
    removals.undo(str(removed.undo))
    assert state.documents.get(importing).state is DocumentState.QUEUED
    assert state.documents.get(ready).state is DocumentState.EMBEDDING
    kinds = {status.document_id: status.kind for status in state.progress.all()}
    assert kinds == {importing: JobKind.IMPORT, ready: JobKind.EMBED}
    assert state.chunks.findable([chunk.id for chunk in state.chunks.of(ready)])


def test_what_was_added_again_meanwhile_stays_and_the_other_does_not_return(
    state: State, removals: Removals
) -> None:
    first, other = state.ready("a", "x.pdf"), state.ready("b")
    removed = removals.remove([first, other])
    again = state.add("a", "x.pdf")
    undone = removals.undo(str(removed.undo))
    assert (undone.changed, undone.refused) == (1, 1)
    assert "x.pdf was added again" in str(undone.reason)
    assert state.documents.get(first).state is DocumentState.DELETING
    assert state.documents.get(again.id).state is DocumentState.QUEUED


def test_others_cannot_undo_it(state: State, removals: Removals) -> None:
    removed = removals.remove([state.ready("a")])
    with pytest.raises(Conflict):
        removals.undo(str(removed.undo), owner="somebody else")
