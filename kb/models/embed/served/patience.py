"""A server that has no time is waited for as it says; one that stumbles is asked once more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from kb.errors import BackendDown, Busy, Cancelled
from kb.models.embed.served.protocol import Answered, TextEmbedder

MOST_WAITING_SECONDS = 120.0
"""In all, before the jobs pause instead: they try again with longer and longer waits, and say so."""
QUESTION_WAITING_SECONDS = 3.0
"""The same for a question: somebody waits for it."""
_LONGEST_WAIT = 30.0
_FIRST_WAIT = 0.5


class Patience:
    """Asks one server, and waits where it has no time. Safe to use from several threads."""

    def __init__(self, server: TextEmbedder, *, sleep: Callable[[float], None] | None = None) -> None:
        """``sleep`` waits so many seconds; None: until then, or until ``close``."""
        self._server = server
        self._closed = threading.Event()
        self._sleep = sleep or self._pause
        self.on_busy: Callable[[], None] = lambda: None
        """Called whenever the server has no time."""

    @property
    def who(self) -> str:
        return self._server.who

    def embed(self, texts: Sequence[str], *, seconds: float = MOST_WAITING_SECONDS) -> Answered:
        """Returns what the server gives, after at most ``seconds`` of waiting; raises as ``TextEmbedder.embed``."""
        waited, least = 0.0, _FIRST_WAIT
        while True:
            try:
                return self._server.embed(texts)
            except Busy as busy:
                self.on_busy()
                wait = min(_LONGEST_WAIT, max(float(busy.retry_after_s), least))
                if waited + wait > seconds:
                    raise
                waited, least = waited + wait, 2 * least
                self._sleep(wait)

    def close(self) -> None:
        """Ends every wait."""
        self._closed.set()

    def _pause(self, seconds: float) -> None:
        if self._closed.wait(seconds):
            raise Cancelled("The embedding model was closed while its server was waited for.")


class AtMost:
    """A limit on what runs at the same time: one more after each round without trouble, half after some."""

    def __init__(self, *, first: int, most: int) -> None:
        self._limit = float(first)
        self._most = most
        self._running = 0
        self._free = threading.Condition()

    @property
    def limit(self) -> int:
        return int(self._limit)

    def __enter__(self) -> None:
        with self._free:
            self._free.wait_for(lambda: self._running < self.limit)
            self._running += 1

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._free:
            self._running -= 1
            if kind is None:
                self._limit = min(float(self._most), self._limit + 1 / self._limit)
            elif issubclass(kind, BackendDown):
                self._halve()
            self._free.notify_all()

    def halve(self) -> None:
        """Lets half as many run at the same time, at least one."""
        with self._free:
            self._halve()

    def _halve(self) -> None:
        self._limit = max(1.0, self._limit / 2)
