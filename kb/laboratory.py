"""Evaluation as people start it: which sets, which library, which settings, and where results are kept."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kb.config import Settings, load_settings
from kb.errors import BadInput, Conflict, Misconfigured
from kb.evaluate.datasets import QuestionSet, SourceFile, answerable_from, kept_set, read_sets
from kb.evaluate.run import Library, Options, Progress, Timing, Watch, drawn, evaluate
from kb.evaluate.statistics import Difference, Estimate
from kb.evaluate.summary import Result, compared, missed
from kb.state.evaluations import Evaluation, Figure
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
    *("reserve_megabytes", "backups_kept", "reranker", "rerank_seconds", "judge"),
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

    folders: tuple[Path, ...] = ()
    kept: bool = False
    """Whether the questions that were kept are asked too, of the person's own library."""
    config: Mapping[str, str] = field(default_factory=dict)
    """Settings other than those in use, as they are written on the command line."""
    compare: Mapping[str, str] = field(default_factory=dict)
    """Settings on top of ``config`` for a second run; empty for none."""
    options: Options = field(default_factory=Options)
    fresh: bool = False
    """Whether libraries that are there from earlier are built anew."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A request whose sets are read and whose settings are valid."""

    sets: tuple[QuestionSet, ...]
    settings: tuple[tuple[Mapping[str, str], Settings], ...]
    """One or two: as they were given, and as a whole."""
    options: Options
    fresh: bool

    @property
    def asks_own_library(self) -> bool:
        """Whether a set is asked of the person's own documents."""
        return any(not each.documents for each in self.sets)


