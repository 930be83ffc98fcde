"""What evaluations measured, kept so that it can be compared over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kb.knowledge_base.labelled_recall import PASSAGES, labelled_in
from kb.knowledge_base.parts import Parts
from kb.state.evaluations import Evaluations
from kb.state.labelled_questions import LabelledQuestions
from kb.state.vectors import Vectors
from kb.types import AccessScope, Caller, Evaluation, LabelledQuestion, WidthFigure

if TYPE_CHECKING:
    from kb.engine.loader import EngineLoader
    from kb.ports import Embedder

_MOST_QUESTIONS = 200
"""So many are compared at each width: more would say hardly more."""


class EvaluationsService:
    """A caller's results of evaluations."""

    def __init__(
        self,
        parts: Parts,
        *,
        engines: EngineLoader,
        stopped: Callable[[], bool],
    ) -> None:
        """``engines`` give the embedders; ``stopped`` says that the process ends."""
        self._parts = parts
        self._engines = engines
        self._stopped = stopped
        self._evaluations = Evaluations(parts.database)

    def add(self, evaluation: Evaluation, *, caller: Caller) -> Evaluation:
        """Stores a result; returns it with its id and time."""
        caller.require_whole()
        return self._evaluations.add(evaluation, owner=caller.id)

    def get(self, evaluation_id: int, *, caller: Caller) -> Evaluation:
        caller.require_whole(AccessScope.READ)
        return self._evaluations.get(evaluation_id, owner=caller.id)

    def latest(self, *, caller: Caller, limit: int = 50, set_key: str | None = None) -> list[Evaluation]:
        """Returns results, newest first; ``set_key=None`` gives those of all sets, ``limit=-1`` sets no limit."""
        caller.require_whole(AccessScope.READ)
        return self._evaluations.latest(limit=limit, set_key=set_key, owner=caller.id)

    def by_width(self, *, caller: Caller) -> list[WidthFigure]:
        """Returns for the width in use and narrower ones what they take, and find of the caller's labelled questions.

        First of the library, then of each collection that is searched with vectors of its own: of those questions that
        are about it. One pass over all vectors of each, however many questions and widths; the questions alone are
        embedded.
        """
        caller.require_whole()
        labelled = LabelledQuestions(self._parts.database).all(owner=caller.id)
        figures = self._figures(self._engines.engine().embedder, labelled, None)
        for collection, embedder in sorted(self._engines.collections.embedders().items()):
            about = labelled_in(labelled, collection, self._parts.documents)
            figures += self._figures(embedder, about, collection)
        return figures

    def _figures(
        self, embedder: Embedder, labelled: Sequence[LabelledQuestion], collection: str | None
    ) -> list[WidthFigure]:
        from kb.knowledge_base.widths import NARROWEST, nearest_by_width, width_figures, widths_up_to
        from kb.models.embed.spec import known

        labelled, chunks, fingerprint = labelled[:_MOST_QUESTIONS], self._parts.chunks, embedder.fingerprint
        spec = known(fingerprint.model)
        widths = widths_up_to(fingerprint.width, spec.narrowest if spec else NARROWEST)
        nearest: dict[int, list[list[int]]] = {width: [] for width in widths}
        if labelled:
            vectors = Vectors(self._parts.database, fingerprint)
            blocks = vectors.blocks(collection, width=fingerprint.width)
            asked = embedder.embed_queries([kept.question for kept in labelled])
            nearest = nearest_by_width(blocks, asked, widths, PASSAGES)
        return width_figures(
            chunks.count_live() if collection is None else len(chunks.published_ids().get(collection, ())),
            nearest,
            labelled,
            chunks=chunks,
            documents=self._parts.documents,
            stopped=self._stopped,
            collection=collection,
        )

    def remove(self, evaluation_id: int, *, caller: Caller) -> None:
        """Forgets a result; one that was compared with it stays, without the comparison's partner.

        Raises:
            NotFound: there is none with this id.
        """
        caller.require_whole()
        self._evaluations.remove(evaluation_id, owner=caller.id)
