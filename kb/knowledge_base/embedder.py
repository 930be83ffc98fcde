"""The embedder of one library: what it is, what another one costs, and changing it while questions are answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb.config import EmbeddingSettings, Settings
from kb.errors import BadInput, Conflict, FootnoteError
from kb.index.switching import Beside, build, pair_beside, taking_over
from kb.knowledge_base import embedder_settings
from kb.knowledge_base.collection_embedding import CollectionEmbedding
from kb.knowledge_base.embedder_cost import Library, kept_megabytes, plan, prove, shown_model, side
from kb.knowledge_base.embedder_settings import Note, in_words, known_models, known_tasks, read_note
from kb.knowledge_base.labelled_recall import MOST_QUESTIONS, found_by
from kb.knowledge_base.parts import Parts
from kb.state.labelled_questions import LabelledQuestions
from kb.state.vectors import forget_other_embedders
from kb.system.home_layout import HomeLayout
from kb.types import OWNER, Caller, EmbedderChange, EmbedderPlan, EmbedderStatus, QuestionsFound

if TYPE_CHECKING:
    from kb.engine.loader import Engine, EngineLoader
    from kb.ports import Embedder

log = logging.getLogger(__name__)

_ENDING_SECONDS = 30.0
"""How long closing waits for the batch under way."""


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far a change is; all empty where none is under way."""

    switching_to: str | None = None
    step: str = ""
    done: int = 0
    total: int = 0


