"""How many answers are made for each key at the same time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from kb.errors import RateLimited
from kb.types import Caller

_RETRY_S = 5
"""About what a short answer takes on a CPU."""


class RunningAnswers:
    """Counts the answers that are being made; safe to use from several threads."""

    def __init__(self, most: int) -> None:
        """``most`` of one key; whoever comes without a key has no limit."""
        self._most = most
        self._running: Counter[int] = Counter()
        self._lock = threading.Lock()

    def require_room(self, caller: Caller) -> None:
        """Does nothing where another answer may be begun; raises RateLimited."""
        with self._lock:
            self._require_room(caller)

    @contextmanager
    def one_for(self, caller: Caller) -> Iterator[None]:
        """Counts an answer while it is made; raises RateLimited."""
        with self._lock:
            self._require_room(caller)
            self._running[caller.key_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[caller.key_id] -= 1

    def _require_room(self, caller: Caller) -> None:
        if caller.key and self._running[caller.key_id] >= self._most:
            raise RateLimited(
                f"{self._most} answers are being made for this key, which is the most (limits.running_answers).",
                retry_after_s=_RETRY_S,
            )
