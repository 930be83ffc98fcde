"""The write path, one step a line: parse, chunk, embed, publish."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.chunk import CHUNKER_VERSION, chunk_document
from kb.errors import BackendDown, BadInput, Cancelled, Misconfigured, NotFound
from kb.index.writer import IndexWriter
from kb.ports import Embedder
from kb.state.blobs import BlobStore
from kb.state.documents import Documents
from kb.state.job_steps import EmbeddingProgress, Steps
from kb.types import Chunk, Document, DocumentState, Job, ParsedDocument

log = logging.getLogger(__name__)

_WINDOW_CHUNKS = 256
"""Chunks that are embedded between two commits: what a crash can cost, and how far apart progress is shown."""

_MOST_PARSES = 5
"""So many times the whole process may end while a file is read. More than a parser's own crashes, which are
counted apart: parsers have a process of their own, so most likely somebody ended the app."""
_PATIENCE_SECONDS = 0.05
"""How long a prepared document waits for company before it is embedded alone."""
_OF_LATE = 0.3
"""Weight of the latest window in the speed that is shown."""


class ParseFile(Protocol):
    """Runs the parser that fits the file, somewhere it can do no harm."""

    def __call__(
        self, path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
    ) -> ParsedDocument:
        """``begun`` is called just before the file is read; setting ``cancelled`` ends the parser within a second.

        Raises:
            BadInput: the file cannot be read; a sentence for the person.
            Cancelled: ``cancelled`` was set, or ``begun`` raised it.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document whose chunks are stored, and those of them that have no vector yet."""

    job: Job
    chunks: int
    unembedded: tuple[Chunk, ...]


class Pipeline:
    """Takes documents from queued to ready, several at a time.

    Parsing runs ahead in processes of its own while earlier documents are embedded; documents share
    batches, so that many small files cost no more than one large one.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        steps: Steps,
        blobs: BlobStore,
        index: IndexWriter,
        embedder: Embedder,
        parse: ParseFile,
        parsers: int,
        chunk_tokens: int,
    ) -> None:
        self._documents = documents
        self._steps = steps
        self._blobs = blobs
        self._index = index
        self._embedder = embedder
        self._parse = parse
        self._parsers = parsers
        self._chunk_tokens = min(chunk_tokens, embedder.max_tokens)
        self._lost: dict[Job, threading.Event] = {}
        self._speed: float | None = None

    def run(self, jobs: Iterable[Job], *, stopped: Callable[[], bool]) -> None:
        """Works ``jobs`` off; draws from the iterator only what it can begin at once.

        Every document ends ready or failed with its reason, unless ``stopped`` says true: then this
        returns after the batch at hand, and the rest is taken up where it was left.

        Raises:
            BackendDown, Misconfigured: what embeds or reads does not work; the jobs are as they were.
        """
        try:
            for window in self._windows(self._prepared(jobs, stopped)):
                if stopped() or not self._embed(window, stopped):
                    return
                self._publish(window)
        finally:
            self._lost.clear()

    def drop_lost(self, held: Callable[[], set[tuple[int, int]]]) -> None:
        """Lets go of every job that is not among the (id, attempts) that ``held`` tells; its parser is ended."""
        # listed before the jobs are asked for: one that is claimed meanwhile is not lost
        known = list(self._lost.items())
        if known:
            still = held()
            for job, lost in known:
                if (job.id, job.attempts) not in still:
                    lost.set()

    def sweep(self) -> None:
        """Takes what was removed out of the indexes."""
        self._index.sweep()

    # --- Parse and chunk ----------------------------------------------------------------------

    def _prepared(self, jobs: Iterable[Job], stopped: Callable[[], bool]) -> Iterator[_Prepared | None]:
        """Documents as they become ready to embed; None whenever the next one is not ready yet."""
        source = iter(jobs)
        with ThreadPoolExecutor(self._parsers, thread_name_prefix="prepare") as pool:
            running: dict[Future[_Prepared | None], Job] = {}
            try:
                while not stopped():
                    while len(running) <= self._parsers and (job := next(source, None)) is not None:
                        self._lost[job] = threading.Event()
                        running[pool.submit(self._prepare, job)] = job
                    if not running:
                        return
                    done, _ = wait(running, timeout=_PATIENCE_SECONDS, return_when=FIRST_COMPLETED)
                    for future in done:
                        job = running.pop(future)
                        if (prepared := future.result()) is not None:
                            yield prepared
                        else:
                            del self._lost[job]
                    if not done:
                        yield None
            finally:
                for job in running.values():  # nobody waits for their parsers any more
                    self._lost[job].set()

    def _prepare(self, job: Job) -> _Prepared | None:
        """Parses and chunks one document, unless an earlier attempt did; None when it ends here."""
        try:
            document = self._documents.get(job.document_id)
            if document.state not in (DocumentState.EMBEDDING, DocumentState.INDEXING):
                self._parse_and_store(job, document)
            count = self._documents.get(document.id).chunks
            return _Prepared(job, count, tuple(self._index.unembedded(document.id)))
        except BadInput as error:
            self._steps.fail(job, str(error))
        except (Cancelled, NotFound) as error:
            log.info("document %s: %s", job.document_id, error)
        except (BackendDown, Misconfigured):
            raise  # no fault of this file: the worker waits until it works again
        except Exception as error:  # a fault of ours must end as a failed document, not as a dead worker
            log.exception("document %s could not be prepared", job.document_id)
            self._steps.fail(job, fault_of_ours(error))
        return None

    def _parse_and_store(self, job: Job, document: Document) -> None:
        if job.parses >= _MOST_PARSES:
            raise BadInput(
                f"The parser crashed on {document.name}: Footnote itself ended {_MOST_PARSES} times while the file was "
                "read. Open it in its own program, save it anew and add that."
            )
        path = self._blobs.path(document.sha256)
        parsed = self._parse(
            path, document.name, cancelled=self._lost[job], begun=lambda: self._steps.begin_parsing(job)
        )
        chunks = chunk_document(parsed, self._embedder, max_tokens=self._chunk_tokens)
        if not chunks:
            raise BadInput(f"{document.name} holds no text that could be found again.")
        self._steps.store_chunks(job, parsed, chunks, chunker_version=CHUNKER_VERSION)

    # --- Embed --------------------------------------------------------------------------------

    def _windows(self, prepared: Iterable[_Prepared | None]) -> Iterator[list[_Prepared]]:
        """Groups documents until there is a window's worth to embed, or nothing else is ready."""
        window: list[_Prepared] = []
        for item in prepared:
            if item is not None:
                window.append(item)
            full = sum(len(member.unembedded) for member in window) >= _WINDOW_CHUNKS
            if window and (full or item is None):
                yield window
                window = []
        if window:
            yield window

    def _embed(self, window: Sequence[_Prepared], stopped: Callable[[], bool]) -> bool:
        """Embeds what the documents lack and commits it batch by batch; False when it was stopped."""
        work = [(prepared.job, chunk) for prepared in window for chunk in prepared.unembedded]
        left = {prepared.job: len(prepared.unembedded) for prepared in window}
        while work := [(job, chunk) for job, chunk in work if not self._lost[job].is_set()]:
            if stopped():
                return False
            part, work = work[:_WINDOW_CHUNKS], work[_WINDOW_CHUNKS:]
            started = time.perf_counter()
            vectors = self._embedder.embed_documents([chunk.embedded_text for _, chunk in part])
            self._index.store_vectors([chunk for _, chunk in part], vectors)
            for job, _ in part:
                left[job] -= 1
            pages = {job: chunk.anchor.page or 0 for job, chunk in part}
            self._steps.progress(
                {
                    prepared.job: EmbeddingProgress(
                        prepared.chunks - left[prepared.job], pages.get(prepared.job, 0)
                    )
                    for prepared in window
                },
                chunks_per_second=self._speed_of_late(len(part) / (time.perf_counter() - started)),
            )
        return True

    def _speed_of_late(self, chunks_per_second: float) -> float:
        before = chunks_per_second if self._speed is None else self._speed
        self._speed = before + _OF_LATE * (chunks_per_second - before)
        return self._speed

    def _publish(self, window: Sequence[_Prepared]) -> None:
        jobs = [prepared.job for prepared in window]
        kept = [job for job in jobs if not self._lost[job].is_set()]
        self._steps.set_indexing(kept)
        self._index.publish(kept)
        for job in jobs:
            del self._lost[job]


def fault_of_ours(error: Exception) -> str:
    """What a person is told when the app, and not their file, is to blame."""
    return f"Footnote itself failed on this file ({type(error).__name__}: {error}). The log has the details."