class EmbedderService:
    """The embedder of one library, and its changes, one at a time."""

    def __init__(
        self,
        parts: Parts,
        *,
        engines: EngineLoader,
        stopped: Callable[[], bool],
        changing: threading.Lock,
    ) -> None:
        """``changing`` is held while the index of vectors is being replaced, for whatever reason."""
        self._parts = parts
        self._engines = engines
        self._process_ends = stopped
        self._changing = changing
        self._layout = HomeLayout(parts.settings.home)
        self._library = Library(parts.database, parts.chunks)
        self.collections = CollectionEmbedding(parts, engines, stopped=self._is_stopped)
        self._cancelled = threading.Event()
        self._progress = _Progress()
        self._problem: str | None = None
        self._questions: QuestionsFound | None = None
        self._thread: threading.Thread | None = None

    # --- What it is, and what another one costs -----------------------------------------------

    def status(self, *, caller: Caller) -> EmbedderStatus:
        """Returns the embedder in use and how far a change is; opens nothing."""
        caller.require_whole()
        settings = self._engines.settings.embedding
        opened = self._engines.opened
        fingerprint = opened.embedder.fingerprint if opened else None
        progress, note = self._progress, self._note()
        broken_off = note is not None and note.is_under_way(settings) and progress.switching_to is None
        return EmbedderStatus(
            model=shown_model(settings, fingerprint) if fingerprint else settings.model,
            engine=settings.engine,
            width=fingerprint.width if fingerprint else settings.width,
            instruction=settings.instruction,
            text=self._engines.status(),
            switching_to=progress.switching_to,
            step=progress.step,
            done=progress.done,
            total=progress.total,
            problem=self._problem,
            broken_off=note.target["model"] if note is not None and broken_off else None,
            undo=in_words(note.source) if note is not None and note.is_done(settings) else None,
            kept_megabytes=self._kept_megabytes(),
            questions=self._questions,
            models=known_models(),
            engines=embedder_settings.ENGINES,
            tasks=known_tasks(),
            collections=self.collections.statuses(),
        )

    def plan(self, change: EmbedderChange, *, caller: Caller) -> EmbedderPlan:
        """Returns what ``change`` would cost; its speed is measured, which takes seconds, and nothing is changed.

        Raises:
            BadInput: a value cannot be one, or nothing would change.
            Misconfigured, BackendDown: the new embedder cannot be had.
        """
        caller.require_whole()
        if change.collection is not None:
            return self.collections.plan(change)
        wanted = self._wanted(change)
        embedder, _ = self._engines.choose_embedder(wanted)
        try:
            return self._plan(wanted, embedder)
        finally:
            embedder.close()

    def _plan(self, wanted: Settings, embedder: Embedder) -> EmbedderPlan:
        mine, its = self._engines.engine().embedder.fingerprint, embedder.fingerprint
        source = side(self._engines.settings.embedding, mine), mine
        return plan(self._library, source, (side(wanted.embedding, its), its), embedder)

    # --- Changing it --------------------------------------------------------------------------

    def switch(
        self, change: EmbedderChange, *, caller: Caller, report: Callable[[str, int, int], None] | None = None
    ) -> None:
        """Changes the embedder, while questions are answered; returns when the new one answers.

        Raises:
            BadInput, Misconfigured, BackendDown, Damaged: it cannot be done; the one before answers.
            Conflict: a change is under way, or another process holds the data folder.
            Cancelled: somebody called ``undo``, or the process ends.
        """
        caller.require_whole()
        log.info("the embedder is changed", extra={"caller": caller.id})
        if change.collection is not None:
            self._cancelled.clear()
            self.collections.switch(change, report=report)
        else:
            wanted = self._wanted(change)
            self._begin(wanted)
            self._run(wanted, report)

    def begin(self, change: EmbedderChange, *, caller: Caller) -> None:
        """Does what ``switch`` does in the background; ``status`` says how far it is, and what kept it from ending.

        Raises:
            BadInput, Misconfigured, Conflict: it cannot be begun.
        """
        caller.require_whole()
        log.info("the embedder is changed", extra={"caller": caller.id})
        if change.collection is not None:
            self.collections.begin(change)
        else:
            self._begin_behind(self._wanted(change))

    def undo(self, *, caller: Caller, collection: str | None = None) -> bool:
        """Stops the change that is under way, or returns to the embedder before the last one, from its own vectors.

        ``collection`` is the one that returns; None: the library. Returns whether it did: False where one was stopped.

        Raises:
            BadInput: there is nothing to undo.
            Misconfigured, BackendDown, Damaged, Conflict: as for ``switch``.
        """
        caller.require_whole()
        log.info("the change of the embedder is undone", extra={"caller": caller.id})
        if collection is not None:
            self.collections.undo(collection)
            return True
        if self._progress.switching_to is not None:
            self._cancelled.set()
            return False
        settings, note = self._engines.settings, self._note()
        if note is None or not (note.is_done(settings.embedding) or note.is_under_way(settings.embedding)):
            raise BadInput("There is no change of the embedding model to undo.")
        if note.is_under_way(
            settings.embedding
        ):  # the process ended on the way, and the model before answers
            embedder_settings.drop_note(self._layout.embedder_change)
            return False
        wanted = self._with(embedder_settings.checked(settings.embedding, note.source))
        self._begin(wanted)
        self._run(wanted, None)
        return True

    def forget(self, *, caller: Caller) -> float:
        """Deletes the vectors and indexes of every other embedder; returns how many megabytes of vectors.

        Raises:
            Conflict: a change is under way, or the new embedder does not answer yet.
        """
        caller.require_whole()
        log.info("the vectors of other embedders are deleted", extra={"caller": caller.id})
        engine = self._engines.engine()
        if not self._changing.acquire(blocking=False):
            raise Conflict("The embedding model is being changed. Wait until that has ended.")
        try:
            kept = self._kept_megabytes()
            forget_other_embedders(self._parts.database, engine.embedder.fingerprint.stored_key)
            with engine.indexes.unmended():
                if engine.indexes.store.is_whole:
                    engine.indexes.store.remove_others()
            self._layout.embedder_change.unlink(missing_ok=True)
            return kept
        finally:
            self._changing.release()

    def resume(self) -> None:
        """Goes on in the background with a change that the end of a process broke off; does nothing without one."""
        settings, note = self._engines.settings.embedding, self._note()
        if note is None or not note.is_under_way(settings) or self._progress.switching_to is not None:
            return
        try:
            self._begin_behind(self._with(embedder_settings.checked(settings, note.target)))
        except FootnoteError as error:
            self._problem = str(error)
            log.warning("the embedder is not changed", extra={"reason": str(error)})

    def close(self) -> None:
        """Stops the change that is under way: the next start goes on with it."""
        self.collections.close()
        if self._thread is not None:
            self._thread.join(_ENDING_SECONDS)

    def _wanted(self, change: EmbedderChange) -> Settings:
        current = self._engines.settings.embedding
        wanted = embedder_settings.wanted_settings(current, change)
        embedder_settings.require_changeable(current, wanted)
        return self._with(wanted)

    def _with(self, wanted: EmbeddingSettings) -> Settings:
        if self._engines.is_shared:
            raise Conflict("This library shares its embedding model with others. Change it in the main one.")
        return self._engines.settings.model_copy(update={"embedding": wanted})

    def _begin_behind(self, wanted: Settings) -> None:
        self._begin(wanted)

        def run() -> None:
            with suppress(FootnoteError):  # ``status`` says which
                self._run(wanted, None)

        self._thread = threading.Thread(target=run, name="embedder-change", daemon=True)
        self._thread.start()

    def _begin(self, wanted: Settings) -> None:
        """Takes the right to change, which ``_run`` gives back."""
        if not self._changing.acquire(blocking=False):
            raise Conflict("The vectors are being moved or made anew already. Wait until that has ended.")
        self._cancelled.clear()
        self._problem = None
        self._progress = _Progress(wanted.embedding.model)

    def _run(self, wanted: Settings, report: Callable[[str, int, int], None] | None) -> None:
        """Changes it; on failure everything is as it was, but for vectors, which the next attempt uses."""

        def heard(step: str, done: int, total: int) -> None:
            self._progress = replace(self._progress, step=step, done=done, total=total)
            if report is not None:
                report(step, done, total)

        try:
            self._change(wanted, heard)
        except FootnoteError as error:
            if not self._process_ends():
                self._problem = str(error)
                self._drop_note()
            raise
        finally:
            self._progress = _Progress()
            self._changing.release()

    def _change(self, wanted: Settings, heard: Callable[[str, int, int], None]) -> None:
        old = self._engines.engine()
        if old.former is not None:
            raise Conflict(
                "The passages are still being embedded after the last change. Wait until they are; then switch."
            )
        current = self._engines.settings.embedding
        embedder, choice = self._engines.choose_embedder(wanted)
        try:
            wanted = wanted.model_copy(
                update={"embedding": embedder_settings.explicit(wanted.embedding, embedder.fingerprint.model)}
            )
            source = embedder_settings.explicit(current, old.embedder.fingerprint.model)
            embedder_settings.begin_note(
                self._layout.embedder_change, source=source, wanted=wanted.embedding, current=current
            )
            prove(self._library, embedder)
            self._take_over(old, embedder, choice, wanted, heard)
        except BaseException:
            if self._engines.opened is None or self._engines.opened.embedder is not embedder:
                embedder.close()
            raise

    def _take_over(
        self,
        old: Engine,
        embedder: Embedder,
        choice: str,
        wanted: Settings,
        heard: Callable[[str, int, int], None],
    ) -> None:
        database, steps = self._parts.database, self._parts.steps
        pair = pair_beside(old.indexes, embedder.fingerprint, database, steps)
        beside = Beside(old.indexes, pair, embedder, self._is_stopped, heard)
        try:
            build(beside)
            prove(self._library, embedder)  # a server may have become another one on the way
            new = self._engines.beside(wanted, embedder, choice, pair)
            questions = self._compared(old, new)
            with taking_over(beside):
                current = self._engines.settings.embedding
                embedder_settings.write(self._layout.settings, current, wanted.embedding)
                self._engines.take_over(wanted, new)
        except BaseException:
            if not beside.is_same_index and self._engines.opened is old:
                pair.store.abandon()
            raise
        self._questions = questions

    def _compared(self, old: Engine, new: Engine) -> QuestionsFound | None:
        labelled = LabelledQuestions(self._parts.database).all(owner=OWNER.id)[:MOST_QUESTIONS]
        if not labelled:
            return None
        before, after = (
            found_by(each.answerer, labelled, self._parts.documents, self._is_stopped) for each in (old, new)
        )
        return QuestionsFound(len(labelled), before.found, after.found, before.first, after.first)

    def _is_stopped(self) -> bool:
        return self._cancelled.is_set() or self._process_ends()

    def _note(self) -> Note | None:
        return read_note(self._layout.embedder_change)

    def _drop_note(self) -> None:
        """Removes the note of a change that failed: it is not to go on by itself."""
        note = self._note()
        if note is not None and not note.is_done(self._engines.settings.embedding):
            embedder_settings.drop_note(self._layout.embedder_change)

    def _kept_megabytes(self) -> float:
        opened = self._engines.opened  # without it, it is not known which one is in use
        mine = opened.embedder.fingerprint.stored_key if opened else None
        return kept_megabytes(self._parts.database, mine) if mine else 0.0
