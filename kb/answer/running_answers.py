"""How many answers are made for each key, and for each person, at the same time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kb.errors import RateLimited
from kb.types import Caller

_RETRY_S = 5
"""About what a short answer takes on a CPU."""

End = Callable[[], None]
"""Ends the counting of an answer; called again, it does nothing."""


class RunningAnswers:
    """Counts the answers that are being made; safe to use from several threads."""

    def __init__(self, most: int) -> None:
        """``most`` of one key, or of a person without one; the owner of the machine has no limit."""
        self._most = most
        self._running: Counter[tuple[int, int]] = Counter()
        self._lock = threading.Lock()

    def begin(self, caller: Caller) -> End:
        """Counts an answer from now on, and returns what ends that; raises RateLimited, and counts nothing."""
        who = caller.counted_as
        if who is None:
            return _nothing
        with self._lock:
            self._require_room(who, caller)
            self._running[who] += 1
        ended = False

        def end() -> None:
            nonlocal ended
            with self._lock:
                if not ended:
                    self._running[who] -= 1
                ended = True

        return end

    @contextmanager
    def one_for(self, caller: Caller) -> Iterator[None]:
        """Counts an answer while it is made; raises RateLimited."""
        end = self.begin(caller)
        try:
            yield
        finally:
            end()

    def _require_room(self, who: tuple[int, int], caller: Caller) -> None:
        if self._running[who] >= self._most:
            whose = "this key" if caller.key else "you"
            raise RateLimited(
                f"{self._most} answers are being made for {whose}, which is the most (limits.running_answers).",
                retry_after_s=_RETRY_S,
            )


def _nothing() -> None:
    """Ends the counting of an answer that was not counted."""
