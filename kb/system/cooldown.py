"""A circuit breaker: what keeps failing is not called for a while, so that nobody waits for it again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Cooldown:
    """A pause of ``seconds`` that begins with the ``misses``-th failure in a row; safe to call from several threads.

    After it one more failure begins the next one: what was too slow before gets one try, not ``misses``.
    """

    def __init__(
        self, seconds: float, *, misses: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``clock`` gives seconds from any origin."""
        self._seconds = seconds
        self._allowed = misses
        self._clock = clock
        self._lock = threading.Lock()
        self._missed = 0
        self._until: float | None = None

    def is_resting(self) -> bool:
        """Returns whether the cooldown lasts now."""
        with self._lock:
            return self._until is not None and self._clock() < self._until

    def failed(self) -> None:
        with self._lock:
            self._missed += 1
            if self._missed >= self._allowed:
                self._until = self._clock() + self._seconds

    def succeeded(self) -> None:
        """Resets the count of failures; a cooldown that another thread's failure began goes on."""
        with self._lock:
            self._missed = 0
