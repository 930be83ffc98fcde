"""The queue as workers use it: claims, leases, waiting."""

from __future__ import annotations

import threading

import pytest

from kb.errors import Cancelled, Conflict
from kb.state.blobs import Blob
from kb.state.jobs import LEASE_SECONDS, enqueue
from kb.system.processes import is_dead, new_owner
from kb.types import DocumentState, JobKind, JobState, Origin
from tests.state import PREPARED, State


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
    state.jobs.release_dead(is_dead)
    assert state.jobs.claim("third", limit=1)[0].attempts == 3


def test_two_threads_never_claim_the_same_job(state: State) -> None:
    for number in range(40):
        state.documents.add(Blob(f"{number:064x}", 1), Origin(str(number), "c"))
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


def test_a_start_takes_the_leases_of_the_dead_and_of_nobody_else(state: State) -> None:
    """Two workers on one database, and a third one that starts: here, on another machine, and dead."""
    wanted = [state.add(letter).id for letter in "abcd"]
    alive, gone = new_owner("imports"), new_owner("imports")
    host, pid, started, rest = gone.split(":")
    gone = f"{host}:{pid}:{float(started) - 3600:.2f}:{rest}"  # its number is another process's by now
    elsewhere = f"elsewhere:{pid}:{started}:{rest}"
    mine, _, lost = (state.jobs.claim(owner, limit=1)[0] for owner in (alive, elsewhere, gone))
    state.steps.begin_parsing(mine)
    state.steps.begin_parsing(lost)
    state.jobs.release_dead(is_dead)
    assert state.jobs.held(alive) == {(mine.id, 1)}
    assert len(state.jobs.held(elsewhere)) == 1
    assert state.documents.get(mine.document_id).state is DocumentState.PARSING
    assert state.documents.get(lost.document_id).state is DocumentState.QUEUED
    taken = state.jobs.claim("third", limit=9)
    assert [(job.document_id, job.attempts, job.parses) for job in taken] == [
        (wanted[2], 2, 1),
        (wanted[3], 1, 0),
    ]
    state.steps.store_chunks(mine, PREPARED)
    with pytest.raises(Cancelled):
        state.steps.store_chunks(lost, PREPARED)
    state.now += LEASE_SECONDS + 1
    state.jobs.renew(alive)
    assert [job.document_id for job in state.jobs.claim("third", limit=9)] == wanted[1:], (
        "not heard of for 30 s"
    )


def test_a_start_tries_at_once_what_waits(state: State) -> None:
    state.add("a")
    state.jobs.claim(owner := new_owner("imports"), limit=1)
    state.jobs.wait(owner, reason="Down.", seconds=60)
    assert state.jobs.claim("other", limit=1) == []
    state.jobs.release_dead(is_dead)
    assert state.jobs.claim("other", limit=1)


def queue_of(state: State, *people: int) -> list[str]:
    """The ids of one document for each of ``people``, in this order, as they asked."""
    return [
        state.documents.add(
            Blob(f"{number:064x}", 1), Origin(f"{number}.txt", "c"), person=person
        ).document.id
        for number, person in enumerate(people)
    ]


def test_the_next_job_is_of_each_person_in_turn_and_in_the_order_of_their_own(state: State) -> None:
    """Fifty files of one, then one of another: that one waits for the file at hand, and for no more."""
    many = queue_of(state, *[1] * 50, 2, 3, 2)
    shown = state.progress.of(many)
    expected = [many[0], many[50], many[51], many[1], many[52], *many[2:50]]
    assert sorted(many, key=lambda each: shown[each].position or 0) == expected
    assert [job.document_id for job in state.progress.all()] == expected
    assert [job.document_id for job in state.progress.all(limit=4)] == expected[:4]
    claimed = [state.claim().document_id for _ in range(2)]
    assert [job.document_id for job in state.progress.all()] == [*claimed, *expected[2:]]
    claimed += [job.document_id for job in state.jobs.claim("worker", limit=99)]
    assert claimed == expected


def test_who_comes_later_is_neither_passed_over_nor_favoured_for_what_they_did_not_use(state: State) -> None:
    late = queue_of(state, *[1] * 4)
    served = [state.claim().document_id for _ in range(2)]
    late += [state.add(letter).id for letter in "ab"]  # of whoever holds the folder
    served += [job.document_id for job in state.jobs.claim("worker", limit=9)]
    assert served == [late[0], late[1], late[4], late[2], late[5], late[3]]


def test_urgency_comes_before_turns_and_a_job_that_follows_stays_its_persons(state: State) -> None:
    ready = state.ready("a")
    imports = queue_of(state, 1, 1, 2)
    state.control.read_again([ready], person=3)
    kinds = (JobKind.IMPORT, JobKind.RECHUNK)
    claimed = [job.document_id for job in state.jobs.claim("worker", limit=9, kinds=kinds)]
    assert claimed == [imports[0], imports[2], imports[1], ready]
    state.jobs.release("worker")
    state.control.pause(imports[0])
    state.control.resume(imports[0])
    state.control.remove([imports[1]])  # queued as a deletion, of whoever holds the folder
    with state.database.write() as connection:
        enqueue(connection, imports[0], JobKind.RECHUNK)
    rows = state.database.read().execute("SELECT document_id, person FROM jobs")
    people = {row["document_id"]: row["person"] for row in rows}
    assert people == {imports[0]: 1, imports[1]: 0, imports[2]: 2, ready: 3}
