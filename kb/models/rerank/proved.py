"""A reranker that is not our own process: it is proved before it orders anything, and again after it was away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from kb.errors import BackendDown, Misconfigured
from kb.models.rerank.proof import prove
from kb.ports import Reranker

log = logging.getLogger(__name__)


class ProvedReranker:
    """``kb.ports.Reranker`` over another."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._proving = threading.Lock()
        self._proved = False

    @property
    def name(self) -> str:
        return self._reranker.name

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """Returns the scores of ``passages``; raises as ``kb.ports.Reranker``, also where the proof fails."""
        if not passages:
            return []
        self._require_proof()
        try:
            return self._reranker.scores(question, passages)
        except (BackendDown, Misconfigured):
            self._proved = False  # what answers next there may be another model
            raise

    def warm_up(self) -> None:
        """Loads the model, and proves it."""
        self._reranker.warm_up()
        self._require_proof()

    def close(self) -> None:
        self._reranker.close()

    def _require_proof(self) -> None:
        with self._proving:
            if not self._proved:
                languages = prove(self._reranker, f"The reranker {self.name}")
                log.info(
                    "a reranker was proved", extra={"model": self.name, "languages": ", ".join(languages)}
                )
                self._proved = True
