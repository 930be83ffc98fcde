"""A library that is ready without a model or a parser: real blobs, chunks and vectors in a real database."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from kb.config import load_settings
from kb.errors import NotFound
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.ports import Embedder
from kb.state.blobs import BlobStore
from kb.state.chunks import text_hash
from kb.state.db import Database
from kb.state.deletion import delete_pending
from kb.state.documents import Documents
from kb.state.job_control import Control
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.vectors import Vectors
from kb.types import Chunk, Hit, Job, LinePlace, Origin, PreparedDocument, Question, Rect, Span
from tests.doubles.hash_embedder import HashEmbedder

WORDS = re.findall(
    r"\w+", "bridge harbour lantern copper orchard winter signal granite meadow timber violin compass"
)


def search(kb: KnowledgeBase, question: str, *, k: int = 10) -> list[Hit]:
    """The ``k`` best passages of ``kb``."""
    return list(asyncio.run(kb.query_engine.search(Question(question), k=k)).hits)


class NoPictures:
    """A renderer for documents without pages."""

    def render(self, path: Path, page: int, *, rects: Iterable[Rect] = (), width: int = 900) -> bytes:
        raise NotFound("There are no pages.")


def open_kb(home: Path, *, embedder: Embedder | None = None, **settings: object) -> KnowledgeBase:
    """The knowledge base of ``home`` with ``settings`` by ``section.name``.

    Without ``embedder``, with the bundled model for whoever opens the engine.
    """
    return open_knowledge_base(
        load_settings(**{"home": home, "embedding.model": "bundled", **settings}),
        renderer=NoPictures(),
        suffixes=frozenset({".txt", ".md"}),
        embedder=embedder,
    )


def sentence(seed: int) -> str:
    """Twelve words that no other seed yields in this order."""
    drawn = random.Random(seed)
    return f"Passage {seed}: {' '.join(drawn.choice(WORDS) for _ in range(12))}."


class Library:
    """Adds documents that are ready at once, embedded by hashing."""

    def __init__(
        self, home: Path, *, database: Database | None = None, embedder: Embedder | None = None
    ) -> None:
        self.home = home
        home.mkdir(mode=0o700, exist_ok=True)  # as the app makes it
        self.database = database or Database(home / "footnote.db")
        self.blobs = BlobStore(home / "blobs")
        self.documents = Documents(self.database)
        self.jobs = Jobs(self.database, clock=time.time)
        self.steps = Steps(self.database)
        self.control = Control(self.database)
        self.embedder = HashEmbedder()
        self._embedding: Embedder = embedder or self.embedder
        self.vectors = Vectors(self.database, self._embedding.fingerprint)

    def add(self, name: str, texts: Sequence[str], *, collection: str = "default") -> str:
        """A ready document whose passages are ``texts``; returns its id."""
        job = self.embedded(name, texts, collection=collection)
        self.steps.make_ready([job])
        self._bury()
        return job.document_id

    def embedded(self, name: str, texts: Sequence[str], *, collection: str = "default") -> Job:
        """A document that only has to be published; the hold on its job."""
        file = self.home / "given.txt"
        file.write_text("\n".join(texts), encoding="utf-8")
        blob = self.blobs.put(file, name=name, max_bytes=1 << 20)
        file.unlink()
        self.blobs.remember(blob.sha256, Origin(name, collection))
        self.documents.add(blob, Origin(name, collection))
        (job,) = self.jobs.claim("library", limit=1)
        chunks = [Chunk(text=text, spans=(Span(0, len(text), LinePlace.at(1)),), tokens=12) for text in texts]
        self.steps.begin_parsing(job)
        self.steps.store_chunks(job, PreparedDocument(tuple(chunks)))
        self.vectors.put([text_hash(text) for text in texts], self._embedding.embed_documents(texts))
        return job

    def remove(self, document_id: str) -> None:
        """Removes a document and its file."""
        self.control.remove([document_id])
        self._bury()

    def _bury(self) -> None:
        delete_pending(self.jobs, self.steps, self.blobs, owner="library")

    def fill(self, count: int, *, passages: int = 3) -> list[str]:
        """``count`` documents of ``passages`` each."""
        return [
            self.add(f"document {n}.txt", [sentence(n * passages + i) for i in range(passages)])
            for n in range(count)
        ]

    def close(self) -> None:
        """Closes the database."""
        self.database.close()
