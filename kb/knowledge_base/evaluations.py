"""What evaluations measured, kept so that it can be compared over time."""

from __future__ import annotations

from kb.knowledge_base.parts import Parts
from kb.state.evaluations import Evaluations
from kb.types import AccessScope, Caller, Evaluation


class EvaluationsService:
    """A caller's results of evaluations."""

    def __init__(self, parts: Parts) -> None:
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

    def remove(self, evaluation_id: int, *, caller: Caller) -> None:
        """Forgets a result; one that was compared with it stays, without the comparison's partner.

        Raises:
            NotFound: there is none with this id.
        """
        caller.require_whole()
        self._evaluations.remove(evaluation_id, owner=caller.id)
