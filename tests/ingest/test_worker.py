"""The worker's threads on the real write path: what a person or a fault does to an import under way."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from ingest.pipeline import EACH_IN_TURN, Batching
from ingest.sandbox.sandbox import Sandbox
from kb.errors import BackendDown
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.sql import scalar
from kb.system.processes import is_dead
from kb.types import DocumentState, JobState, ParsedDocument
from tests.doubles.hash_embedder import HashEmbedder
from tests.ingest.test_pipeline import Library, parse_here
from tests.waiting import wait_until

if TYPE_CHECKING:
    from kb.types import Matrix


@contextmanager
def working(
    library: Library, *, poll_seconds: float = 0.2, batching: Batching = EACH_IN_TURN
) -> Iterator[None]:
    """The worker at work on a library; both closed at the end."""
    worker = library.worker(poll_seconds=poll_seconds, batching=batching)
    worker.start()
    try:
        yield
    finally:
        worker.stop()
        library.close()


def ends(library: Library, document_id: str) -> DocumentState:
    wait_until(lambda: library.documents.get(document_id).state.is_final)
    return library.documents.get(document_id).state


class DownFor(HashEmbedder):
    """Raises ``error`` so many times before it works."""

    def __init__(self, times: int, error: Exception) -> None:
        super().__init__()
        self._times = times
        self._error = error

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        if self._times:
            self._times -= 1
            raise self._error
        return super().embed_documents(texts, urgent=urgent)


def failing_once(method: Callable[..., Any], error: Exception) -> Callable[..., Any]:
    """``method``, which raises ``error`` the first time."""
    waiting = [error]

    def called(*arguments: Any) -> Any:
        if waiting:
            raise waiting.pop()
        return method(*arguments)

    return called


def test_the_worker_imports_and_deletes_by_itself(tmp_path: Path) -> None:
    library = Library(tmp_path, HashEmbedder())
    with working(library):
        document = library.add("x.txt", "Some text about herons.")
        assert ends(library, document.id) is DocumentState.READY
        assert library.found("herons") == ["x.txt"]
        library.control.remove([document.id])
        assert library.found("herons") == []
        wait_until(lambda: library.documents.count() == 0)
        wait_until(lambda: not library.lexical.ids() and not any(library.store.ids().values()))
        assert library.blobs.hashes() == set()


def test_one_file_waits_for_no_look_at_the_queue_and_for_no_company(tmp_path: Path) -> None:
    library = Library(tmp_path, HashEmbedder())
    with working(library, poll_seconds=300, batching=Batching(patience_seconds=300)):
        for name in ("x.txt", "y.txt"):
            document = library.add(name, f"Some text about herons in {name}.")
            assert ends(library, document.id) is DocumentState.READY


def test_what_is_added_while_a_file_is_read_is_begun_at_once(tmp_path: Path) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def patient(
        path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
    ) -> ParsedDocument:
        if name == "slow.txt":
            reading.set()
            go_on.wait(60)
        return parse_here(path, name, cancelled=cancelled, begun=begun)

    library = Library(tmp_path, HashEmbedder(), patient)
    with working(library, poll_seconds=300):
        slow = library.add("slow.txt", "It takes long to read this.")
        assert reading.wait(20)
        later = library.add("later.txt", "Some text about herons.")
        assert ends(library, later.id) is DocumentState.READY
        go_on.set()
        assert ends(library, slow.id) is DocumentState.READY


def test_an_embedding_server_that_is_down_is_waited_for_with_its_reason_shown(tmp_path: Path) -> None:
    library = Library(tmp_path, DownFor(1, BackendDown("The embedding server answered 500.")))
    with working(library):
        document = library.add("x.txt", "Some text about herons.")
        wait_until(lambda: library.progress.queue().reason)
        shown = library.progress.of([document.id])[document.id]
        assert (shown.state, shown.reason) == (JobState.WAITING, "The embedding server answered 500.")
        assert ends(library, document.id) is DocumentState.READY
        wait_until(lambda: library.progress.queue().reason is None)


def test_a_database_that_another_program_holds_for_a_while_ends_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = BackendDown("footnote.db is being written by another program.")
    for owner, name in ((Jobs, "waiting"), (Jobs, "held"), (Steps, "queue_rechunk")):
        monkeypatch.setattr(owner, name, failing_once(getattr(owner, name), held))
    library = Library(tmp_path, HashEmbedder())
    with working(library):
        document = library.add("x.txt", "Some text about herons.")
        assert ends(library, document.id) is DocumentState.READY
        named = {thread.name for thread in threading.enumerate()}
        assert {"import-worker", "deletion-worker", "job-heartbeat"} <= named


def test_vectors_of_a_wrong_width_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    class Narrow(HashEmbedder):
        def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
            return np.asarray(super().embed_documents(texts, urgent=urgent)[:, :32])

    library = Library(tmp_path, Narrow(width=64))
    with working(library):
        document = library.add("x.txt", "Some text about herons.")
        wait_until(lambda: library.progress.queue().reason)
        assert "64 wide" in str(library.progress.of([document.id])[document.id].reason)
        assert library.documents.get(document.id).state is DocumentState.EMBEDDING
        assert scalar(library.database.read(), "SELECT count(*) FROM vectors") == 0
        assert not any(library.store.ids().values())


def test_one_document_that_always_brings_out_a_fault_of_ours_fails_alone(tmp_path: Path) -> None:
    class Poisoned(HashEmbedder):
        def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
            if any("poison" in text for text in texts):
                raise ZeroDivisionError("by zero")
            return super().embed_documents(texts, urgent=urgent)

    library = Library(tmp_path, Poisoned())
    good = [library.add(f"{number}.txt", f"Good text {number}.") for number in range(2)]
    bad = library.add("bad.txt", "A poison text.")
    good += [library.add(f"{number}.txt", f"Good text {number}.") for number in range(2, 4)]
    with working(library):
        assert ends(library, bad.id) is DocumentState.FAILED
        assert "ZeroDivisionError" in str(library.documents.get(bad.id).reason)
        for document in good:
            assert ends(library, document.id) is DocumentState.READY


def test_cancelling_ends_a_real_parser_within_a_second_and_the_others_go_on(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    family = 2 if sys.platform == "linux" else 1  # there the process forks one that reads the file
    with Sandbox(
        workers=1, seconds=60, parser="tests.ingest.sandbox.sandbox_functions:sleep_or_read"
    ) as sandbox:
        library = Library(tmp_path, HashEmbedder(), sandbox.parse)
        with working(library):
            slow = library.add("sleep.txt", "It takes a minute to read this.")
            next_one = library.add("next.txt", "Quickly read.")
            wait_until(lambda: library.documents.get(slow.id).state is DocumentState.PARSING)
            wait_until(lambda: len(set(psutil.Process().children(recursive=True)) - before) == family)
            library.control.cancel(slow.id)
            assert library.documents.get(slow.id).state is DocumentState.CANCELLED
            # one parser only: the next file can be read when the slow one's process is gone
            took = wait_until(lambda: library.documents.get(next_one.id).state is not DocumentState.QUEUED)
            assert took < 3, "one second, and as much again for a new process on a busy machine"
            assert ends(library, next_one.id) is DocumentState.READY
            assert library.documents.get(slow.id).state is DocumentState.CANCELLED


def test_small_files_that_come_while_a_slow_one_is_read_are_ready_before_it(tmp_path: Path) -> None:
    with Sandbox(
        workers=2, seconds=60, parser="tests.ingest.sandbox.sandbox_functions:sleep_or_read"
    ) as sandbox:
        library = Library(tmp_path, HashEmbedder(), sandbox.parse)
        with working(library):
            slow = library.add("sleep.txt", "It takes a minute to read this.")
            wait_until(lambda: library.documents.get(slow.id).state is DocumentState.PARSING)
            time.sleep(0.5)  # by now the worker has found the queue empty
            later = [library.add(f"{number}.txt", f"Quickly read {number}.") for number in range(3)]
            for document in later:
                assert ends(library, document.id) is DocumentState.READY
            assert library.documents.get(slow.id).state is DocumentState.PARSING
            library.control.cancel(slow.id)


def test_a_small_file_that_comes_while_a_book_is_embedded_is_ready_before_it(tmp_path: Path) -> None:
    """It is read during one batch, embedded with the next and found during the one after that."""
    states: list[DocumentState] = []

    class Watched(HashEmbedder):
        def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
            batch = len(self.embedded) // 256
            if batch >= 1 and not small:
                small.append(library.add("small.txt", "A small text about herons.").id)
                wait_until(lambda: library.documents.get(small[0]).state is DocumentState.EMBEDDING, 10)
            elif batch >= 3 and not states:
                wait_until(lambda: library.documents.get(small[0]).state.is_final, 10)
                states.extend(library.documents.get(one).state for one in (small[0], book.id))
            return super().embed_documents(texts, urgent=urgent)

    library, small = Library(tmp_path, Watched()), list[str]()
    book = library.add("book.md", "\n\n".join(f"# Part {number}\n\nword{number}" for number in range(1100)))
    with working(library):
        assert ends(library, book.id) is DocumentState.READY
    assert states == [DocumentState.READY, DocumentState.EMBEDDING]


def test_pausing_while_it_is_read_and_resuming(tmp_path: Path) -> None:
    reading, seen = threading.Event(), threading.Event()

    def patient(
        path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
    ) -> ParsedDocument:
        if not seen.is_set():
            begun()
            reading.set()
            assert cancelled.wait(5), "nobody told the parser"
            seen.set()
        return parse_here(path, name, cancelled=cancelled, begun=begun)

    library = Library(tmp_path, HashEmbedder(), patient)
    with working(library):
        document = library.add("x.txt", "Some text about herons.")
        assert reading.wait(10)
        library.control.pause(document.id)
        assert seen.wait(5)
        later = library.add("y.txt", "Some text about storks.")  # the worker goes on, past the one that rests
        assert ends(library, later.id) is DocumentState.READY
        assert library.documents.get(document.id).state is DocumentState.QUEUED
        library.control.resume(document.id)
        assert ends(library, document.id) is DocumentState.READY


def test_stopping_ends_parsers_and_gives_the_jobs_back(tmp_path: Path) -> None:
    reading = threading.Event()

    def endless(
        path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
    ) -> ParsedDocument:
        begun()
        reading.set()
        cancelled.wait(30)
        return parse_here(path, name, cancelled=cancelled, begun=lambda: None)

    library = Library(tmp_path, HashEmbedder(), endless)
    document = library.add("x.txt", "Some text.")
    worker = library.worker()
    worker.start()
    assert reading.wait(10)
    started = time.monotonic()
    worker.stop()
    assert time.monotonic() - started < 3
    (job,) = library.jobs.claim("another", limit=1)
    assert (job.document_id, job.parses) == (document.id, 0)
    library.close()


def test_the_worker_begins_with_what_an_earlier_version_cut(tmp_path: Path) -> None:
    earlier = Library(tmp_path, HashEmbedder())
    document = earlier.add("x.txt", "Some text about herons.")
    earlier.run()
    with earlier.database.write() as connection:
        connection.execute("UPDATE documents SET cut = NULL")
    (chunk,) = earlier.chunks.of(document.id)
    earlier.close()
    library = Library(tmp_path, HashEmbedder())
    with working(library):
        wait_until(lambda: [found.id for found in library.chunks.of(document.id)] != [chunk.id])
        assert ends(library, document.id) is DocumentState.READY
        assert library.found("herons") == ["x.txt"]


def test_two_workers_share_the_work_and_a_third_start_takes_nothing_from_them(tmp_path: Path) -> None:
    """Each document is read once, though a third one starts in between."""
    reading, go_on, read = threading.Semaphore(0), threading.Event(), list[str]()

    def patient(
        path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
    ) -> ParsedDocument:
        begun()
        read.append(name)
        reading.release()
        go_on.wait(20)
        return parse_here(path, name, cancelled=cancelled, begun=lambda: None)

    library = Library(tmp_path, HashEmbedder(), patient)
    documents = [library.add(f"{number}.txt", f"Text number{number}.") for number in range(5)]
    with working(library):
        second = library.worker()
        second.start()
        for _ in range(4):  # two parsers each
            assert reading.acquire(timeout=20)
        library.jobs.release_dead(is_dead)
        go_on.set()
        for document in documents:
            assert ends(library, document.id) is DocumentState.READY
        second.stop()
    assert sorted(read) == sorted(document.name for document in documents)
