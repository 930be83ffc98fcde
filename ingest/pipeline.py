"""The import, one step a line: read, store, embed, publish; each is in ``prepare.py`` or ``publish.py``.

While a batch is stored and published the next ones are embedded (``ahead.py``), so that neither waits for the other;
``turns.py`` says whose chunks are in it.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from ingest.ahead import Ahead, Part
from ingest.prepare import Preparer
from ingest.publish import Publisher, Unembedded
from ingest.turns import Turns
from kb.errors import (
    BackendDown,
    BadInput,
    Cancelled,
    Damaged,
    Misconfigured,
    NotFound,
    NotReadNow,
    Unembeddable,
)
from kb.types import Chunk, Job, PreparedVectors

log = logging.getLogger(__name__)

MOST_BATCH = 256
"""Chunks that are embedded between two commits, at most: a crash costs those under way."""
_BATCH_SECONDS = 2.0
"""How far apart progress is shown, and small files are found, where that many chunks take longer."""
_LOOK_SECONDS = 0.05
"""How soon a job is claimed that comes while others are read and embedded."""
_OF_LATE = 0.3
"""Weight of the latest batch in the speed that is shown."""


@dataclass(frozen=True, slots=True)
class Batching:
    """What is embedded together, and when."""

    at_once: int = 1
    """How many batches are embedded at a time; where it is one, what embeds idles until the next is begun."""
    least: int = MOST_BATCH
    """Chunks from which on a batch is no quicker for being larger."""
    patience_seconds: float = 0.05
    """How long a document waits for others that are being read before it is embedded alone: since the last of these was
    begun where something is being embedded, since it was read itself where nothing is.
    """


EACH_IN_TURN = Batching()


class Pipeline:
    """Takes documents from queued to ready, several at a time.

    Parsing runs ahead in processes of its own while earlier documents are embedded; documents share
    batches, so that many small files cost no more than one large one and wait for none.
    """

    def __init__(
        self,
        *,
        preparer: Preparer,
        publisher: Publisher,
        parsers: int,
        batching: Batching = EACH_IN_TURN,
    ) -> None:
        """``parsers``: how many files are read at a time, those included that take so long that others pass them."""
        self._preparer = preparer
        self._publisher = publisher
        self._parsers = parsers
        self._batching = batching
        self._lost: dict[Job, threading.Event] = {}
        self._speed: float | None = None
        self._stored_at = 0.0

    def run(self, claim: Callable[[], Job | None], *, stopped: Callable[[], bool]) -> None:
        """Works off what ``claim`` returns; returns when that is None and everything is done.

        ``claim`` is asked again while a file is read or embedded, after it returned None as well: what is
        added meanwhile does not wait for the end of that. Every document ends ready or failed with its
        reason, unless ``stopped`` returns true: then this returns after the batch at hand, and the other
        jobs go on later from where they were.

        Raises:
            BackendDown, Misconfigured: what embeds or reads does not work; the jobs are as they were.
        """
        turns = Turns(batch_size(self._speed, least=self._batching.least))
        try:
            with Ahead(self._preparer.embed, at_once=self._batching.at_once) as ahead:
                with closing(self._stored(claim, stopped, turns, ahead)) as documents:
                    for document in documents:
                        if document is None:
                            self._advance(turns, ahead)
                            continue
                        turns.add(document)
                        while turns.is_full and not stopped():
                            ahead.wait()
                            self._advance(turns, ahead)
                for part in ahead.rest():
                    self._keep(part, turns)
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

    def _stored(
        self, claim: Callable[[], Job | None], stopped: Callable[[], bool], turns: Turns, ahead: Ahead
    ) -> Generator[Unembedded | None, None, None]:
        """Yields documents as they become ready to embed; None when the next one is not ready yet.

        Ends when nothing is read, nothing is embedded and there is no job.
        """
        with ThreadPoolExecutor(self._parsers, thread_name_prefix="read") as pool:
            running: dict[Future[Unembedded | None], Job] = {}
            begun, idle_since = 0.0, math.inf
            try:
                while not stopped():
                    while len(running) <= self._parsers and (job := claim()) is not None:
                        self._lost[job] = threading.Event()
                        running[pool.submit(self._read_and_store, job)] = job
                        begun = time.monotonic()
                    if not running and not turns:
                        return
                    turns.is_last = not running
                    computing = ahead.computing()
                    futures: set[Future[Any]] = {*running, *computing}
                    patience, is_due = _LOOK_SECONDS, False
                    idles = turns.any_waits and not computing
                    idle_since = min(idle_since, time.monotonic()) if idles else math.inf
                    if ahead.is_idle and turns.any_waits:
                        since = min(begun, idle_since)
                        waits = since + self._batching.patience_seconds - time.monotonic()
                        patience = max(0.0, waits) if running else 0.0
                        is_due = patience == 0.0
                    ended, _ = wait(futures, timeout=patience, return_when=FIRST_COMPLETED)
                    done = [future for future in running if future in ended]
                    for future in done:
                        job = running.pop(future)
                        if (stored := future.result()) is not None:
                            yield stored
                        else:
                            del self._lost[job]
                    if is_due or not done:
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
            self._publisher.fail(job, str(error), unreadable=not isinstance(error, NotReadNow))
        except (Cancelled, NotFound) as error:
            log.info("a document is given up", extra={"document": job.document_id, "reason": str(error)})
        except (BackendDown, Misconfigured, Damaged):
            raise  # no fault of this file: the worker waits until it works again
        except Exception as error:  # a fault of ours must end as a failed document, not as a dead worker
            log.exception("a document could not be read", extra={"document": job.document_id})
            self._publisher.fail(job, fault_of_ours(error))
        return None

    # --- Embed --------------------------------------------------------------------------------

    def _advance(self, turns: Turns, ahead: Ahead) -> None:
        """Begins to embed what can be begun, then stores what was embedded meanwhile."""
        gone = [job for job in turns.jobs() if self._is_lost(job)]
        turns.drop(gone)
        for job in gone:
            del self._lost[job]
        while ahead.is_idle and (work := turns.take()):
            ahead.begin(work)
        for part in ahead.ended():
            self._keep(part, turns)
        self._publish_known(turns)

    def _keep(self, part: Part, turns: Turns) -> None:
        """Commits what was embedded, and publishes the documents that it makes whole."""
        work, vectors = self._embedded(part)
        if vectors is None:
            return
        self._publisher.store_vectors(vectors)
        now = time.perf_counter()
        speed = self._speed_of_late(len(work) / (now - max(part.begun, self._stored_at)))
        self._stored_at = now
        done = turns.keep(work)
        turns.batch = batch_size(speed, least=self._batching.least)
        whole = turns.whole()
        self._publisher.note_progress(done, embedded=whole, chunks_per_second=speed)
        self._publish(whole)

    def _embedded(self, part: Part) -> tuple[list[tuple[Job, Chunk]], PreparedVectors | None]:
        """Returns what was embedded of a part, and its vectors; a document with a refused passage is left out."""
        work = part.work
        vectors = part.future.result
        while work:
            try:
                return work, vectors()
            except Unembeddable as refused:
                self._give_up(work[refused.place][0], str(refused))
            work = [(job, chunk) for job, chunk in work if not self._is_lost(job)]
            vectors = partial(self._preparer.embed, [chunk for _, chunk in work])
        return [], None

    def _give_up(self, job: Job, reason: str) -> None:
        """Ends a document of which the embedding server does not take a passage; the others go on."""
        self._publisher.fail(job, reason)
        if (lost := self._lost.get(job)) is not None:
            lost.set()

    def _is_lost(self, job: Job) -> bool:
        """Returns whether nobody waits for what ``job`` yields: its lease was lost, or it was given up."""
        lost = self._lost.get(job)
        return lost is None or lost.is_set()

    def _speed_of_late(self, chunks_per_second: float) -> float:
        before = chunks_per_second if self._speed is None else self._speed
        self._speed = before + _OF_LATE * (chunks_per_second - before)
        return self._speed

    def _publish_known(self, turns: Turns) -> None:
        """Publishes the documents of which every passage had a vector already."""
        if whole := turns.whole():
            self._publisher.note_embedded(whole)
            self._publish(whole)

    def _publish(self, jobs: Sequence[Job]) -> None:
        if jobs:
            self._publisher.publish([job for job in jobs if not self._is_lost(job)])
        for job in jobs:
            del self._lost[job]


def batch_size(chunks_per_second: float | None, *, least: int) -> int:
    """Returns how many chunks are embedded between two commits at a speed; None is not known yet."""
    in_time = 0 if chunks_per_second is None else round(chunks_per_second * _BATCH_SECONDS)
    return min(MOST_BATCH, max(least, in_time))


def fault_of_ours(error: Exception) -> str:
    """Returns the message for a person when the app, and not their file, is to blame."""
    return f"Footnote itself failed on this file ({type(error).__name__}: {error}). The log has the details."
