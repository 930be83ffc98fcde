"""The libraries that are evaluated: the person's own, or one built of a set's documents and stored for the next run."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kb.backends import VECTOR_SERVERS
from kb.config import Settings, StorageSettings
from kb.errors import Conflict
from kb.evaluate.questions import QuestionSet, SourceFile
from kb.evaluate.run import Options, Progress, Timing, Watch, sampled
from kb.state.db import Database
from kb.system.folder_lock import FolderLock
from kb.system.home_layout import HomeLayout
from kb.types import OWNER, DocumentState

if TYPE_CHECKING:
    from kb.evaluate.embedding_cache import RememberingEmbedder
    from kb.knowledge_base import KnowledgeBase
    from kb.ports import AnswersQuestions, Embedder, Worker

_POLL_SECONDS = 0.2
_MOST_LIBRARIES = 12
"""Libraries of sets that stay for the next run; the least recently used goes first."""
_ONLY_ASKING = frozenset(
    {
        "home",
        "server",
        "retrieval",
        "reranker",
        "answering",
        "connections",
        "judge",
        "storage",
        "backup",
        "log",
    }
)


def decides_import(name: str) -> bool:
    """Returns whether the setting ``section.name`` may change what a file becomes.

    Libraries are shared between runs that differ in other settings only. A setting that is wrongly taken to change it
    costs the time to build one more library, never a wrong figure.
    """
    return name.partition(".")[0] not in _ONLY_ASKING and name != "parsing.max_file_megabytes"


OpenLibrary = Callable[[Settings, "Embedder"], "KnowledgeBase"]
"""Opens the library in a folder of its own, with an embedder that others use too."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A library that is open for questions."""

    engine: AnswersQuestions
    embedder: str
    """The key of its embedder's fingerprint."""
    timing: Timing
    """Within it no vector comes from the cache."""
    unread: tuple[str, ...]


