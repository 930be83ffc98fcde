"""All tables of one database, and a worker's life in one line."""

from __future__ import annotations

from pathlib import Path

from kb.state.blobs import Blob, BlobStore
from kb.state.chunks import Chunks
from kb.state.deletion import delete_pending
from kb.state.documents import Documents
from kb.state.job_control import Control
from kb.state.job_progress import WorkProgress
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.sql import SqlDatabase
from kb.types import (
    OWNER,
    Chunk,
    Document,
    Job,
    LinePlace,
    Origin,
    ParagraphPlace,
    PdfPlace,
    PreparedDocument,
    Rect,
    Span,
)

CHUNKS = [
    Chunk(
        text="First.",
        spans=(Span(0, 6, PdfPlace((Rect(1, 10.0, 20.0, 30.0, 40.0),))),),
        heading_path=("一", "Two"),
        tokens=3,
    ),
    Chunk(
        text="Second.",
        spans=(Span(0, 3, LinePlace.at(4)), Span(3, 7, ParagraphPlace.at(9))),
        tokens=2,
        indexed_text="Order: Second.",
    ),
]
PREPARED = PreparedDocument(
    tuple(CHUNKS), title="A title", pages=2, language="en", warnings=("Page 2 holds no text.",)
)


def blob(letter: str) -> Blob:
    return Blob(letter * 64, 10)


class State:
    """Every class of ``kb.state`` on one database, with a clock that a test sets."""

    def __init__(self, database: SqlDatabase, folder: Path) -> None:
        self.database = database
        self.now = 1000.0
        self.documents = Documents(database)
        self.chunks = Chunks(database)
        self.jobs = Jobs(database, clock=lambda: self.now)
        self.steps = Steps(database)
        self.control = Control(database)
        self.progress = WorkProgress(database, clock=lambda: self.now)
        self.blobs = BlobStore(folder / "blobs")

    def add(
        self, letter: str, name: str | None = None, collection: str = "c", *, owner: str = OWNER.id
    ) -> Document:
        return self.documents.add(
            blob(letter), Origin(name or f"{letter}.pdf", collection, owner=owner)
        ).document

    def claim(self, owner: str = "worker") -> Job:
        (job,) = self.jobs.claim(owner, limit=1)
        return job

    def embedding(
        self, letter: str, name: str | None = None, collection: str = "c", *, owner: str = OWNER.id
    ) -> Job:
        """A document that was just parsed, and the worker's hold on it."""
        document = self.add(letter, name, collection, owner=owner)
        job = self.claim()
        assert job.document_id == document.id
        self.steps.begin_parsing(job)
        self.steps.store_chunks(job, PREPARED)
        return job

    def ready(
        self, letter: str, name: str | None = None, collection: str = "c", *, owner: str = OWNER.id
    ) -> str:
        job = self.embedding(letter, name, collection, owner=owner)
        self.steps.make_ready([job])
        return job.document_id

    def finish(self) -> None:
        """Imports what is next in the queue."""
        job = self.claim()
        self.steps.begin_parsing(job)
        self.steps.store_chunks(job, PREPARED)
        self.steps.make_ready([job])

    def delete_pending(self) -> list[str]:
        """Buries what is deleted; the SHA-256 of the files that went."""
        before = self.blobs.hashes()
        delete_pending(self.jobs, self.steps, self.blobs, owner="burier")
        return sorted(before - self.blobs.hashes())

    def keep_file(self, letter: str) -> None:
        """A file of the name that a blob with these bytes has."""
        path = self.blobs.path(letter * 64)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
