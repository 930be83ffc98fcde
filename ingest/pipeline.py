"""The import, one step a line: read, store, embed, publish; each is in ``prepare.py`` or ``publish.py``.

While a window is stored and published the next ones are embedded (``ahead.py``), so that neither waits for the other.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

from ingest.ahead import Ahead, Part
from ingest.prepare import Preparer
from ingest.publish import Publisher, Unembedded
from kb.errors import BackendDown, BadInput, Cancelled, Damaged, Misconfigured, NotFound, Unembeddable
from kb.state.job_steps import EmbeddingProgress
from kb.types import Chunk, Job, PreparedVectors

log = logging.getLogger(__name__)

_WINDOW_CHUNKS = 256
"""Chunks that are embedded between two commits: how far apart progress is shown. A crash costs those under way."""

_PATIENCE_SECONDS = 0.05
"""How long a prepared document waits for company before it is embedded alone."""
_OF_LATE = 0.3
"""Weight of the latest window in the speed that is shown."""


@dataclass(slots=True)
class _Window:
    """Documents that are published together, and what is left to embed of each."""

    members: list[Unembedded]
    left: dict[Job, int]
    parts: int = 0
    """Of them, how many are not stored yet."""


class Pipeline:
    """Takes documents from queued to ready, several at a time.

    Parsing runs ahead in processes of its own while earlier documents are embedded; documents share
    batches, so that many small files cost no more than one large one.
    """

    def __init__(self, *, preparer: Preparer, publisher: Publisher, parsers: int, at_once: int = 1) -> None:
        """``parsers``: how many files are read at a time, those included that take so long that others pass them.

        ``at_once``: how many windows are embedded at a time; a server that is to be kept busy wants two.
        """
        self._preparer = preparer
        self._publisher = publisher
        self._parsers = parsers
        self._at_once = at_once
        self._lost: dict[Job, threading.Event] = {}
        self._speed: float | None = None
        self._stored_at = 0.0

    def run(self, jobs: Iterable[Job], *, stopped: Callable[[], bool]) -> None:
        """Works ``jobs`` off; takes from the iterator only what it can begin at once.

        Every document ends ready or failed with its reason, unless ``stopped`` returns true: then this
        returns after the batch at hand, and the other jobs go on later from where they were.

        Raises:
            BackendDown, Misconfigured: what embeds or reads does not work; the jobs are as they were.
        """
        try:
            with Ahead[_Window](self._preparer.embed, at_once=self._at_once) as ahead:
                for window, work in self._parts(self._windows(self._stored(jobs, stopped), ahead)):
                    if stopped():
                        break
                    if window is not None:
                        ahead.begin(window, work)
                    for part in ahead.ended():
                        self._keep(part)
                for part in ahead.rest(begun_only=stopped()):
                    self._keep(part)
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

    def _windows(
        self, stored: Iterable[Unembedded | None], ahead: Ahead[_Window]
    ) -> Iterator[list[Unembedded]]:
        """Yields groups of documents: a window's worth to embed, or what there is when nothing else is ready.

        An empty one where neither is so: what has been embedded meanwhile can be stored.
        """
        window: list[Unembedded] = []
        for item in stored:
            if item is not None:
                window.append(item)
            full = sum(len(member.lacking) for member in window) >= _WINDOW_CHUNKS
            if full or (item is None and ahead.is_idle):
                yield window
                window = []
            else:
                yield []
        yield window

    def _parts(
        self, windows: Iterable[list[Unembedded]]
    ) -> Iterator[tuple[_Window | None, list[tuple[Job, Chunk]]]]:
        """Yields the windows in parts of at most so many chunks, at least one each; None for an empty one."""
        for members in windows:
            if not members:
                yield None, []
                continue
            window = _Window(members, {member.job: len(member.lacking) for member in members})
            work = [(member.job, chunk) for member in members for chunk in member.lacking]
            window.parts = max(1, -(-len(work) // _WINDOW_CHUNKS))
            for start in range(0, max(1, len(work)), _WINDOW_CHUNKS):
                part = work[start : start + _WINDOW_CHUNKS]
                yield window, [(job, chunk) for job, chunk in part if not self._lost[job].is_set()]

    def _keep(self, part: Part[_Window]) -> None:
        """Commits what was embedded, and publishes the documents whose last part it was."""
        window, work = part.of, part.work
        if work:
            work, vectors = self._embedded(part)
            if vectors is not None:
                self._publisher.store_vectors(vectors)
            self._note_progress(window, work, begun=part.begun)
        window.parts -= 1
        if not window.parts:
            self._publish(window.members)

    def _embedded(self, part: Part[_Window]) -> tuple[list[tuple[Job, Chunk]], PreparedVectors | None]:
        """Returns what was embedded of a part, and its vectors; a document with a refused passage is left out."""
        work = part.work
        vectors = part.future.result
        while work:
            try:
                return work, vectors()
            except Unembeddable as refused:
                self._give_up(work[refused.place][0], str(refused))
            work = [(job, chunk) for job, chunk in work if not self._lost[job].is_set()]
            vectors = partial(self._preparer.embed, [chunk for _, chunk in work])
        return [], None

    def _note_progress(self, window: _Window, work: Sequence[tuple[Job, Chunk]], *, begun: float) -> None:
        for job, _ in work:
            window.left[job] -= 1
        pages = {job: chunk.anchor.page or 0 for job, chunk in work}
        done = {
            member.job: EmbeddingProgress(member.chunks - window.left[member.job], pages.get(member.job, 0))
            for member in window.members
        }
        now = time.perf_counter()
        speed = len(work) / (now - max(begun, self._stored_at))
        self._stored_at = now
        self._publisher.note_progress(done, chunks_per_second=self._speed_of_late(speed))

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
