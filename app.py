"""Footnote's entry point: settings, knowledge base, import worker, then the page or a command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.formats import SUPPORTED_SUFFIXES, unread_kind
from kb.backends import SERVERS
from kb.cli import main as cli
from kb.cli.serve import RESTART
from kb.config import Settings
from kb.system.private import PRIVATE_UMASK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.pipeline import Pipeline
    from ingest.sandbox.sandbox import Sandbox
    from ingest.worker import Worker
    from kb.evaluate.experiments import ExperimentRunner
    from kb.knowledge_base import KnowledgeBase
    from kb.ports import Embedder, TokenCounter
    from kb.types import Chunk, Rect

_BATCHES_AT_ONCE = 2
"""Embedded at a time: else what embeds idles at the end of each, until the next is begun."""
_AT_A_SERVER = 3
"""The same of a server: while one batch is stored and published, which may take longer than the next, two are there."""
_LEAST_BATCH = 64
"""Passages of a batch that this machine embeds: what its tokenizer takes together. A server gets larger ones."""


class App:
    """Brings together what no other module may: the knowledge base, the parsers, the worker."""

    def __init__(self) -> None:
        self._settings = Settings()
        self._sandbox: Sandbox | None = None

    def open(self, settings: Settings) -> KnowledgeBase:
        """The documents of ``settings.home`` and all that stands on them; loads nothing heavy."""
        from kb.knowledge_base import open_knowledge_base

        suffixes = frozenset(SUPPORTED_SUFFIXES)
        kb = open_knowledge_base(settings, renderer=self, suffixes=suffixes, cutter=self.cut)
        self._settings = kb.settings
        return kb

    def unread_kind(self, path: Path) -> str | None:
        """What a file of a folder is that should be left out; None for one to read. Raises OSError."""
        return unread_kind(path)

    def worker(self, kb: KnowledgeBase) -> Worker:
        """What imports the files queued in ``kb``; not started."""
        from ingest.worker import Worker

        parts = kb.ingest_parts()

        def build_pipeline() -> Pipeline:
            from ingest.pipeline import MOST_BATCH, Batching, Pipeline
            from ingest.prepare import Preparer
            from ingest.publish import Publisher
            from ingest.sandbox.sandbox import MOST_ASIDE

            engine = parts.open_engine()
            return Pipeline(
                preparer=Preparer(
                    embedder=engine.embedder,
                    parse=self.sandbox.parse,
                    chunk_tokens=lambda: kb.settings.parsing.chunk_tokens,
                    engine=parts.engine,
                    record=parts.record,
                ),
                publisher=Publisher(
                    documents=parts.documents, steps=parts.steps, blobs=parts.blobs, index=engine.index
                ),
                parsers=self._workers + MOST_ASIDE,
                batching=Batching(at_once=_AT_A_SERVER, least=MOST_BATCH)
                if kb.settings.embedding.engine in SERVERS
                else Batching(at_once=_BATCHES_AT_ONCE, least=_LEAST_BATCH),
            )

        return Worker(jobs=parts.jobs, steps=parts.steps, blobs=parts.blobs, build_pipeline=build_pipeline)

    def experiments(self, kb: KnowledgeBase) -> ExperimentRunner:
        """What measures how well passages are found, in libraries of its own beside those of ``kb``."""
        from ingest.code_version import code_version
        from kb.evaluate.experiments import ExperimentRunner

        return ExperimentRunner(
            kb, open_library=self._open_beside, worker=self.worker, code_version=code_version()
        )

    def _open_beside(self, settings: Settings, embedder: Embedder) -> KnowledgeBase:
        """Another library in this process, which shares the embedder and the parsers."""
        from kb.knowledge_base import open_knowledge_base

        suffixes = frozenset(SUPPORTED_SUFFIXES)
        return open_knowledge_base(settings, renderer=self, suffixes=suffixes, embedder=embedder)

    @property
    def _workers(self) -> int:
        from ingest.sandbox.sandbox import workers_for

        return workers_for(os.cpu_count())

    @property
    def sandbox(self) -> Sandbox:
        """The processes that read files and draw pages, begun by whoever first needs one."""
        if self._sandbox is None:
            from ingest.sandbox.sandbox import Sandbox

            self._sandbox = Sandbox(
                workers=self._workers,
                seconds=self._settings.parsing.seconds,
                megabytes=self._settings.parsing.megabytes,
            )
        return self._sandbox

    def render(self, path: Path, page: int, *, rects: Iterable[Rect] = (), width: int = 900) -> bytes:
        """Draws a page of a PDF as a PNG; raises NotFound, BadInput."""
        return self.sandbox.render(path, page, rects=rects, width=width)

    def cut(self, path: Path, name: str, counter: TokenCounter, max_tokens: int) -> list[Chunk]:
        """Returns the chunks of a file, each of at most ``max_tokens``; raises BadInput."""
        import threading

        from ingest.chunk import chunk_document

        def begun() -> None:
            """Nobody keeps a note of it."""

        parsed = self.sandbox.parse(path, name, cancelled=threading.Event(), begun=begun)
        return chunk_document(parsed, counter, max_tokens=max_tokens)

    def close(self) -> None:
        """Ends the processes."""
        if self._sandbox is not None:
            self._sandbox.close()


def main() -> int:
    """Runs the command line; returns the exit code."""
    os.umask(PRIVATE_UMASK)  # documents and answers are for the account that runs this
    app = App()
    try:
        code = cli.main(sys.argv[1:], app)
    finally:
        app.close()
    return _once_more() if code == RESTART else code


def _once_more() -> int:
    """Runs this program again as it was started, in this very process; where a process cannot become another, below."""
    command = [sys.executable, *sys.orig_argv[1:]]
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - no shell, and the arguments are our own
    return subprocess.run(command, check=False).returncode  # noqa: S603 - likewise


if __name__ == "__main__":
    sys.exit(main())
