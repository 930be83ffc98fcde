"""A library into which files are imported, in this process: a parser's own process is tested where it lives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest import formats
from ingest.chunk import chunk_document
from ingest.pipeline import Pipeline
from ingest.prepare import Preparer
from ingest.publish import Publisher
from ingest.worker import Worker
from kb.knowledge_base import KnowledgeBase
from kb.ports import TokenCounter
from kb.types import OWNER, Chunk, DocumentState, ParsedDocument
from tests.waiting import wait_until


def parse_here(
    path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
) -> ParsedDocument:
    """The real parsers."""
    begun()
    return formats.parse(path, name)


def cut_here(path: Path, name: str, counter: TokenCounter, max_tokens: int) -> list[Chunk]:
    """The real chunker behind the real parsers."""
    return chunk_document(formats.parse(path, name), counter, max_tokens=max_tokens)


@contextmanager
def importing(kb: KnowledgeBase) -> Iterator[None]:
    """Within it what is queued is imported."""
    if not kb.maintenance.is_locked_here:
        kb.maintenance.lock()  # as the app does before it takes anything: what broke off before is swept away
    parts = kb.ingest_parts()

    def build_pipeline() -> Pipeline:
        engine = parts.open_engine()
        return Pipeline(
            preparer=Preparer(
                embedder=engine.embedder,
                parse=parse_here,
                chunk_tokens=lambda: kb.settings.parsing.chunk_tokens,
            ),
            publisher=Publisher(
                documents=parts.documents, steps=parts.steps, blobs=parts.blobs, index=engine.index
            ),
            parsers=2,
        )

    worker = Worker(jobs=parts.jobs, steps=parts.steps, blobs=parts.blobs, build_pipeline=build_pipeline)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def add(kb: KnowledgeBase, name: str, text: str) -> str:
    """Queues a file; returns the id of its document."""
    file = kb.settings.home / name
    file.write_text(text, encoding="utf-8")
    added = kb.library.add(file, name, caller=OWNER)
    file.unlink()
    return added.document.id


def wait_until_ready(kb: KnowledgeBase) -> None:
    """Waits until nothing is queued, and everything was imported."""
    wait_until(lambda: not kb.jobs.all(caller=OWNER))
    documents = kb.ingest_parts().documents.page()
    assert {document.state for document in documents} <= {DocumentState.READY}, documents
