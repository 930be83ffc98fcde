"""Evaluation as people start it: which sets, which library, which settings, and where results are kept."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kb.config import Settings, load_settings
from kb.errors import BadInput, Conflict
from kb.evaluate.datasets import QuestionSet, SourceFile, read_sets
from kb.evaluate.run import Options, Progress, Report, Result, Stopped, compared, drawn, evaluate
from kb.evaluate.statistics import Difference
from kb.types import DocumentState

if TYPE_CHECKING:
    from kb.evaluate.vectors import RememberingEmbedder
    from kb.knowledge_base import KnowledgeBase
    from kb.ports import Embedder

_POLL_SECONDS = 0.2
_MOST_LIBRARIES = 12
"""Libraries of sets that are kept for the next run; the one not used for longest goes first."""
_ONLY_ASKING = {
    *("home", "host", "port", "dense_weight", "passages", "model", "ollama_url", "endpoint_url"),
    *("endpoint_key", "gguf", "context_tokens", "answer_tokens", "max_file_megabytes"),
}
"""Settings that do not change what a file becomes: libraries are shared between their values.

A setting that is not named here makes a library of its own, which is slow at worst, never wrong.
"""


class Worker(Protocol):
    """What imports files."""

    def start(self) -> None:
        """Begins to work in the background."""
        ...

    def stop(self, *, timeout: float = 30.0) -> None:
        """Ends after the batch at hand."""
        ...


OpenLibrary = Callable[[Settings, "Embedder"], "KnowledgeBase"]
"""Opens the library in a folder of its own, with an embedder that others use too."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person wants measured."""

    folders: tuple[Path, ...]
    config: Mapping[str, str] = field(default_factory=dict)
    """Settings other than those in use, as they are written on the command line."""
    compare: Mapping[str, str] = field(default_factory=dict)
    """Settings on top of ``config`` for a second run; empty for none."""
    options: Options = field(default_factory=Options)
    fresh: bool = False
    """Whether libraries that are there from earlier are built anew."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One set with one setting or two."""

    result: Result
    config: Mapping[str, str]
    embedder: str
    """Model, revision and width."""
    unread: tuple[str, ...] = ()
    """Documents of the set that could not be imported, with the reason."""
    other: Result | None = None
    """With the settings that it is compared with; None where there were none, or it was stopped before."""
    other_config: Mapping[str, str] = field(default_factory=dict)
    differences: Mapping[str, Difference] = field(default_factory=dict)
    """The other less this, by figure."""


