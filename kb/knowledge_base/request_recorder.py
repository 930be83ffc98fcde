"""Takes the requests of a process as they end and writes them to the log of requests, off their way."""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kb.config import LogSettings
from kb.errors import FootnoteError
from kb.knowledge_base.request_metrics import RequestMetrics
from kb.state.request_log import RequestLog
from kb.system.redact import redacted
from kb.system.request_recording import hash_of
from kb.text.storable import storable
from kb.types import LoggedRequest

log = logging.getLogger(__name__)

_MOST_WAITING = 10_000
"""Requests that wait to be written: a few megabytes. A database that is held for minutes costs those beyond."""
_MOST_AT_ONCE = 500
_FLUSH_SECONDS = 0.5
"""How long a request waits for others, so that a busy minute is a hundred transactions and not thousands."""
_PRUNE_SECONDS = 600.0
_MOST_CHARACTERS = 4000
"""Of a text that is kept in full; what a person asks is shorter, and a model's prompt would fill the log."""
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


class RequestRecorder:
    """One thread that writes, begun by the first request. Whatever keeps it from writing, nobody waits for it."""

    def __init__(
        self,
        requests: RequestLog,
        settings: LogSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.metrics = RequestMetrics()
        self._requests = requests
        self._settings = settings
        self._clock = clock
        self._waiting: queue.Queue[LoggedRequest] = queue.Queue(_MOST_WAITING)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._writing = threading.Lock()
        self._prune_at = 0.0

    def record(self, request: LoggedRequest) -> None:
        """Takes a request; it is in the log about a second later, unless there is no room for it."""
        self.metrics.count(request)
        if self._settings.days == 0:
            return
        try:
            self._waiting.put_nowait(request)
        except queue.Full:
            self.metrics.lose(1)
            return
        if self._thread is None:
            self._start()

    def flush(self) -> None:
        """Writes everything that waits, now; what cannot be written is lost, and counted."""
        with self._writing:
            while batch := self._batch():
                try:
                    self._requests.add(batch)
                except (FootnoteError, ValueError) as error:
                    self.metrics.lose(len(batch))
                    log.warning("requests are not logged", extra={"count": len(batch), "reason": str(error)})
            self._prune()

    def close(self) -> None:
        """Writes what waits, and ends the thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self.flush()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="request-log", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stopped.wait(_FLUSH_SECONDS):
            if not self._waiting.empty():
                self.flush()

    def _batch(self) -> list[LoggedRequest]:
        batch: list[LoggedRequest] = []
        while len(batch) < _MOST_AT_ONCE:
            try:
                batch.append(self._kept(self._waiting.get_nowait()))
            except queue.Empty:
                break
        return batch

    def _kept(self, request: LoggedRequest) -> LoggedRequest:
        """Returns the request as it is written: without secrets, its text in full or as its hash."""
        text = storable(redacted(request.text))[:_MOST_CHARACTERS]
        if self._settings.texts == "hash" and text and not _HASH.fullmatch(text):
            text = hash_of(request.text)
        return replace(request, text=text, model=storable(redacted(request.model)))

    def _prune(self) -> None:
        if self._clock() < self._prune_at:
            return
        self._prune_at = self._clock() + _PRUNE_SECONDS
        oldest = datetime.now(UTC) - timedelta(days=self._settings.days)
        try:
            self._requests.prune(
                before=oldest.isoformat(timespec="milliseconds"),
                most_bytes=self._settings.megabytes << 20,
            )
        except FootnoteError as error:  # it is tried again in its turn
            log.warning("the log of requests is not shortened", extra={"reason": str(error)})