class EvaluationLibraries:
    """Opens the library of a set; libraries of sets lie in ``folder`` and serve the next run too."""

    def __init__(
        self,
        kb: KnowledgeBase,
        folder: Path,
        *,
        open_library: OpenLibrary,
        worker: Callable[[KnowledgeBase], Worker],
        code_version: str,
    ) -> None:
        """``kb`` is the person's own library; ``code_version`` names the code that parses and chunks.

        Other code, other libraries.
        """
        self._kb = kb
        self._folder = folder
        self._open_library = open_library
        self._worker = worker
        self._code_version = code_version

    def size_bytes(self) -> int:
        """Returns the size of the cached vectors and of the libraries of sets."""
        return sum(map(_size, self._folder.rglob("*")))

    @contextmanager
    def opened(
        self, question_set: QuestionSet, settings: Settings, options: Options, *, fresh: bool, watch: Watch
    ) -> Iterator[Asked]:
        """The library that the questions of the set are asked of, with ``settings``.

        ``fresh`` builds it anew. Once ``watch`` asks to stop, it is handed over as far as it has come.
        """
        if not question_set.documents:
            key = self._kb.embedder().fingerprint.key
            yield Asked(self._kb.asked_with(settings), key, nullcontext, ())
            return
        with (
            self._remembering(settings) as embedder,
            self._library(question_set, settings, embedder, fresh=fresh, watch=watch) as library,
        ):
            _prepare(embedder, question_set, options, watch)
            yield Asked(library.query_engine, embedder.fingerprint.key, embedder.forgetting, _unread(library))

    @contextmanager
    def _remembering(self, settings: Settings) -> Iterator[RememberingEmbedder]:
        """The embedder of ``settings``, with the vectors of earlier runs."""
        from kb.evaluate.embedding_cache import RememberingEmbedder

        embedder, shared = self._embedder(settings)
        database = Database(HomeLayout(self._folder / "vectors").database)
        try:
            yield RememberingEmbedder(embedder, database)
        finally:
            database.close()
            if not shared:
                embedder.close()

    def _embedder(self, settings: Settings) -> tuple[Embedder, bool]:
        """Returns the embedder of ``settings``, and whether it is the one that the person's own library has open."""
        from kb.models.embed.choose import choose

        same = settings.embedding == self._kb.settings.embedding
        if same and self._kb.maintenance.is_locked_here:
            return self._kb.embedder(), True
        return (self._kb.choose_embedder() if same else choose(settings))[0], False

    @contextmanager
    def _library(
        self,
        question_set: QuestionSet,
        settings: Settings,
        embedder: RememberingEmbedder,
        *,
        fresh: bool,
        watch: Watch,
    ) -> Iterator[KnowledgeBase]:
        """A library with the documents of the set, from an earlier run where there is one."""
        folder = self._folder / "libraries" / self._library_key(question_set, settings, embedder)
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        self._make_room(folder)
        local = {"home": folder, "storage": _on_this_machine(settings.storage)}
        library = self._open_library(settings.model_copy(update=local), embedder)
        try:
            library.maintenance.lock()
            self._fill(library, question_set.documents, watch)
            yield library
        finally:
            library.close()

    def _library_key(self, question_set: QuestionSet, settings: Settings, embedder: Embedder) -> str:
        deciding = {name: value for name, value in settings.by_name().items() if decides_import(name)}
        parts = [question_set.corpus_key, embedder.fingerprint.key, self._code_version, deciding]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    def _make_room(self, keep: Path) -> None:
        """Removes the least recently used libraries; one that is locked by a running process stays."""
        others = sorted(
            (path for path in self._folder.glob("libraries/*") if path != keep),
            key=lambda path: path.stat().st_mtime,
        )
        for path in others[: max(0, len(others) - _MOST_LIBRARIES + 1)]:
            held = FolderLock(path)
            try:
                held.acquire()
            except Conflict:
                continue
            held.release()
            shutil.rmtree(path, ignore_errors=True)

    def _fill(self, library: KnowledgeBase, files: Sequence[SourceFile], watch: Watch) -> None:
        """Imports what the library lacks, and waits until every document is in a final state."""
        done = library.settings.home / "complete"
        done.parent.touch()  # used now: the last to go
        if done.exists():
            return
        worker = self._worker(library)
        worker.start()
        try:
            _add(library, files, watch)
            while not watch.stopped() and (left := _unfinished(library)):
                watch.report(Progress("importing", len(files) - left, len(files)))
                time.sleep(_POLL_SECONDS)
        finally:
            worker.stop()
        if not _unfinished(library) and not watch.stopped():
            done.touch()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # a running evaluation removed it in between
        return 0


def _add(library: KnowledgeBase, files: Sequence[SourceFile], watch: Watch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / "text"
        for file in files:
            watch.report(Progress("importing", 0, len(files)))
            if watch.stopped():
                return
            if file.path is None:
                temporary.write_bytes(file.content())
            library.library.add(file.path or temporary, file.name, caller=OWNER)


def _prepare(
    embedder: RememberingEmbedder,
    question_set: QuestionSet,
    options: Options,
    watch: Watch,
) -> None:
    """Embeds the questions in batches; a follow-up is only known once it is searched."""
    texts = [asked.text for asked in sampled(question_set.questions, options.limit) if not asked.history]
    for done in embedder.prepare(texts):
        watch.report(Progress("embedding", done, len(texts)))
        if watch.stopped():
            return


def _unfinished(library: KnowledgeBase) -> int:
    return sum(
        library.library.count(caller=OWNER, state=state) for state in DocumentState if not state.is_final
    )


def _unread(library: KnowledgeBase) -> tuple[str, ...]:
    return tuple(
        f"{document.name}: {document.reason}"
        for document in library.library.documents(caller=OWNER, limit=-1)
        if document.state is not DocumentState.READY
    )


def _on_this_machine(storage: StorageSettings) -> StorageSettings:
    """Returns ``storage`` without a server: libraries of sets come and go, and would leave their indexes there."""
    return storage.model_copy(update={"vectors": "chroma"}) if storage.vectors in VECTOR_SERVERS else storage
