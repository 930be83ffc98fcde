"""The write path, one step a line: parse, chunk, embed, publish."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.chunk import chunk_document
from kb.errors import BadInput, Cancelled
from kb.index import Index
from kb.ports import Embedder
from kb.state.blobs import BlobStore
from kb.state.documents import Documents
from kb.types import Chunk, DocumentState, Job, ParsedDocument

log = logging.getLogger(__name__)

_WINDOW_CHUNKS = 256
"""Chunks that are embedded between two commits: what a crash can cost, and how far apart progress is shown."""

_MOST_ATTEMPTS = 3
_PATIENCE_SECONDS = 0.05
"""How long a prepared document waits for company before it is embedded alone."""


class ParseFile(Protocol):
    """Runs the parser that fits the file, somewhere it can do no harm."""

    def __call__(self, path: Path, name: str) -> ParsedDocument:
        """Raises BadInput, with a sentence for the person, where the file cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document whose chunks are stored, and those of them that have no vector yet."""

    document_id: str
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
        blobs: BlobStore,
        index: Index,
        embedder: Embedder,
        parse: ParseFile,
        parsers: int,
        chunk_tokens: int,
    ) -> None:
        self._documents = documents
        self._blobs = blobs
        self._index = index
        self._embedder = embedder
        self._parse = parse
        self._parsers = parsers
        self._chunk_tokens = min(chunk_tokens, embedder.max_tokens)

    def run(self, jobs: Iterable[Job], *, stopped: Callable[[], bool]) -> None:
        """Works ``jobs`` off; draws from the iterator only what it can begin at once.

        Every document ends ready or failed with its reason, unless ``stopped`` says true: then this
        returns after the batch at hand, and the rest is taken up where it was left.
        """
        for window in self._windows(self._prepared(jobs, stopped)):
            if stopped() or not self._embed(window, stopped):
                return
            self._index.publish([prepared.document_id for prepared in window])

    # --- Parse and chunk ----------------------------------------------------------------------

    def _prepared(self, jobs: Iterable[Job], stopped: Callable[[], bool]) -> Iterator[_Prepared | None]:
        """Documents as they become ready to embed; None whenever the next one is not ready yet."""
        source = iter(jobs)
        with ThreadPoolExecutor(self._parsers, thread_name_prefix="prepare") as pool:
            running: set[Future[_Prepared | None]] = set()
            while not stopped():
                while len(running) <= self._parsers and (job := next(source, None)) is not None:
                    running.add(pool.submit(self._prepare, job))
                if not running:
                    return
                done, running = wait(running, timeout=_PATIENCE_SECONDS, return_when=FIRST_COMPLETED)
                for future in done:
                    if (prepared := future.result()) is not None:
                        yield prepared
                if not done:
                    yield None

    def _prepare(self, job: Job) -> _Prepared | None:
        """Parses and chunks one document, unless an earlier attempt did; None when that failed."""
        try:
            document = self._documents.get(job.document_id)
            if job.attempts > _MOST_ATTEMPTS:
                raise BadInput(
                    f"The import was begun {_MOST_ATTEMPTS} times and broke off each time. It was given up."
                )
            if document.state not in (DocumentState.EMBEDDING, DocumentState.INDEXING):
                self._documents.set_state(document.id, DocumentState.PARSING)
                parsed = self._parse(self._blobs.path(document.sha256), document.name)
                chunks = chunk_document(parsed, self._embedder, max_tokens=self._chunk_tokens)
                if not chunks:
                    raise BadInput(f"{document.name} holds no text that could be found again.")
                self._documents.store_chunks(document.id, parsed, chunks)
            count = self._documents.get(document.id).chunks
            return _Prepared(document.id, count, tuple(self._index.unembedded(document.id)))
        except BadInput as error:
            self._documents.fail(job.document_id, str(error))
        except Cancelled as error:
            log.info("document %s: %s", job.document_id, error)
        except Exception as error:  # a fault of ours must end as a failed document, not as a dead worker
            log.exception("document %s could not be prepared", job.document_id)
            self._documents.fail(
                job.document_id,
                f"Footnote itself failed on this file ({type(error).__name__}: {error}). The log has the details.",
            )
        return None

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
        work = [(prepared.document_id, chunk) for prepared in window for chunk in prepared.unembedded]
        left = {prepared.document_id: len(prepared.unembedded) for prepared in window}
        for start in range(0, len(work), _WINDOW_CHUNKS):
            if stopped():
                return False
            part = work[start : start + _WINDOW_CHUNKS]
            vectors = self._embedder.embed_documents([chunk.embedded_text for _, chunk in part])
            self._index.store_vectors([chunk for _, chunk in part], vectors)
            for document_id, _ in part:
                left[document_id] -= 1
            self._documents.set_progress(
                {member.document_id: member.chunks - left[member.document_id] for member in window}
            )
        for prepared in window:
            self._documents.set_indexing(prepared.document_id)
        return True
