"""A circuit breaker: what keeps failing is not called for a while, so that nobody waits for it again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Cooldown:
    """A pause of ``seconds`` that begins with each failure; safe to call from several threads."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds from any origin."""
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._until: float | None = None

    def is_resting(self) -> bool:
        """Returns whether the cooldown lasts now."""
        with self._lock:
            return self._until is not None and self._clock() < self._until

    def failed(self, seconds: float | None = None) -> None:
        """Begins the pause; ``seconds`` makes this one of another length."""
        with self._lock:
            self._until = self._clock() + (self._seconds if seconds is None else seconds)
