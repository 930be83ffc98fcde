"""The length of chunks in one library: what another one costs, and changing it while questions are answered."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.errors import BadInput, Cancelled, Conflict, Damaged, FootnoteError
from kb.knowledge_base import chunker_cost
from kb.knowledge_base.labelled_recall import MOST_QUESTIONS, QuestionsHit, found_by
from kb.knowledge_base.parts import Parts
from kb.knowledge_base.settings import SettingsService
from kb.state.chunker_changes import ChunkerChanges
from kb.state.job_progress import WorkProgress
from kb.state.labelled_questions import LabelledQuestions
from kb.types import OWNER, Caller, ChunkerPlan, ChunkerStatus, LabelledQuestion

if TYPE_CHECKING:
    from kb.engine.loader import Engine, EngineLoader
    from kb.knowledge_base.chunker_cost import CutFile

log = logging.getLogger(__name__)

SETTING = "parsing.chunk_tokens"
_LOOK_SECONDS = 0.2
_SEARCHED = 2000
"""Passages that are searched for by their own vectors, evenly spaced; all where there are no more."""
_ENDING_SECONDS = 30.0
"""How long closing waits for the look under way."""

Report = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far a change is."""

    target: int
    step: str = "asking"
    done: int = 0
    total: int = 0


class ChunkerService:
    """The length of the chunks of one library, and its changes, one at a time.

    The documents are read, cut and embedded by whoever imports; each answers by its old chunks until its new ones are
    embedded, and all are queued in one transaction. So no end of the process leaves anything to mend: the jobs go on
    with the next start, and ``resume`` with what comes after them.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        engines: EngineLoader,
        configuration: SettingsService,
        cutter: CutFile | None,
        stopped: Callable[[], bool],
    ) -> None:
        self._parts = parts
        self._engines = engines
        self._configuration = configuration
        self._cutter = cutter
        self._process_ends = stopped
        self._changes = ChunkerChanges(parts.database)
        self._changing = threading.Lock()
        self._cancelled = threading.Event()
        self._progress: _Progress | None = None
        self._problem: str | None = None
        self._thread: threading.Thread | None = None

    # --- What it is, and what another one costs -----------------------------------------------

    def status(self, *, caller: Caller) -> ChunkerStatus:
        """Returns the length in use and how far a change is; opens nothing."""
        caller.require_whole()
        tokens, last, progress = self._set, self._changes.last(), self._progress
        opened = self._engines.opened
        length = min(tokens, opened.embedder.max_tokens) if opened else tokens
        counted = self._changes.counted(length, unknown=length)
        is_under_way = last is not None and last.stage != "done"
        is_done = last is not None and last.stage == "done"
        return ChunkerStatus(
            chunk_tokens=tokens,
            documents=counted.documents,
            others=counted.others,
            switching_to=progress.target if progress else None,
            step=progress.step if progress else "",
            done=progress.done if progress else 0,
            total=progress.total if progress else 0,
            paused=progress is not None
            and WorkProgress(self._parts.database, clock=time.time).queue(owner=OWNER.id).paused,
            problem=self._problem or (last.problem if last else None),
            broken_off=last.target if last and is_under_way and progress is None else None,
            undo=last.source if last else None,
            kept_megabytes=round(self._changes.kept_bytes() / 1e6, 2),
            questions=last.questions if last and is_done else None,
        )

    def plan(self, chunk_tokens: int, *, caller: Caller) -> ChunkerPlan:
        """Returns what chunks of at most ``chunk_tokens`` would cost; some documents are cut for it, nothing is stored.

        Raises:
            BadInput: it is no length, or nothing would change.
            Misconfigured, BackendDown: the embedder cannot be had.
        """
        caller.require_whole()
        self._require_other(chunk_tokens)
        embedder = self._engines.engine().embedder
        source, length = min(self._set, embedder.max_tokens), min(chunk_tokens, embedder.max_tokens)
        documents = self._changes.of_other_length(length, unknown=source)
        return chunker_cost.plan(
            self._parts, documents, source=source, target=length, embedder=embedder, cutter=self._cutter
        )

    # --- Changing it --------------------------------------------------------------------------

    def switch(self, chunk_tokens: int, *, caller: Caller, report: Report | None = None) -> None:
        """Cuts everything to at most ``chunk_tokens``; returns when that is done. Somebody has to import meanwhile.

        Raises:
            BadInput, Misconfigured, BackendDown: it cannot be begun; everything is as it was.
            Damaged: passages do not find themselves; ``undo`` returns to those before.
            Conflict: a change is under way, or another process holds the data folder.
            Cancelled: somebody called ``undo``, or the process ends.
        """
        caller.require_whole()
        self._begin(chunk_tokens)
        self._run(chunk_tokens, report)

    def begin(self, chunk_tokens: int, *, caller: Caller) -> None:
        """Does what ``switch`` does in the background; ``status`` says how far it is.

        Raises:
            BadInput, Misconfigured, BackendDown, Conflict: it cannot be begun.
        """
        caller.require_whole()
        self._begin(chunk_tokens)
        self._run_behind(chunk_tokens)

    def undo(self, *, caller: Caller, report: Report | None = None, waits: bool = False) -> None:
        """Stops the change that is under way, or takes the last one back, by the chunks and vectors that are kept.

        In the background, unless it ``waits``. What was imported since, or changed by hand, is read again.

        Raises:
            BadInput: there is nothing to undo.
            Misconfigured, BackendDown, Damaged, Conflict: as for ``switch``.
        """
        caller.require_whole()
        if (last := self._changes.last()) is None:
            raise BadInput("There is no change of the length of passages to undo.")
        self._cancelled.set()
        if self._thread is not None:
            self._thread.join(_ENDING_SECONDS)
        self._begin(last.source, undoes=True)
        if waits:
            self._run(last.source, report)
        else:
            self._run_behind(last.source)

    def forget(self, *, caller: Caller) -> float:
        """Deletes what the last change replaced, so that it cannot be undone; returns how many megabytes, about.

        Raises:
            Conflict: a change is under way.
        """
        caller.require_whole()
        if not self._changing.acquire(blocking=False):
            raise Conflict("The length of passages is being changed. Wait until that has ended.")
        try:
            log.info("former passages are deleted", extra={"caller": caller.id})
            kept = self._changes.kept_bytes()
            self._changes.forget()
            return round(kept / 1e6, 2)
        finally:
            self._changing.release()

    def resume(self) -> None:
        """Goes on in the background with a change that the end of a process broke off; does nothing without one."""
        last = self._changes.last()
        if last is None or last.stage == "done" or self._progress is not None:
            return
        if self._changing.acquire(blocking=False):
            self._cancelled.clear()
            self._progress = _Progress(last.target)
            self._run_behind(last.target)

    def close(self) -> None:
        """Stops waiting for the change that is under way: the next start goes on with it."""
        if self._thread is not None:
            self._thread.join(_ENDING_SECONDS)

    @property
    def _set(self) -> int:
        return self._engines.settings.parsing.chunk_tokens

    def _require_other(self, chunk_tokens: int) -> None:
        last = self._changes.last()
        is_under_way = last is not None and last.stage != "done"
        length = min(self._set, self._engines.engine().embedder.max_tokens)
        if (
            chunk_tokens == self._set
            and not is_under_way
            and not self._changes.counted(length, unknown=length).others
        ):
            raise BadInput("Passages have that length already.")
        self._configuration.require_settable({SETTING: chunk_tokens}, caller=OWNER)

    def _begin(self, chunk_tokens: int, *, undoes: bool = False) -> None:
        """Notes what is begun and takes the right to change, which ``_run`` gives back."""
        if not undoes:
            self._require_other(chunk_tokens)
        if not self._changing.acquire(blocking=False):
            raise Conflict("The length of passages is being changed already. Wait until that has ended.")
        try:
            log.info("the length of passages is changed", extra={"tokens": chunk_tokens})
            last = self._changes.last()
            source = last.target if undoes and last is not None else self._set
            self._changes.begin(source, chunk_tokens)
            self._cancelled.clear()
            self._problem = None
            self._progress = _Progress(chunk_tokens)
        except BaseException:
            self._changing.release()
            raise

    def _run_behind(self, chunk_tokens: int) -> None:
        def run() -> None:
            with suppress(FootnoteError):  # ``status`` says which
                self._run(chunk_tokens, None)

        self._thread = threading.Thread(target=run, name="chunker-change", daemon=True)
        self._thread.start()

    def _run(self, chunk_tokens: int, report: Report | None) -> None:
        def heard(step: str, done: int, total: int) -> None:
            self._progress = _Progress(chunk_tokens, step, done, total)
            if report is not None:
                report(step, done, total)

        try:
            self._change(chunk_tokens, heard)
        except Cancelled:
            raise
        except FootnoteError as error:
            if not self._is_stopped():
                self._problem = str(error)
            raise
        finally:
            self._progress = None
            self._changing.release()

    def _change(self, chunk_tokens: int, heard: Report) -> None:
        engine = self._engines.engine()
        last = self._changes.last()
        labelled = LabelledQuestions(self._parts.database).all(owner=OWNER.id)[:MOST_QUESTIONS]
        source = min(last.source if last else self._set, engine.embedder.max_tokens)
        if last is None or last.stage == "asking":
            heard("asking", 0, len(labelled))
            before = self._hits(engine, labelled)
            self._require_going_on()
            self._changes.note_before(len(labelled), before.first, before.found)
            self._configuration.change({SETTING: chunk_tokens}, caller=OWNER)
            queued = self._changes.cut(min(chunk_tokens, engine.embedder.max_tokens), unknown=source)
        else:
            queued = set[str]()
        self._wait(chunk_tokens, queued, heard)
        engine = self._engines.engine()
        problem = self._searched(engine, heard)
        heard("asking", 0, len(labelled))
        after = self._hits(engine, labelled)
        self._require_going_on()
        self._changes.end(first=after.first, found=after.found, problem=problem)
        if problem is not None:
            raise Damaged(problem)

    def _wait(self, chunk_tokens: int, queued: set[str], heard: Report) -> None:
        """Returns when nothing waits to be cut to this length; what is imported meanwhile is queued for it, too."""
        waits = threading.Event()
        while True:
            self._require_going_on()
            length = min(chunk_tokens, self._engines.engine().embedder.max_tokens)
            queued |= self._changes.queue_more(length, but=queued)
            counted = self._changes.counted(length, unknown=length)
            heard("cutting", counted.documents - counted.waiting, counted.documents)
            if not counted.waiting:
                return
            waits.wait(_LOOK_SECONDS)

    def _searched(self, engine: Engine, heard: Report) -> str | None:
        """Returns what is wrong where passages do not find themselves, after another try with those."""
        index = engine.indexes.index
        every = max(1, self._parts.chunks.count_live() // _SEARCHED)

        def lost() -> dict[str, list[int]]:
            found = index.unreachable(
                stopped=self._is_stopped,
                report=lambda done, total: heard("checking", done, total),
                every=every,
            )
            self._require_going_on()
            return found

        if again := lost():
            index.add_again(again)
            if still := lost():
                count = sum(map(len, still.values()))
                return (
                    f"{count} passages do not find themselves in the index. `app.py check --repair` mends it."
                )
        return None

    def _hits(self, engine: Engine, labelled: list[LabelledQuestion]) -> QuestionsHit:
        if not labelled:
            return QuestionsHit(0, 0)
        return found_by(engine.answerer, labelled, self._parts.documents, self._is_stopped)

    def _is_stopped(self) -> bool:
        return self._cancelled.is_set() or self._process_ends()

    def _require_going_on(self) -> None:
        if self._is_stopped():
            raise Cancelled("The change of the length of passages was stopped.")
