"""What collections are searched with instead of the library's embedder: what it costs, choosing it, and back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kb.config import Settings
from kb.engine.collection_models import embedder_of, settings_of
from kb.errors import BadInput, Cancelled, Conflict, FootnoteError
from kb.knowledge_base.embedder_cost import Library, plan, prove, side
from kb.knowledge_base.embedder_settings import (
    explicit,
    in_words,
    known_tasks,
    said_by,
    wanted_settings,
    with_task,
)
from kb.knowledge_base.labelled_recall import MOST_QUESTIONS, QuestionsHit, found_by, labelled_in
from kb.knowledge_base.parts import Parts
from kb.state.collection_embedders import Chosen, CollectionEmbedder, CollectionEmbedders
from kb.state.labelled_questions import LabelledQuestions
from kb.types import (
    AS_LIBRARY,
    OWNER,
    CollectionEmbedderStatus,
    EmbedderChange,
    EmbedderPlan,
    EmbedderSide,
    Finding,
    Fingerprint,
    LabelledQuestion,
    QuestionsFound,
)

if TYPE_CHECKING:
    from kb.engine.loader import EngineLoader
    from kb.ports import Embedder

_ENDING_SECONDS = 30.0
_OF_A_MODEL = ("model", "engine", "width", "url", "device")
"""What only a model of its own can have; an instruction goes with the library's, too."""