class Laboratory:
    """Runs evaluations for one data folder; its own libraries lie in ``evaluation`` below it."""

    def __init__(
        self,
        kb: KnowledgeBase,
        *,
        open_library: OpenLibrary,
        worker: Callable[[KnowledgeBase], Worker],
        code_version: str,
    ) -> None:
        """``code_version`` names the code that parses and cuts: other code, other libraries."""
        self._kb = kb
        self._open_library = open_library
        self._worker = worker
        self._code_version = code_version
        self.folder = kb.settings.home / "evaluation"

    def run(
        self, request: Request, *, report: Report = lambda _: None, stopped: Stopped = lambda: False
    ) -> Iterator[Evaluated]:
        """Each set of the request as it is done; ends early, with what was done, when ``stopped`` says true.

        Raises:
            BadInput: a folder holds no set, or one that cannot be read.
            Misconfigured: a setting is not valid.
        """
        sets = [
            found for folder in request.folders for found in read_sets(folder, suffixes=self._kb.suffixes)
        ]
        configs = [dict(request.config)]
        if request.compare:
            configs.append({**request.config, **request.compare})
        settings = [load_settings(home=self._kb.settings.home, **config) for config in configs]
        for question_set in sets:
            if stopped():
                return
            yield self._evaluated(question_set, request, configs, settings, report, stopped)

    def _evaluated(
        self,
        question_set: QuestionSet,
        request: Request,
        configs: Sequence[Mapping[str, str]],
        settings: Sequence[Settings],
        report: Report,
        stopped: Stopped,
    ) -> Evaluated:
        results: list[Result] = []
        embedders: list[str] = []
        unread: tuple[str, ...] = ()
        for each in settings:
            if results and stopped():
                break
            with self._remembering(each) as embedder:
                embedders.append(embedder.fingerprint.key)
                with self._library(question_set, each, embedder, request.fresh, report, stopped) as library:
                    unread = _unread(library)
                    _prepare(embedder, question_set, request.options, report, stopped)
                    results.append(
                        evaluate(
                            question_set,
                            library,
                            request.options,
                            report=report,
                            stopped=stopped,
                            timing=embedder.forgetting,
                        )
                    )
        report(Progress("comparing", 0, 1))
        other = results[1] if len(results) > 1 else None
        return Evaluated(
            result=results[0],
            config=configs[0],
            embedder=embedders[0],
            unread=unread,
            other=other,
            other_config=configs[-1] if other else {},
            differences=compared(results[0], other) if other else {},
        )

    # --- Libraries ----------------------------------------------------------------------------

    @contextmanager
    def _remembering(self, settings: Settings) -> Iterator[RememberingEmbedder]:
        """The embedder of ``settings``, with what earlier runs embedded."""
        from kb.embed.choose import choose
        from kb.evaluate.vectors import RememberingEmbedder
        from kb.state.db import Database

        same = all(
            getattr(settings, name) == getattr(self._kb.settings, name)
            for name in Settings.model_fields
            if name.startswith("embedder") or name == "device"
        )
        embedder = self._kb.choose_embedder()[0] if same else choose(settings)[0]
        database = Database(self.folder / "vectors" / "footnote.db")
        try:
            yield RememberingEmbedder(embedder, database)
        finally:
            database.close()
            embedder.close()

    @contextmanager
    def _library(
        self,
        question_set: QuestionSet,
        settings: Settings,
        embedder: RememberingEmbedder,
        fresh: bool,
        report: Report,
        stopped: Stopped,
    ) -> Iterator[KnowledgeBase]:
        """A library with the documents of the set, from an earlier run where there is one."""
        if not question_set.documents:
            raise BadInput(f"{question_set.name} has no documents. Put them beside its questions.jsonl.")
        folder = self.folder / "libraries" / self._library_key(question_set, settings, embedder)
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        self._make_room(folder)
        library = self._open_library(settings.model_copy(update={"home": folder}), embedder)
        try:
            library.hold()
            self._fill(library, question_set.documents, report, stopped)
            yield library
        finally:
            library.close()

    def _library_key(self, question_set: QuestionSet, settings: Settings, embedder: Embedder) -> str:
        deciding = settings.model_dump(mode="json", exclude=_ONLY_ASKING)
        parts = [question_set.corpus_key, embedder.fingerprint.key, self._code_version, deciding]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    def _make_room(self, keep: Path) -> None:
        """Removes the libraries that were not used for longest; one that a running process holds stays."""
        others = sorted(
            (path for path in self.folder.glob("libraries/*") if path != keep),
            key=lambda path: path.stat().st_mtime,
        )
        for path in others[: max(0, len(others) - _MOST_LIBRARIES + 1)]:
            from kb.instance import Instance

            held = Instance(path)
            try:
                held.acquire()
            except Conflict:
                continue
            held.release()
            shutil.rmtree(path, ignore_errors=True)

    def _fill(
        self, library: KnowledgeBase, files: Sequence[SourceFile], report: Report, stopped: Stopped
    ) -> None:
        """Imports what the library lacks, and waits until every document is in a final state."""
        done = library.settings.home / "complete"
        done.parent.touch()  # used now: the last to go
        if done.exists():
            return
        worker = self._worker(library)
        worker.start()
        try:
            _add(library, files, report, stopped)
            while not stopped() and (left := _unfinished(library)):
                report(Progress("importing", len(files) - left, len(files)))
                time.sleep(_POLL_SECONDS)
        finally:
            worker.stop()
        if not _unfinished(library) and not stopped():
            done.touch()


def _add(library: KnowledgeBase, files: Sequence[SourceFile], report: Report, stopped: Stopped) -> None:
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / "text"
        for file in files:
            report(Progress("importing", 0, len(files)))
            if stopped():
                return
            if file.path is None:
                temporary.write_bytes(file.content())
            library.add_file(file.path or temporary, file.name)


def _prepare(
    embedder: RememberingEmbedder,
    question_set: QuestionSet,
    options: Options,
    report: Report,
    stopped: Stopped,
) -> None:
    """Embeds the questions in batches; a follow-up is only known once it is searched."""
    texts = [asked.text for asked in drawn(question_set.questions, options.limit) if not asked.history]
    for done in embedder.prepare(texts):
        report(Progress("searching", done, len(texts)))
        if stopped():
            return


def _unfinished(library: KnowledgeBase) -> int:
    return library.jobs.waiting()


def _unread(library: KnowledgeBase) -> tuple[str, ...]:
    return tuple(
        f"{document.name}: {document.reason}"
        for document in library.documents(limit=-1)
        if document.state is not DocumentState.READY
    )
