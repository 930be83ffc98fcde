"""Writes what was prepared to the database and the indexes: for the one process that owns them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.errors import NotReadNow
from kb.index.writer import IndexWriter
from kb.state.blobs import BlobStore
from kb.state.documents import Documents
from kb.state.job_steps import EmbeddingProgress, Steps
from kb.types import Chunk, DocumentState, Job, PreparedDocument, PreparedVectors

_MOST_PARSES = 5
"""So many times the whole process may end while a file is read. More than a parser's own crashes, which are
counted apart: parsers have a process of their own, so most likely somebody ended the app."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is to be read."""

    path: Path
    name: str
    """What the person called it."""


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A document whose chunks are stored, and those of them that have no vector yet."""

    job: Job
    chunks: int
    lacking: tuple[Chunk, ...]


class Publisher:
    """Stores each part as it comes, checks the job's lease each time, and publishes whole documents."""

    def __init__(self, *, documents: Documents, steps: Steps, blobs: BlobStore, index: IndexWriter) -> None:
        self._documents = documents
        self._steps = steps
        self._blobs = blobs
        self._index = index

    @property
    def is_superseded(self) -> bool:
        """Whether another writer took over, after a change of the embedder."""
        return self._index.is_superseded

    def source(self, job: Job) -> Source | None:
        """Returns the file to read for ``job``; None where its chunks are stored already, by an earlier attempt.

        Raises:
            NotReadNow: it took the whole process with it too often.
            NotFound: the document is gone.
        """
        document = self._documents.get(job.document_id)
        if document.state in (DocumentState.EMBEDDING, DocumentState.INDEXING):
            return None
        if job.parses >= _MOST_PARSES:
            raise NotReadNow(
                f"The parser crashed on {document.name}: Footnote itself ended {_MOST_PARSES} times while the file was "
                "read. Open it in its own program, save it anew and add that."
            )
        return Source(self._blobs.path(document.sha256), document.name)

    def begin_reading(self, job: Job) -> None:
        """Notes that a parser is about to open the file; raises Cancelled where the lease was lost."""
        self._steps.begin_parsing(job)

    def store_document(self, job: Job, prepared: PreparedDocument) -> None:
        """Stores the parsed document and its chunks; raises Cancelled where the lease was lost."""
        self._steps.store_chunks(job, prepared)

    def unembedded(self, job: Job) -> Unembedded:
        """Returns what is still to be embedded of a stored document: all of it, or what an earlier attempt left.

        Raises:
            NotFound: the document is gone.
        """
        document = self._documents.get(job.document_id)
        return Unembedded(job, document.chunks, tuple(self._index.unembedded(document.id)))

    def store_vectors(self, prepared: PreparedVectors) -> None:
        """Stores vectors of chunks that are still there; committed when it returns.

        Raises:
            Misconfigured: they are another embedder's, or of another width than this index has.
        """
        self._index.store_vectors(prepared)

    def note_progress(
        self, done: Mapping[Job, EmbeddingProgress], *, embedded: Sequence[Job], chunks_per_second: float
    ) -> None:
        """Stores the progress and speed of documents, and which are wholly ``embedded``, to be published next.

        Jobs whose lease was lost are ignored.
        """
        self._steps.progress(done, embedded=embedded, chunks_per_second=chunks_per_second)

    def note_embedded(self, jobs: Sequence[Job]) -> None:
        """Stores that documents have all their vectors, where none had to be computed."""
        self._steps.set_indexing(jobs)

    def publish(self, jobs: Sequence[Job]) -> None:
        """Makes embedded documents findable, all of them together; those whose jobs lost their lease are ignored."""
        self._index.publish(jobs)

    def fail(self, job: Job, reason: str, *, unreadable: bool = False) -> None:
        """Ends an import without success; ``reason`` is a sentence for the person.

        ``unreadable``: it is what the file is, so that the same bytes would fail again.
        """
        self._steps.fail(job, reason, unreadable=unreadable)

    def sweep(self) -> None:
        """Deletes removed chunks from the indexes."""
        self._index.sweep()
