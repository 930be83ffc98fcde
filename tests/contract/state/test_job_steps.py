"""What a worker writes: only while it holds the job, in steps that a crash cannot harm."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from kb.errors import Cancelled
from kb.state.job_steps import EmbeddingProgress
from kb.state.jobs import CLEANUPS, LEASE_SECONDS
from kb.system.processes import is_dead
from kb.types import Chunk, DocumentState, Job
from tests.state import CHUNKS, PREPARED, State


def writes(state: State, job: Job) -> None:
    """Everything that a worker writes and that is passed over, not refused, once the job is not its own."""
    state.steps.progress({job: EmbeddingProgress(1, 1)})
    state.steps.set_indexing([job])
    state.steps.fail(job, "This must not be seen.")
    state.steps.make_ready([job])


def test_a_worker_that_lost_its_lease_changes_nothing_any_more(state: State) -> None:
    lost = state.embedding("a")
    state.now += LEASE_SECONDS + 1
    (taken,) = state.jobs.claim("another", limit=1)
    before = state.documents.get(lost.document_id)
    with pytest.raises(Cancelled):
        state.steps.begin_parsing(lost)
    with pytest.raises(Cancelled):
        state.steps.store_chunks(lost, replace(PREPARED, chunks=tuple(CHUNKS[:1])))
    writes(state, lost)
    assert state.documents.get(lost.document_id) == before
    assert len(state.chunks.of(lost.document_id)) == 2
    state.steps.make_ready([taken])
    assert state.documents.get(lost.document_id).state is DocumentState.READY


def test_the_same_worker_cannot_write_by_an_older_hold_on_the_job(state: State) -> None:
    older = state.embedding("a")
    state.jobs.release("worker")
    newer = state.claim()
    assert (newer.id, newer.owner) == (older.id, older.owner)
    with pytest.raises(Cancelled):
        state.steps.begin_parsing(older)
    state.steps.begin_parsing(newer)


@pytest.mark.parametrize("taken", ["cancel", "pause", "remove"])
def test_what_a_person_took_away_is_not_written_to_any_more(state: State, taken: str) -> None:
    job = state.embedding("a")
    assert state.jobs.held("worker") == {(job.id, job.attempts)}
    if taken == "remove":
        state.control.remove([job.document_id])
    else:
        getattr(state.control, taken)(job.document_id)
    assert state.jobs.held("worker") == set()
    before = state.documents.get(job.document_id)
    writes(state, job)
    assert state.documents.get(job.document_id) == before
    with pytest.raises(Cancelled):
        state.steps.store_chunks(job, PREPARED)


def test_deleting_many_chunks_is_acknowledged_at_once_and_buried_in_bounded_steps(state: State) -> None:
    state.add("a")
    job = state.claim()
    many = [Chunk(text=f"Chunk {number}", tokens=2) for number in range(5000)]
    state.steps.store_chunks(job, replace(PREPARED, chunks=tuple(many)))
    state.steps.make_ready([job])
    started = time.perf_counter()
    state.control.remove([job.document_id])
    acknowledged = time.perf_counter() - started
    (burial,) = state.jobs.claim("burier", limit=1, kinds=CLEANUPS)
    steps = []
    while True:
        started = time.perf_counter()
        more = state.steps.delete_pending(burial, forget_file=state.blobs.forget, limit=500)
        steps.append(time.perf_counter() - started)
        if not more:
            break
        assert len(state.chunks.of(job.document_id)) == 5000 - 500 * len(steps)
    assert len(steps) == 11
    assert acknowledged < sum(steps) / 3
    assert len(state.chunks.tombstones()["c"]) == 5000


def test_a_burial_that_broke_off_goes_on(state: State) -> None:
    document_id = state.ready("a")
    state.control.remove([document_id])
    (begun,) = state.jobs.claim("dies", limit=1, kinds=CLEANUPS)
    assert state.steps.delete_pending(begun, forget_file=state.blobs.forget, limit=1)
    state.jobs.release_dead(is_dead)  # what the next start does
    state.delete_pending()
    assert state.documents.count() == 0
    with pytest.raises(Cancelled):
        state.steps.delete_pending(begun, forget_file=state.blobs.forget)
