"""Reranking by a model that reads question and passage together, within a time limit.

If it fails or is too slow, the order stays as it was: the person is answered.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import replace
from pathlib import Path

from kb.backends import RERANKERS, load
from kb.config import Settings
from kb.errors import FootnoteError
from kb.models.rerank.installed import installed
from kb.ports import Reranker
from kb.system.cooldown import Cooldown
from kb.types import Hit

log = logging.getLogger(__name__)

DEPTH = 20
"""How many passages are reranked."""
_PAUSE_SECONDS = 60.0
"""The cooldown of a reranker that failed or was too slow."""


class TimedReranker:
    """Orders hits by a reranker within ``seconds``; safe to call from several threads."""

    def __init__(
        self, reranker: Reranker, *, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._reranker = reranker
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="rerank")
        self._lock = threading.Lock()
        self._running: Future[list[float]] | None = None
        self._cooldown = Cooldown(_PAUSE_SECONDS, clock=clock)

    def order(self, question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Returns ``hits`` by the reranker's scores, which are noted; unchanged where it fails or takes too long."""
        if len(hits) < 2 or not self._is_free():
            return tuple(hits)
        passages = [hit.chunk.embedded_text for hit in hits]
        with self._lock:
            self._running = running = self._pool.submit(self._reranker.scores, question, passages)
        try:
            scores = running.result(timeout=self._seconds)
        except (FootnoteError, TooLate) as error:
            running.cancel()
            self._cooldown.failed()
            reason = str(error) or f"no answer within {self._seconds:g} s"
            log.warning("not reranked", extra={"reason": reason})
            return tuple(hits)
        ordered = sorted(zip(scores, hits, strict=True), key=lambda pair: -pair[0])
        return tuple(
            replace(hit, rank=rank, scores={**hit.scores, "rerank": score})
            for rank, (score, hit) in enumerate(ordered, start=1)
        )

    def warm_up(self) -> None:
        """Begins to load the model; until it is loaded nothing is reranked."""
        with self._lock:
            self._running = self._pool.submit(self._load)

    def _load(self) -> list[float]:
        try:
            self._reranker.warm_up()
        except FootnoteError as error:
            log.warning("the reranker cannot be loaded", extra={"reason": str(error)})
        return []

    def close(self) -> None:
        """Frees the model, without waiting for the call that runs."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._reranker.close()

    def _is_free(self) -> bool:
        """Returns whether it may be asked: it is not in its cooldown, and the call before has ended."""
        with self._lock:
            busy = self._running is not None and not self._running.done()
        return not busy and not self._cooldown.is_resting()


def timed_reranker(settings: Settings, *, cache: Path | None = None) -> TimedReranker | None:
    """Returns the reranker that the settings name, its model not loaded yet; None where reranking is off.

    ``cache`` is where ``auto`` looks for one, None the hub's own folder.
    """
    if settings.reranker.model == "off":
        return None
    reranker: Reranker
    if settings.reranker.model == "auto":
        found = installed(cache)
        if found is None:
            return None
        reranker = load(RERANKERS, "cross_encoder")(
            str(found.folder), device=settings.embedding.device, local_only=True
        )
    elif settings.reranker.model.startswith(("http://", "https://")):
        reranker = load(RERANKERS, "endpoint")(settings.reranker.model, seconds=settings.reranker.seconds)
    else:
        reranker = load(RERANKERS, "cross_encoder")(settings.reranker.model, device=settings.embedding.device)
    return TimedReranker(reranker, seconds=settings.reranker.seconds)


def description(settings: Settings, *, cache: Path | None = None) -> str:
    """Returns a sentence that says which model reranks; ``cache`` as for ``timed_reranker``."""
    if settings.reranker.model == "off":
        return "Off."
    if settings.reranker.model != "auto":
        return f"{settings.reranker.model}, as set."
    found = installed(cache)
    if found is None:
        return "Off: none is in the hub's cache on this machine, and auto downloads none."
    return f"{found.name}, {found.bytes / 1e6:,.0f} MB, found in the hub's cache."
