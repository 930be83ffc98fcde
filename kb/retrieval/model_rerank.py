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
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from kb.backends import RERANKERS, load
from kb.config import Settings
from kb.errors import FootnoteError
from kb.models.rerank.installed import installed
from kb.models.rerank.proved import ProvedReranker
from kb.ports import Reranker
from kb.system.cooldown import Cooldown
from kb.system.home_layout import HomeLayout
from kb.system.redact import redacted
from kb.system.request_recording import recorded
from kb.types import Finding, Hit, RequestKind

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
        self._problem = ""

    def order(self, question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Returns ``hits`` by the reranker's scores, which are noted; unchanged where it fails or takes too long."""
        if len(hits) < 2 or not self._is_free():
            return tuple(hits)
        passages = [hit.chunk.embedded_text for hit in hits]
        with self._lock:
            self._running = running = self._pool.submit(self._reranker.scores, question, passages)
        try:
            with recorded(RequestKind.RERANK, text=question) as request:
                request.name_model(self._reranker.name)
                scores = running.result(timeout=self._seconds)
        except (FootnoteError, TooLate) as error:
            running.cancel()
            self._cooldown.failed()
            reason = str(error) or f"It gave no order within {self._seconds:g} s (reranker.seconds)."
            self._problem = reason
            log.warning("not reranked", extra={"reason": reason})
            return tuple(hits)
        self._problem = ""
        ordered = sorted(zip(scores, hits, strict=True), key=lambda pair: -pair[0])
        return tuple(
            replace(hit, rank=rank, scores={**hit.scores, "rerank": score})
            for rank, (score, hit) in enumerate(ordered, start=1)
        )

    @property
    def name(self) -> str:
        return self._reranker.name

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """Does as ``Reranker.scores``, without a time limit, in its turn; raises as that does."""
        with self._lock:
            running = self._pool.submit(self._reranker.scores, question, passages)
        return running.result()

    @property
    def problem(self) -> str:
        """Why the last hits stayed in the order in which they were found, in a sentence; empty where they did not."""
        return self._problem

    def warm_up(self) -> None:
        """Begins to load the model; until it is loaded nothing is reranked."""
        with self._lock:
            self._running = self._pool.submit(self._load)

    def _load(self) -> list[float]:
        try:
            self._reranker.warm_up()
        except FootnoteError as error:
            self._problem = str(error)
            self._cooldown.failed()
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
    reranker = named_reranker(settings, cache=cache)
    return None if reranker is None else TimedReranker(reranker, seconds=settings.reranker.seconds)


def named_reranker(settings: Settings, *, cache: Path | None = None) -> Reranker | None:
    """Returns the same without its time limit. What is no code of ours is proved before it orders anything."""
    asked, device, engine = settings.reranker, settings.embedding.device, settings.embedding.engine
    reranker: Reranker
    if (address := server_address(settings)) is not None:
        known = asked.model in ("off", "auto") or address == asked.model
        key = asked.key.get_secret_value() if asked.key and address == asked.url else None
        reranker = load(RERANKERS, "endpoint")(
            address, model="" if known else asked.model, key=key, seconds=asked.seconds
        )
        return ProvedReranker(reranker)
    if asked.model == "off":
        return None
    if asked.model == "auto":
        found = installed(cache)
        if found is None:
            return None
        reranker = load(RERANKERS, "cross_encoder")(
            str(found.folder), device=device, local_only=True, engine=engine
        )
        return reranker
    if asked.model.lower().endswith(".gguf"):
        reranker = load(RERANKERS, "gguf").from_settings(settings, asked.model.removeprefix("gguf/"))
        return ProvedReranker(reranker)
    added = HomeLayout(settings.home).models / asked.model
    model = str(added) if (added / "config.json").is_file() else asked.model
    reranker = load(RERANKERS, "cross_encoder")(model, device=device, engine=engine)
    return reranker


def server_address(settings: Settings) -> str | None:
    """Returns the address of the server that reranks; None where none does."""
    asked = settings.reranker
    if asked.model.startswith(("http://", "https://")):
        return asked.model
    says_off = asked.model == "off" and "model" in asked.model_fields_set
    return None if says_off else asked.url


def finding(settings: Settings, *, cache: Path | None = None) -> Finding:
    """Returns which model reranks; one that is proved before it orders anything is asked to order what is obvious.

    ``cache`` as for ``timed_reranker``. A cross-encoder in this process is not loaded for it.
    """
    said = description(settings, cache=cache)
    try:
        reranker = named_reranker(settings, cache=cache)
        if not isinstance(reranker, ProvedReranker):
            return Finding("reranker", ok=True, text=said)
        with closing(reranker):
            reranker.warm_up()
    except FootnoteError as error:
        text = f"{said} Passages stay in the order in which they were found."
        return Finding("reranker", ok=False, text=text, remedy=str(error))
    return Finding("reranker", ok=True, text=f"{said} It puts first what answers.")


def description(settings: Settings, *, cache: Path | None = None) -> str:
    """Returns a sentence that says which model reranks; ``cache`` as for ``timed_reranker``."""
    asked = settings.reranker.model
    if (address := server_address(settings)) is not None:
        model = "" if asked in ("off", "auto", address) else f"{asked} by "
        return redacted(f"{model}the server at {address}, as set.")
    if asked == "off":
        return "Off."
    if asked != "auto":
        return f"{asked}, as set."
    found = installed(cache)
    if found is None:
        return "Off: none is in the hub's cache on this machine, and auto downloads none."
    return f"{found.name}, {found.bytes / 1e6:,.0f} MB, found in the hub's cache."
