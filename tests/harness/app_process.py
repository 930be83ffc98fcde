"""The real app in a process of its own, which can be killed at any moment and started again.

What runs is ``app.py serve``, whole: page, API, worker, sandboxed parsers, SQLite, Chroma, Tantivy. Only the
embedder is exchanged where a run names one of ``PACED``, so that a start does not wait for PyTorch.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
import psutil

from app import App
from ingest.formats import SUPPORTED_SUFFIXES
from ingest.sandbox.sandbox import Sandbox
from kb.cli import main as cli
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.types import ParsedDocument
from tests.harness.paced_embedder import PacedEmbedder
from tests.harness.ports import free_port
from tests.harness.unsafe import UNSAFE

PACED = ("paced-a", "paced-b")
"""Two embedders without weights: going from one to the other means embedding every document anew."""
PRELOADED = (
    "tests.harness.app_process", "tests.harness.preload", "kb.web.page.frame.layout", "kb.web.page.frame.fragments",
    "kb.web.server", "kb.answer.answerer", "kb.retrieval.retriever", "kb.retrieval.sentence_similarity",
    "kb.answer.passage_source", "kb.index.vector.chroma", "kb.index.vector.exact", "kb.index.lexical.tantivy_index",
    "kb.models.chat.pool", "kb.models.embed.choose", "ingest.pipeline", "ingest.worker", "ingest.sandbox.sandbox",
)  # fmt: skip
"""What every life of the app would import anew; a life that is forked finds it there."""
_START_SECONDS = 60.0
_POLL_SECONDS = 0.02
_LAST_CHILD_SECONDS = 15.0
_LOG_SHOWN = 12_000
"""Characters."""


class NotStarted(Exception):
    """The app died, or said nothing, instead of starting."""


@dataclass(frozen=True, slots=True)
class AppOptions:
    """How to run the app."""

    home: Path
    embedder: str = PACED[0]
    """One of ``PACED``, or what the setting ``embedder`` takes."""
    seconds_a_text: float = 0.001
    """The pace of a paced embedder."""
    unsafe: str | None = None
    """The name of a fault to put in."""
    parser: str = "ingest.formats:parse"
    """``module:function`` that reads the files."""
    fresh: bool = False
    """Begin with a new interpreter, as a person would; slower by the imports."""
    settings: Mapping[str, object] = field(default_factory=dict)

    def with_other_embedder(self) -> AppOptions:
        """The same with the other one of ``PACED``."""
        return replace(self, embedder=PACED[1 - PACED.index(self.embedder)])


class AppProcess:
    """One data folder's app. ``start`` after ``kill`` or ``stop`` is the next life of the same folder."""

    def __init__(self, options: AppOptions) -> None:
        self.options = options
        self.address = ""
        self._process: Any = None
        self._facts: Connection | None = None

    def start(self) -> float:
        """Starts the app; returns after how many seconds it answered its first request.

        Raises:
            NotStarted: it did not.
        """
        begun = time.monotonic()
        self.launch()
        with self.client() as client:
            while not self._answers(client):
                if not self.is_alive():
                    raise NotStarted(
                        f"the app ended with exit code {self._process.exitcode} while it started"
                    )
                if time.monotonic() - begun > _START_SECONDS:
                    raise NotStarted(f"the app did not answer within {_START_SECONDS:.0f} s")
                time.sleep(_POLL_SECONDS)
        return time.monotonic() - begun

    def client(self, *, timeout: float = 60.0) -> httpx.Client:
        """A client of its API; to be used by one thread."""
        return httpx.Client(base_url=self.address, timeout=timeout, trust_env=False)

    def facts(self) -> dict[str, Any]:
        """What only its own process knows: ``words`` and ``vectors``, the ids in the derived indexes, and
        whether these are ``whole``; ``parsed``, each file that went through a parser and its seconds there.

        Raises:
            EOFError: it died over the question.
        """
        if self._facts is None:
            raise EOFError("the app does not run")
        self._facts.send("ids")
        answer: dict[str, Any] = self._facts.recv()
        return answer

    @property
    def pid(self) -> int:
        """Of the life at hand."""
        pid: int = self._process.pid
        return pid

    def is_alive(self) -> bool:
        """Whether it runs."""
        return bool(self._process.is_alive())

    def what_it_does(self) -> str:
        """Returns the end of its log and where each of its threads is, for whoever has to find out why it rests."""
        os.kill(self.pid, signal.SIGUSR1)
        time.sleep(1.0)
        log = self.options.home.parent / f"{self.options.home.name}.log"
        return log.read_text("utf-8", errors="replace")[-_LOG_SHOWN:]

    def kill(self) -> list[psutil.Process]:
        """SIGKILL; returns those of its children that stayed: none should.

        A parser's process that is still importing sees the end of the app when it has done so.
        """
        children = psutil.Process(self.pid).children(recursive=True) if self.is_alive() else []
        self._process.kill()
        self._process.join()
        if self._facts is not None:
            self._facts.close()
            self._facts = None
        _, alive = psutil.wait_procs(children, timeout=_LAST_CHILD_SECONDS)
        return [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]

    def stop(self) -> None:
        """SIGTERM, as a service manager ends it; killed when it does not obey within 20 s."""
        self._process.terminate()
        self._process.join(20)
        self.kill()

    def launch(self) -> None:
        """Starts the app and does not wait for it."""
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        context = lives(fresh=self.options.fresh)
        self._facts, theirs = multiprocessing.Pipe()
        self._process = context.Process(target=_serve, args=(self.options, port, theirs))
        self._process.start()
        theirs.close()

    @staticmethod
    def _answers(client: httpx.Client) -> bool:
        try:
            answer = client.get("/api/documents", params={"limit": 1})
            return answer.is_success or answer.status_code == httpx.codes.UNAUTHORIZED  # everybody signs in
        except httpx.HTTPError:
            return False


