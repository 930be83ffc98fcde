"""The queue as workers use it: claims, leases, waiting."""

from __future__ import annotations

import threading

import pytest

from kb.errors import Conflict
from kb.state.blobs import Blob
from kb.state.jobs import LEASE_SECONDS
from kb.types import DocumentState, JobKind, JobState
from tests.state import State


def test_a_job_is_held_until_its_lease_ends(state: State) -> None:
    wanted = [state.add(letter).id for letter in "abc"]
    claimed = state.jobs.claim("first", limit=2)
    assert [job.document_id for job in claimed] == wanted[:2]
    assert [job.document_id for job in state.jobs.claim("second", limit=9)] == wanted[2:]
    assert state.jobs.claim("third", limit=9) == []
    state.now += LEASE_SECONDS - 1
    state.jobs.renew("first")
    state.now += 2
    taken_over = state.jobs.claim("third", limit=9)
    assert [(job.document_id, job.attempts) for job in taken_over] == [(wanted[2], 2)]


def test_released_jobs_can_be_claimed_at_once(state: State) -> None:
    state.add("a")
    state.jobs.claim("first", limit=1)
    state.jobs.release("somebody else")
    assert state.jobs.claim("second", limit=1) == []
    state.jobs.release("first")
    assert state.jobs.claim("second", limit=1)
    state.jobs.release_all()
    assert state.jobs.claim("third", limit=1)[0].attempts == 3


def test_two_threads_never_claim_the_same_job(state: State) -> None:
    for number in range(40):
        state.documents.add(Blob(f"{number:064x}", 1), name=str(number), collection="c")
    claimed: list[str] = []

    def work(owner: str) -> None:
        while got := state.jobs.claim(owner, limit=1):
            claimed.extend(job.document_id for job in got)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 40


def test_a_job_whose_backend_is_down_waits_with_its_reason_and_comes_back_by_itself(state: State) -> None:
    job = state.embedding("a")
    assert state.jobs.wait("worker", reason="The server answered 500.", seconds=8) == 1
    shown = state.progress.of([job.document_id])[job.document_id]
    assert (shown.state, shown.reason, shown.retry_in) == (JobState.WAITING, "The server answered 500.", 8)
    assert state.jobs.claim("worker", limit=1) == []
    assert state.jobs.waiting() == 0
    state.now += 9
    assert state.jobs.waiting() == 1
    again = state.claim()
    assert (again.id, again.attempts, again.faults) == (job.id, 2, 0)
    assert state.documents.get(job.document_id).state is DocumentState.EMBEDDING


def test_deleting_comes_first_and_new_vectors_last(state: State) -> None:
    ready, other = state.ready("a"), state.ready("b")
    state.documents.queue_embedding([ready])
    imported = state.add("c").id
    state.control.remove([other])
    kinds = (JobKind.DELETE, JobKind.IMPORT, JobKind.EMBED)
    assert [job.document_id for job in state.jobs.claim("w", limit=9, kinds=kinds)] == [
        other,
        imported,
        ready,
    ]
    with pytest.raises(Conflict, match="Pause"):
        state.control.cancel(ready)
