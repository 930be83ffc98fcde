"""The queue: leases, what a worker may write, what a person may do, and what they are shown."""

from __future__ import annotations

import threading
import time

import pytest

from kb.errors import Cancelled, Conflict, NotFound
from kb.state.blobs import Blob
from kb.state.job_steps import EmbeddingProgress
from kb.state.jobs import CLEANUPS, LEASE_SECONDS
from kb.types import Chunk, DocumentState, Job, JobKind, JobState
from tests.kb.state.conftest import CHUNKS, PARSED, State

# --- Leases ------------------------------------------------------------------------------------


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
        state.steps.store_chunks(lost, PARSED, CHUNKS[:1])
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
        state.steps.store_chunks(job, PARSED, CHUNKS)


# --- Waiting for what is down ------------------------------------------------------------------


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


def test_a_person_need_not_wait_for_the_next_try(state: State) -> None:
    job = state.embedding("a")
    state.jobs.wait("worker", reason="Down.", seconds=60)
    state.control.retry(job.document_id)
    assert state.claim().document_id == job.document_id


# --- Deleting ----------------------------------------------------------------------------------


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
    added = state.documents.add(Blob("a" * 64, 10), name="x.pdf", collection="c")
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


def test_deleting_many_chunks_is_acknowledged_at_once_and_buried_in_bounded_steps(state: State) -> None:
    state.add("a")
    job = state.claim()
    many = [Chunk(text=f"Chunk {number}", tokens=2) for number in range(5000)]
    state.steps.store_chunks(job, PARSED, many)
    state.steps.make_ready([job])
    started = time.perf_counter()
    state.control.remove([job.document_id])
    acknowledged = time.perf_counter() - started
    (burial,) = state.jobs.claim("burier", limit=1, kinds=CLEANUPS)
    steps = []
    while True:
        started = time.perf_counter()
        more = state.steps.delete_pending(burial, remove_file=state.blobs.remove, limit=500)
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
    assert state.steps.delete_pending(begun, remove_file=state.blobs.remove, limit=1)
    state.jobs.release_all()  # what the next start does
    state.delete_pending()
    assert state.documents.count() == 0
    with pytest.raises(Cancelled):
        state.steps.delete_pending(begun, remove_file=state.blobs.remove)


# --- What a person does ------------------------------------------------------------------------


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
    state.jobs.release_all()
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
    twin = state.add("a", "other name.pdf")
    assert state.progress.queue().failed == 3
    assert state.control.retry_failed() == 2
    queued = [job.document_id for job in state.jobs.claim("worker", limit=9)]
    assert queued == [twin.id, *failed[1:]]


# --- What a person sees ------------------------------------------------------------------------


def test_place_in_the_queue_speed_and_time_left(state: State) -> None:
    state.ready("f")  # 2 chunks of 10 bytes tell what those to come may hold
    running = state.embedding("a")
    queued = [state.add(letter).id for letter in "bcd"]
    state.steps.progress({running: EmbeddingProgress(1, 1)}, chunks_per_second=0.5)
    shown = state.progress.of([running.document_id, queued[2], "nobody"])
    assert shown[running.document_id].position is None
    assert shown[running.document_id].seconds_left == pytest.approx(2.0)
    assert shown[queued[2]].position == 3
    assert "nobody" not in shown
    assert state.documents.get(running.document_id).pages_done == 1
    status = state.progress.queue()
    assert (status.running, status.queued, status.chunks_per_second) == (1, 3, 0.5)
    assert status.seconds_left == pytest.approx((1 + 3 * 2) / 0.5)
    assert [job.document_id for job in state.progress.all()] == [running.document_id, *queued]


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


def test_ten_thousand_queued_files_do_not_slow_a_page_of_fifty(state: State) -> None:
    count = 10_000
    with state.database.write() as connection:
        connection.executemany(
            "INSERT INTO documents (id, name, collection, sha256, bytes, added, state, sequence) "
            "VALUES (?, ?, 'c', ?, 10, '2026-01-01T00:00:00+00:00', 'queued', ?)",
            [(f"d{number:05}", f"{number}.pdf", f"{number:064x}", number) for number in range(count)],
        )
        connection.executemany(
            "INSERT INTO jobs (kind, document_id, turn) VALUES ('import', ?, 1)",
            [(f"d{number:05}",) for number in range(count)],
        )

    def look() -> None:
        page = [document.id for document in state.documents.page(limit=50)]
        assert state.progress.of(page)[page[0]].position == count
        assert state.progress.queue().queued == count
        assert state.documents.count() == count

    fastest = min(_seconds(look) for _ in range(5))
    assert fastest < 0.25, "about 15 ms on an idle core"
    assert min(_seconds(lambda: state.jobs.claim("w", limit=1)) for _ in range(5)) < 0.1
    plan = state.database.read().execute(
        "EXPLAIN QUERY PLAN SELECT id FROM jobs WHERE state = 'queued' AND turn IN (1, 2) ORDER BY turn, id LIMIT 1"
    )
    steps = [row["detail"] for row in plan]
    assert any("jobs_by_turn" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)


def _seconds(act: object) -> float:
    assert callable(act)
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