def lives(*, fresh: bool = False) -> Any:
    """Where lives begin: a new interpreter each, or a fork of one that has imported everything and done nothing."""
    if fresh or "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


# --- In the process of the app ----------------------------------------------------------------


class _TimedSandbox(Sandbox):
    """The real one, which remembers how long each file was in it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.parsed: deque[tuple[str, float]] = deque(maxlen=100_000)

    def parse(self, path: Path, name: str, **options: Any) -> ParsedDocument:
        """As the sandbox does."""
        begun = time.monotonic()
        try:
            return super().parse(path, name, **options)
        finally:
            self.parsed.append((name, time.monotonic() - begun))


class _App(App):
    """The app, with another embedder where the options say so."""

    def __init__(self, options: AppOptions) -> None:
        super().__init__()
        self._options = options
        self.opened: KnowledgeBase | None = None
        self.timed: _TimedSandbox | None = None

    def open(self, settings: Settings) -> KnowledgeBase:
        """As the app does."""
        if self._options.embedder not in PACED:
            self.opened = super().open(settings)
        else:
            self._settings = settings
            self.opened = open_knowledge_base(
                settings,
                renderer=self,
                suffixes=frozenset(SUPPORTED_SUFFIXES),
                embedder=PacedEmbedder(model=self._options.embedder, seconds=self._options.seconds_a_text),
            )
        return self.opened

    @property
    def sandbox(self) -> Sandbox:
        """As the app's, timed."""
        if self.timed is None:
            self._sandbox = self.timed = _TimedSandbox(
                workers=self._workers,
                seconds=self._settings.parsing.seconds,
                megabytes=self._settings.parsing.megabytes,
                parser=self._options.parser,
            )
        return self.timed


def _serve(options: AppOptions, port: int, facts: Connection) -> None:
    """The life of the app: until it is killed."""
    options.home.mkdir(parents=True, exist_ok=True)
    log_to(options.home.parent / f"{options.home.name}.log")
    faulthandler.register(signal.SIGUSR1)  # kill -USR1 shows in the log what every thread is doing
    os.environ["FOOTNOTE_ANSWERING__MODEL"] = "extractive"
    for name, value in options.settings.items():
        os.environ[f"FOOTNOTE_{name.upper().replace('.', '__')}"] = str(value)
    if options.embedder not in PACED:
        os.environ["FOOTNOTE_EMBEDDING__MODEL"] = options.embedder
    if options.unsafe is not None:
        UNSAFE[options.unsafe]()
    app = _App(options)
    threading.Thread(target=_tell_facts, args=(app, facts), name="facts", daemon=True).start()
    try:
        code = cli.main(["serve", "--home", str(options.home), "--port", str(port)], app)
    finally:
        app.close()
    sys.exit(code)


def log_to(path: Path) -> None:
    """What it prints and logs goes to a file, for the person who looks into a finding."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _tell_facts(app: _App, facts: Connection) -> None:
    while True:
        try:
            facts.recv()
        except EOFError:
            return
        if app.opened is None:
            facts.send({})
            continue
        indexes = app.opened.ingest_parts().open_engine().indexes
        facts.send(
            {
                "whole": indexes.is_whole,
                "words": indexes.lexical.ids(),
                "vectors": indexes.store.ids(),
                "parsed": list(app.timed.parsed) if app.timed is not None else [],
            }
        )
