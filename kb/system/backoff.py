"""Exponential back-off: how long to wait before the next try."""

from __future__ import annotations

import random
from collections.abc import Callable


class BackOff:
    """Waits that double from ``first`` to ``longest`` seconds; for one thread."""

    def __init__(
        self,
        first: float,
        longest: float,
        *,
        jitter: float = 0.0,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """``jitter`` is the share by which a wait may be shortened, so that those who lost the same server do
        not all come back in the same moment; ``draw`` gives numbers from 0 up to 1 for it.
        """
        self._first = first
        self._longest = longest
        self._jitter = jitter
        self._draw = draw
        self._next = first

    def next_wait(self) -> float:
        """Returns the seconds to wait now; the next call gives about twice as many."""
        wait = self._next * (1.0 - self._jitter * self._draw())
        self._next = min(2 * self._next, self._longest)
        return wait

    def reset(self) -> None:
        """Begins with ``first`` again, after a success."""
        self._next = self._first
