"""What a person does to the work: remove, cancel, pause, resume, retry."""

from __future__ import annotations

import pytest

from kb.errors import Conflict, NotFound
from kb.state.blobs import Blob
from kb.system.processes import is_dead
from kb.types import DocumentState, Origin
from tests.state import State


def test_a_person_need_not_wait_for_the_next_try(state: State) -> None:
    job = state.embedding("a")
    state.jobs.wait("worker", reason="Down.", seconds=60)
    state.control.retry(job.document_id)
    assert state.claim().document_id == job.document_id


def test_removing_is_all_or_nothing_and_leaves_tombstones(state: State) -> None:
    state.keep_file("a")
    first, second = state.ready("a"), state.ready("b")
    ids = [chunk.id for chunk in state.chunks.of(first)]
    with pytest.raises(NotFound, match="'nobody'"):
        state.control.remove([first, "nobody"])
    assert state.documents.get(first).state is DocumentState.READY
    state.control.remove([first, first])
    assert state.documents.get(first).state is DocumentState.DELETING
    assert state.chunks.findable(ids) == {}
    assert state.delete_pending() == ["a" * 64]
    assert state.chunks.tombstones() == {"c": ids}
    assert state.documents.get(second)
    state.chunks.forget_tombstones(ids)
    assert state.chunks.tombstones() == {}


def test_a_deleted_file_may_be_added_again_before_it_is_buried(state: State) -> None:
    state.keep_file("a")
    first = state.ready("a", "x.pdf")
    state.control.remove([first])
    added = state.documents.add(Blob("a" * 64, 10), Origin("x.pdf", "c"))
    assert not added.already_present
    assert added.document.id != first
    assert state.delete_pending() == [], "the new document has the same file"
    assert [document.id for document in state.documents.page()] == [added.document.id]


def test_deleting_is_not_undone_by_an_import_that_was_under_way(state: State) -> None:
    job = state.embedding("a")
    state.control.remove([job.document_id])
    state.steps.make_ready([job])
    assert state.documents.get(job.document_id).state is DocumentState.DELETING
    for refused in (state.control.retry, state.control.cancel, state.control.pause):
        with pytest.raises((Conflict, NotFound)):
            refused(job.document_id)


def test_what_did_not_fail_is_not_tried_again(state: State) -> None:
    ready = state.ready("a")
    with pytest.raises(Conflict, match="did not fail"):
        state.control.retry(ready)
    queued = state.add("b").id
    state.control.retry(queued)
    assert state.documents.get(queued).state is DocumentState.QUEUED, "to be in a hurry is no mistake"


def test_cancelling_ends_an_import_with_a_reason_and_keeps_the_older_version(state: State) -> None:
    old = state.ready("a", "report.pdf")
    new = state.embedding("b", "report.pdf")
    state.control.cancel(new.document_id)
    after = state.documents.get(new.document_id)
    assert after.state is DocumentState.CANCELLED
    assert after.reason
    assert state.documents.get(old).state is DocumentState.READY
    state.delete_pending()
    assert state.chunks.of(new.document_id) == []
    with pytest.raises(Conflict, match="cancelled"):
        state.control.cancel(old)
    state.control.retry(new.document_id)
    assert state.claim().document_id == new.document_id


def test_a_paused_import_stays_until_it_is_resumed_and_goes_on_where_it_was(state: State) -> None:
    job = state.embedding("a")
    waiting = state.add("b")
    state.control.pause(job.document_id)
    state.control.pause(waiting.id)
    assert state.jobs.claim("worker", limit=9) == []
    assert state.documents.get(job.document_id).state is DocumentState.EMBEDDING
    state.jobs.release_dead(is_dead)
    assert state.jobs.claim("worker", limit=9) == [], "a new start does not undo it"
    state.control.resume(job.document_id)
    assert state.claim().document_id == job.document_id
    with pytest.raises(Conflict):
        state.control.pause(state.ready("e"))


def test_pausing_everything_stops_what_runs_and_what_comes_but_not_deleting(state: State) -> None:
    gone = state.ready("f")
    job = state.embedding("a")
    state.control.pause_all()
    later = state.add("b")
    assert state.jobs.held("worker") == set()
    assert state.jobs.claim("worker", limit=9) == []
    state.control.remove([gone])
    state.delete_pending()
    assert {document.id for document in state.documents.page()} == {job.document_id, later.id}
    status = state.progress.queue()
    assert (status.paused, status.queued) == (True, 2)
    state.control.resume_all()
    assert len(state.jobs.claim("worker", limit=9)) == 2


def test_a_parser_that_is_stopped_leaves_its_document_queued(state: State) -> None:
    state.add("a")
    job = state.claim()
    state.steps.begin_parsing(job)
    assert state.documents.get(job.document_id).state is DocumentState.PARSING
    state.control.pause(job.document_id)
    assert state.documents.get(job.document_id).state is DocumentState.QUEUED


def test_all_failed_can_be_tried_again_at_once(state: State) -> None:
    failed = []
    for letter in "abc":
        job = state.embedding(letter)
        state.steps.fail(job, "Why.")
        failed.append(job.document_id)
    elsewhere = state.add("a", "other name.pdf")
    assert state.progress.queue().failed == 3
    assert state.control.retry_failed() == 3
    queued = [job.document_id for job in state.jobs.claim("worker", limit=9)]
    assert queued == [elsewhere.id, *failed]
