"""What evaluations measured, kept so that it can be compared over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kb.knowledge_base.labelled_recall import PASSAGES
from kb.knowledge_base.parts import Parts
from kb.state.evaluations import Evaluations
from kb.state.labelled_questions import LabelledQuestions
from kb.state.vectors import Vectors
from kb.types import AccessScope, Caller, Evaluation, WidthFigure

if TYPE_CHECKING:
    from kb.engine.loader import Engine

_MOST_QUESTIONS = 200
"""So many are compared at each width: more would say hardly more."""


class EvaluationsService:
    """A caller's results of evaluations."""

    def __init__(
        self, parts: Parts, *, open_engine: Callable[[], Engine], stopped: Callable[[], bool]
    ) -> None:
        """``open_engine`` gives the embedder; ``stopped`` says that the process ends."""
        self._parts = parts
        self._open_engine = open_engine
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

        One pass over all vectors, however many questions and widths; the questions alone are embedded.
        """
        from kb.knowledge_base.widths import NARROWEST, nearest_by_width, width_figures, widths_up_to
        from kb.models.embed.spec import known

        caller.require_whole()
        embedder, database = self._open_engine().embedder, self._parts.database
        labelled = LabelledQuestions(database).all(owner=caller.id)[:_MOST_QUESTIONS]
        fingerprint = embedder.fingerprint
        spec = known(fingerprint.model)
        widths = widths_up_to(fingerprint.width, spec.narrowest if spec else NARROWEST)
        nearest: dict[int, list[list[int]]] = {width: [] for width in widths}
        if labelled:
            blocks = Vectors(database, fingerprint).blocks(None, width=fingerprint.width)
            asked = embedder.embed_queries([kept.question for kept in labelled])
            nearest = nearest_by_width(blocks, asked, widths, PASSAGES)
        return width_figures(
            self._parts.chunks.count_live(),
            nearest,
            labelled,
            chunks=self._parts.chunks,
            documents=self._parts.documents,
            stopped=self._stopped,
        )

    def remove(self, evaluation_id: int, *, caller: Caller) -> None:
        """Forgets a result; one that was compared with it stays, without the comparison's partner.

        Raises:
            NotFound: there is none with this id.
        """
        caller.require_whole()
        self._evaluations.remove(evaluation_id, owner=caller.id)