@dataclass(frozen=True, slots=True)
class Measured:
    """One set with one setting: what is stored of it, and all that was found."""

    stored: Evaluation
    result: Result


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

    def size_bytes(self) -> int:
        """What remembered vectors and the libraries of sets take on the disk."""
        return sum(map(_size, self.folder.rglob("*")))

    def plan(self, request: Request) -> Plan:
        """What the request comes to: sets read, settings checked, nothing run.

        Raises:
            BadInput: a folder holds no set, or one that cannot be read; nothing is named or kept; a
                setting is not valid, or cannot be measured on the person's own library.
        """
        configs = [dict(request.config)]
        if request.compare:
            configs.append({**request.config, **request.compare})
        plan = Plan(
            sets=tuple(self._sets(request)),
            settings=tuple((config, self._settings(config)) for config in configs),
            options=request.options,
            fresh=request.fresh,
        )
        unsuitable = [name for config in configs for name in config if name not in _ONLY_ASKING]
        if plan.asks_own_library and unsuitable:
            raise BadInput(
                f"{unsuitable[0]} decides how documents are imported, so it cannot be measured on the library "
                "as it is. Put the documents into a folder with a questions.jsonl and evaluate that."
            )
        return plan

    def _settings(self, config: Mapping[str, str]) -> Settings:
        try:
            return load_settings(home=self._kb.settings.home, **config)
        except Misconfigured as error:
            raise BadInput(str(error)) from error  # it was asked for just now, and is no fault of the set-up

    def _sets(self, request: Request) -> list[QuestionSet]:
        found = [each for folder in request.folders for each in read_sets(folder, suffixes=self._kb.suffixes)]
        if request.kept:
            found.append(kept_set(self._kb.kept.all()))
            if not found[-1].questions:
                raise BadInput("No question was kept yet. Ask one, and mark the source that answers it.")
        if not found:
            raise BadInput("There is nothing to evaluate. Name a folder with questions, or --kept.")
        return [each if each.documents else self._about_the_library(each) for each in found]

    def _about_the_library(self, question_set: QuestionSet) -> QuestionSet:
        """The questions of the set that the person's own library can answer."""
        gone = (DocumentState.DELETING, DocumentState.FAILED, DocumentState.CANCELLED)
        there = [each for each in self._kb.documents(limit=-1) if each.state not in gone]
        present = {key for each in there for key in (each.sha256, each.name)}
        left = answerable_from(question_set, present)
        if not left.questions:
            raise BadInput(
                f"The documents that the questions of {question_set.name} are about are not in the library: "
                f"{' '.join(left.notes)}"
            )
        return left

    def run(self, plan: Plan, watch: Watch) -> Iterator[tuple[Measured, ...]]:
        """Each set as it is done and stored: with one setting, or with the two that are compared.

        Ends early, with what was done, when ``watch`` says so.
        """
        for question_set in plan.sets:
            measured: list[Measured] = []
            for config, settings in plan.settings:
                if watch.stopped():
                    break
                measured.append(self._measured(question_set, plan, config, settings, measured, watch))
            if measured:
                yield tuple(measured)

    def _measured(
        self,
        question_set: QuestionSet,
        plan: Plan,
        config: Mapping[str, str],
        settings: Settings,
        before: Sequence[Measured],
        watch: Watch,
    ) -> Measured:
        """One set with one setting, compared with the one before where there is one."""
        with self._asked(question_set, settings, plan, watch) as asked:
            result = evaluate(
                question_set,
                asked.library,
                plan.options,
                watch=watch,
                timing=asked.timing,
            )
        watch.report(Progress("comparing", 0, 1))
        stored = Evaluation(
            set_key=question_set.key,
            set_name=question_set.name,
            embedder=asked.embedder,
            config=config,
            documents=len(question_set.documents) or self._kb.count(),
            questions=len(question_set.questions),
            asked=len(result.outcomes),
            cancelled=result.cancelled,
            figures={name: _figure(found) for name, found in result.figures.items()},
            latencies_ms=result.latencies_ms,
            unread=(*question_set.notes, *asked.unread),
            missed=missed(result),
            compared_with=before[0].stored.id or None if before else None,
            differences={name: _figure(found) for name, found in compared(before[0].result, result).items()}
            if before
            else {},
        )
        return Measured(self._kb.evaluations.add(stored) if result.outcomes else stored, result)

    @contextmanager
    def _asked(
        self,
        question_set: QuestionSet,
        settings: Settings,
        plan: Plan,
        watch: Watch,
    ) -> Iterator[_Asked]:
        """The library that the questions of the set are asked of."""
        if not question_set.documents:
            yield _Asked(
                self._kb.asked_with(settings), self._kb.engine.embedder.fingerprint.key, nullcontext, ()
            )
            return
        with (
            self._remembering(settings) as embedder,
            self._library(question_set, settings, embedder, plan.fresh, watch) as library,
        ):
            _prepare(embedder, question_set, plan.options, watch)
            yield _Asked(library, embedder.fingerprint.key, embedder.forgetting, _unread(library))

    # --- Libraries ----------------------------------------------------------------------------

    @contextmanager
    def _remembering(self, settings: Settings) -> Iterator[RememberingEmbedder]:
        """The embedder of ``settings``, with what earlier runs embedded."""
        from kb.evaluate.vectors import RememberingEmbedder
        from kb.state.db import Database

        embedder, shared = self._embedder(settings)
        database = Database(self.folder / "vectors" / "footnote.db")
        try:
            yield RememberingEmbedder(embedder, database)
        finally:
            database.close()
            if not shared:
                embedder.close()

    def _embedder(self, settings: Settings) -> tuple[Embedder, bool]:
        """The embedder of ``settings``, and whether it is the one that the person's own library has open."""
        from kb.embed.choose import choose

        same = all(
            getattr(settings, name) == getattr(self._kb.settings, name)
            for name in Settings.model_fields
            if name.startswith("embedder") or name == "device"
        )
        if same and self._kb.instance.is_mine:
            return self._kb.engine.embedder, True
        return (self._kb.choose_embedder() if same else choose(settings))[0], False

    @contextmanager
    def _library(
        self,
        question_set: QuestionSet,
        settings: Settings,
        embedder: RememberingEmbedder,
        fresh: bool,
        watch: Watch,
    ) -> Iterator[KnowledgeBase]:
        """A library with the documents of the set, from an earlier run where there is one."""
        folder = self.folder / "libraries" / self._library_key(question_set, settings, embedder)
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        self._make_room(folder)
        library = self._open_library(settings.model_copy(update={"home": folder}), embedder)
        try:
            library.hold()
            self._fill(library, question_set.documents, watch)
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A library that is open for questions."""

    library: Library
    embedder: str
    """The key of its embedder's fingerprint."""
    timing: Timing
    """Within it nothing is remembered."""
    unread: tuple[str, ...]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # a running evaluation removed it in between
        return 0


def _figure(found: Estimate | Difference) -> Figure:
    p_value = found.p_value if isinstance(found, Difference) else None
    return Figure(found.value, found.low, found.high, found.questions, p_value)


def _add(library: KnowledgeBase, files: Sequence[SourceFile], watch: Watch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / "text"
        for file in files:
            watch.report(Progress("importing", 0, len(files)))
            if watch.stopped():
                return
            if file.path is None:
                temporary.write_bytes(file.content())
            library.add_file(file.path or temporary, file.name)


def _prepare(
    embedder: RememberingEmbedder,
    question_set: QuestionSet,
    options: Options,
    watch: Watch,
) -> None:
    """Embeds the questions in batches; a follow-up is only known once it is searched."""
    texts = [asked.text for asked in drawn(question_set.questions, options.limit) if not asked.history]
    for done in embedder.prepare(texts):
        watch.report(Progress("embedding", done, len(texts)))
        if watch.stopped():
            return


def _unfinished(library: KnowledgeBase) -> int:
    return sum(library.state.count(state=state) for state in DocumentState if not state.is_final)


def _unread(library: KnowledgeBase) -> tuple[str, ...]:
    return tuple(
        f"{document.name}: {document.reason}"
        for document in library.documents(limit=-1)
        if document.state is not DocumentState.READY
    )
