"""The import, one step a line: read, store, embed, publish; each is in ``prepare.py`` or ``publish.py``."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from ingest.prepare import Preparer
from ingest.publish import Publisher, Unembedded
from kb.errors import BackendDown, BadInput, Cancelled, Damaged, Misconfigured, NotFound, Unembeddable
from kb.state.job_steps import EmbeddingProgress
from kb.types import Job

log = logging.getLogger(__name__)

_WINDOW_CHUNKS = 256
"""Chunks that are embedded between two commits: what a crash can cost, and how far apart progress is shown."""

_PATIENCE_SECONDS = 0.05
"""How long a prepared document waits for company before it is embedded alone."""
_OF_LATE = 0.3
"""Weight of the latest window in the speed that is shown."""


class Pipeline:
    """Takes documents from queued to ready, several at a time.

    Parsing runs ahead in processes of its own while earlier documents are embedded; documents share
    batches, so that many small files cost no more than one large one.
    """

    def __init__(self, *, preparer: Preparer, publisher: Publisher, parsers: int) -> None:
        """``parsers``: how many files are read at a time, those included that take so long that others pass them."""
        self._preparer = preparer
        self._publisher = publisher
        self._parsers = parsers
        self._lost: dict[Job, threading.Event] = {}
        self._speed: float | None = None

    def run(self, jobs: Iterable[Job], *, stopped: Callable[[], bool]) -> None:
        """Works ``jobs`` off; takes from the iterator only what it can begin at once.

        Every document ends ready or failed with its reason, unless ``stopped`` returns true: then this
        returns after the batch at hand, and the other jobs go on later from where they were.

        Raises:
            BackendDown, Misconfigured: what embeds or reads does not work; the jobs are as they were.
        """
        try:
            for window in self._windows(self._stored(jobs, stopped)):
                if stopped() or not self._embed(window, stopped):
                    return
                self._publish(window)
        finally:
            self._lost.clear()

    def drop_lost(self, held: Callable[[], set[tuple[int, int]]]) -> None:
        """Drops every job that is not among the (id, attempts) that ``held`` returns; its parser is ended."""
        # listed before the jobs are asked for: one that is claimed meanwhile is not lost
        known = list(self._lost.items())
        if known:
            still = held()
            for job, lost in known:
                if (job.id, job.attempts) not in still:
                    lost.set()

    @property
    def is_outdated(self) -> bool:
        """Whether another embedder took over, so that a new pipeline is to go on."""
        return self._publisher.is_superseded

    def sweep(self) -> None:
        """Deletes removed chunks from the indexes."""
        self._publisher.sweep()

    # --- Read and store -----------------------------------------------------------------------

    def _stored(self, jobs: Iterable[Job], stopped: Callable[[], bool]) -> Iterator[Unembedded | None]:
        """Yields documents as they become ready to embed; None whenever the next one is not ready yet."""
        source = iter(jobs)
        with ThreadPoolExecutor(self._parsers, thread_name_prefix="read") as pool:
            running: dict[Future[Unembedded | None], Job] = {}
            try:
                while not stopped():
                    while len(running) <= self._parsers and (job := next(source, None)) is not None:
                        self._lost[job] = threading.Event()
                        running[pool.submit(self._read_and_store, job)] = job
                    if not running:
                        return
                    done, _ = wait(running, timeout=_PATIENCE_SECONDS, return_when=FIRST_COMPLETED)
                    for future in done:
                        job = running.pop(future)
                        if (stored := future.result()) is not None:
                            yield stored
                        else:
                            del self._lost[job]
                    if not done:
                        yield None
            finally:
                for job in running.values():  # nobody waits for their parsers any more
                    self._lost[job].set()

    def _read_and_store(self, job: Job) -> Unembedded | None:
        """Reads and stores one document, unless an earlier attempt did; None when it ends here."""
        try:
            if (source := self._publisher.source(job)) is not None:
                prepared = self._preparer.read(
                    source.path,
                    source.name,
                    cancelled=self._lost[job],
                    begun=lambda: self._publisher.begin_reading(job),
                )
                self._publisher.store_document(job, prepared)
            return self._publisher.unembedded(job)
        except BadInput as error:
            self._publisher.fail(job, str(error))
        except (Cancelled, NotFound) as error:
            log.info("a document is given up", extra={"document": job.document_id, "reason": str(error)})
        except (BackendDown, Misconfigured, Damaged):
            raise  # no fault of this file: the worker waits until it works again
        except Exception as error:  # a fault of ours must end as a failed document, not as a dead worker
            log.exception("a document could not be read", extra={"document": job.document_id})
            self._publisher.fail(job, fault_of_ours(error))
        return None

    # --- Embed --------------------------------------------------------------------------------

    def _windows(self, stored: Iterable[Unembedded | None]) -> Iterator[list[Unembedded]]:
        """Yields groups of documents: a window's worth to embed, or what there is when nothing else is ready."""
        window: list[Unembedded] = []
        for item in stored:
            if item is not None:
                window.append(item)
            full = sum(len(member.lacking) for member in window) >= _WINDOW_CHUNKS
            if window and (full or item is None):
                yield window
                window = []
        if window:
            yield window

    def _embed(self, window: Sequence[Unembedded], stopped: Callable[[], bool]) -> bool:
        """Embeds what the documents lack and commits it batch by batch; False when it was stopped."""
        work = [(member.job, chunk) for member in window for chunk in member.lacking]
        left = {member.job: len(member.lacking) for member in window}
        while work := [(job, chunk) for job, chunk in work if not self._lost[job].is_set()]:
            if stopped():
                return False
            part, work = work[:_WINDOW_CHUNKS], work[_WINDOW_CHUNKS:]
            started = time.perf_counter()
            try:
                vectors = self._preparer.embed([chunk for _, chunk in part])
            except Unembeddable as refused:
                self._give_up(part[refused.place][0], str(refused))
                work = [*part, *work]
                continue
            self._publisher.store_vectors(vectors)
            for job, _ in part:
                left[job] -= 1
            pages = {job: chunk.anchor.page or 0 for job, chunk in part}
            done = {
                member.job: EmbeddingProgress(member.chunks - left[member.job], pages.get(member.job, 0))
                for member in window
            }
            speed = len(part) / (time.perf_counter() - started)
            self._publisher.note_progress(done, chunks_per_second=self._speed_of_late(speed))
        return True

    def _give_up(self, job: Job, reason: str) -> None:
        """Ends a document of which the embedding server does not take a passage; the others go on."""
        self._publisher.fail(job, reason)
        self._lost[job].set()

    def _speed_of_late(self, chunks_per_second: float) -> float:
        before = chunks_per_second if self._speed is None else self._speed
        self._speed = before + _OF_LATE * (chunks_per_second - before)
        return self._speed

    def _publish(self, window: Sequence[Unembedded]) -> None:
        jobs = [member.job for member in window]
        self._publisher.publish([job for job in jobs if not self._lost[job].is_set()])
        for job in jobs:
            del self._lost[job]


def fault_of_ours(error: Exception) -> str:
    """Returns the message for a person when the app, and not their file, is to blame."""
    return f"Footnote itself failed on this file ({type(error).__name__}: {error}). The log has the details."