class CollectionEmbedding:
    """The embedders of collections. What is chosen counts as soon as every passage has a vector of it."""

    def __init__(self, parts: Parts, engines: EngineLoader, *, stopped: Callable[[], bool]) -> None:
        self._parts = parts
        self._engines = engines
        self._stopped = stopped
        self._chosen = CollectionEmbedders(parts.database)
        self._library = Library(parts.database, parts.chunks)
        self._questions: dict[str, QuestionsFound] = {}
        """What the labelled questions found before and after the last change of a collection."""
        self._asked: dict[str, QuestionsHit] = {}
        """What they found before the change that is under way."""
        self._thread: threading.Thread | None = None

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of what questions can be for."""
        return known_tasks()

    def statuses(self) -> tuple[CollectionEmbedderStatus, ...]:
        """Returns what each collection has that has, or had, something of its own; opens nothing."""
        return tuple(self._status(each) for each in self._chosen.all())

    def findings(self) -> Iterator[Finding]:
        """Yields for each collection with something of its own whether it is searched with that."""
        for each in self.statuses():
            if each.model is None and each.instruction is None:
                continue
            said = in_words({"model": each.model or AS_LIBRARY, "instruction": each.instruction})
            text = f"The collection {each.collection} is searched with {said}."
            if each.lacking:
                text = (
                    f"The collection {each.collection} is to be searched with {said}: {each.lacking:,} of "
                    f"{each.passages:,} passages are still to be embedded, and the library's model answers until then."
                )
            remedy = "`embedder undo --collection NAME` gives it up." if each.problem else None
            yield Finding("collection", each.problem is None, f"{text} {each.problem or ''}".rstrip(), remedy)

    def plan(self, change: EmbedderChange) -> EmbedderPlan:
        """Returns what ``change`` would cost; its speed is measured, and nothing is changed.

        Raises:
            BadInput: there is no such collection, a value cannot be one, or nothing would change.
            Misconfigured, BackendDown: the new embedder cannot be had.
        """
        collection, chosen = self._wanted(change)
        embedder = self._opened(chosen)
        try:
            return plan(
                self._library,
                self._side(collection),
                (self._described(chosen, embedder.fingerprint), embedder.fingerprint),
                embedder,
                collection=collection,
            )
        finally:
            self._close(embedder)

    def begin(self, change: EmbedderChange) -> None:
        """Proves the embedder and chooses it; its vectors are made behind what is asked and imported.

        Raises:
            BadInput, Misconfigured, BackendDown: as for ``plan``; everything is as it was.
        """
        collection, chosen = self._wanted(change)
        with self._asking(collection):
            self._choose(collection, chosen)
        self._complete_behind(collection)

    def switch(self, change: EmbedderChange, *, report: Callable[[str, int, int], None] | None) -> None:
        """Does as ``begin``, and returns when the collection is searched with it.

        Raises:
            BadInput, Misconfigured, BackendDown: as for ``begin``; where passages are embedded already, those stay, the
                library's embedder answers, and ``undo`` gives up what was chosen.
            Cancelled: it was stopped; the rest is embedded while the app runs.
        """
        collection, chosen = self._wanted(change)
        with self._asking(collection):
            self._choose(collection, chosen)
            self._complete(collection, report)
            self._ask_after(collection)

    def undo(self, collection: str) -> None:
        """Returns to what the collection had before the last change; its vectors are kept, so that it takes seconds.

        Raises:
            BadInput: nothing was ever changed.
            Misconfigured, BackendDown: what it had cannot be had any more; everything is as it was.
        """
        row = self._chosen.of(collection)
        if row is None:
            raise BadInput(
                f"There is no change of the embedding model of the collection {collection!r} to undo."
            )
        with self._asking(collection):
            self._choose(collection, row.former)
            self._complete(collection, None)
            self._ask_after(collection)

    def close(self) -> None:
        """Waits for what is being asked to end, which it does when the process does."""
        if self._thread is not None:
            self._thread.join(_ENDING_SECONDS)

    def complete(self, collection: str) -> None:
        """Embeds what the collection's own embedder has not seen yet, which goes on by itself while the app runs.

        Where that cannot be had, ``statuses`` says why, and the library's embedder answers.
        """
        row = self._chosen.of(collection)
        if row is not None and row.stored_key is not None:
            with suppress(FootnoteError):
                self._complete(collection, None)

    def _complete(self, collection: str, report: Callable[[str, int, int], None] | None) -> None:
        def heard(done: int, total: int) -> None:
            if report is not None:
                report("embedding", done, total)

        self._engines.collections.complete(stopped=self._stopped, collection=collection, report=heard)
        self._engines.look_at_collections()
        if self._stopped():
            raise Cancelled("The change was stopped. The library's embedding model answers until it is done.")

    def _complete_behind(self, collection: str) -> None:
        """Does in the background what ``switch`` waits for; where there is no question the app's own tasks do it."""
        if collection not in self._asked:
            return

        def run() -> None:
            try:
                self._complete(collection, None)
                self._ask_after(collection)
            except FootnoteError:  # ``statuses`` says why
                self._asked.pop(collection, None)

        self._thread = threading.Thread(target=run, name="collection-change", daemon=True)
        self._thread.start()

    @contextmanager
    def _asking(self, collection: str) -> Iterator[None]:
        """Asks the labelled questions of the collection as it is, before what changes it; what that raises ends it."""
        self._questions.pop(collection, None)
        if self._labelled(collection):
            self._asked[collection] = self._hits(collection)
        try:
            yield
        except BaseException:
            self._asked.pop(collection, None)
            raise

    def _ask_after(self, collection: str) -> None:
        if (before := self._asked.get(collection)) is None:
            return
        after, count = self._hits(collection), len(self._labelled(collection))
        self._questions[collection] = QuestionsFound(
            count, before.found, after.found, before.first, after.first
        )
        self._asked.pop(collection, None)

    def _labelled(self, collection: str) -> list[LabelledQuestion]:
        every = LabelledQuestions(self._parts.database).all(owner=OWNER.id)
        return labelled_in(every, collection, self._parts.documents)[:MOST_QUESTIONS]

    def _hits(self, collection: str) -> QuestionsHit:
        answerer, labelled = self._engines.engine().answerer, self._labelled(collection)
        documents = self._parts.documents
        return found_by(answerer, labelled, documents, self._stopped, collections=(collection,))

    def _choose(self, collection: str, chosen: Chosen | None) -> None:
        library = self._engines.engine().embedder.fingerprint
        embedder = self._opened(chosen)
        try:
            its = embedder.fingerprint
            if its.stored_key != library.stored_key:
                prove(self._library, embedder)
            if chosen is not None and chosen.get("model") is not None:
                named = explicit(self._settings(chosen).embedding, its.model)
                chosen = said_by(named)
            stored_key = None if its.stored_key == library.stored_key else its.stored_key
            self._chosen.choose(collection, chosen, stored_key=stored_key)
        finally:
            self._close(embedder)
        self._engines.look_at_collections()

    def _wanted(self, change: EmbedderChange) -> tuple[str, Chosen | None]:
        """Returns the collection and what it is to have; None is the library's embedder as it is."""
        if self._engines.is_shared:
            raise Conflict("This library shares its embedding model with others. Change it in the main one.")
        collection = change.collection or ""
        if collection not in self._parts.documents.collections():
            raise BadInput(f"There is no collection {collection!r}.")
        row, change = self._chosen.of(collection), with_task(change)
        before = None if row is None else row.chosen
        wanted = self._changed(before, change)
        if wanted == before:
            raise BadInput(f"The collection {collection!r} has that embedding model and instruction already.")
        return collection, wanted

    def _changed(self, before: Chosen | None, change: EmbedderChange) -> Chosen | None:
        if change.model == AS_LIBRARY:
            before, change = None, replace(change, model=None)
        has_model = before is not None and before.get("model") is not None
        if not has_model and all(getattr(change, name) is None for name in _OF_A_MODEL):
            instruction = (change.instruction or "").strip()
            return {"instruction": instruction} if instruction else None
        current = self._settings(before).embedding
        if before is None and change.model is not None:  # what the library's model is told is for that one
            current = current.model_copy(update={"instruction": None})
        return said_by(wanted_settings(current, change))

    def _settings(self, chosen: Chosen | None) -> Settings:
        """Returns the settings of a model of its own, else those of the library's."""
        library = self._engines.settings
        if chosen is None or chosen.get("model") is None:
            name = self._engines.engine().embedder.fingerprint.model
            return library.model_copy(update={"embedding": explicit(library.embedding, name)})
        return settings_of(chosen, library)

    def _opened(self, chosen: Chosen | None) -> Embedder:
        library = self._engines.engine().embedder
        if chosen is None:
            return library
        return embedder_of(chosen, library, self._engines.settings, self._engines.choose_embedder)

    def _close(self, embedder: Embedder) -> None:
        if embedder is not self._engines.engine().embedder:
            embedder.close()

    def _side(self, collection: str) -> tuple[EmbedderSide, Fingerprint]:
        row = self._chosen.of(collection)
        chosen = None if row is None else row.chosen
        its = self._engines.collections.fingerprint(collection) or self._engines.engine().embedder.fingerprint
        return self._described(chosen, its), its

    def _described(self, chosen: Chosen | None, its: Fingerprint) -> EmbedderSide:
        described = side(self._settings(chosen).embedding, its)
        return replace(described, instruction=its.questions or None)

    def _status(self, row: CollectionEmbedder) -> CollectionEmbedderStatus:
        chosen: Mapping[str, Any] = row.chosen or {}
        passages, lacking = self._chosen.counted(row)
        return CollectionEmbedderStatus(
            row.collection,
            chosen.get("model"),
            chosen.get("engine"),
            chosen.get("width"),
            chosen.get("instruction"),
            passages,
            lacking,
            self._engines.collections.problem(row.collection),
            in_words({"model": AS_LIBRARY, **(row.former or {})}),
            self._questions.get(row.collection),
            row.collection in self._asked,
        )
