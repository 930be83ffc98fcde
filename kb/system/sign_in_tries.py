"""How often a password may be guessed. Counted in memory: a restart begins anew."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable

from kb.errors import RateLimited

WINDOW_S = 300.0
MOST_OF_BOTH = 5
"""Wrong passwords for a name from an address within ``WINDOW_S``."""
MOST_OF_ONE = 10
"""For a name from all addresses, and from an address for all names: neither many machines nor many names help."""
_MOST_KEPT = 20_000
"""Names and addresses; beyond it the one that was tried longest ago is forgotten."""


class SignInTries:
    """Counts tries before they are evaluated; safe to use from several threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: OrderedDict[Hashable, deque[float]] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        """(name, address) of those who got in: what others guess of a name does not keep them out."""

    def begin(self, name: str, address: str) -> None:
        """Counts a try; raises RateLimited, and counts nothing, where there were too many."""
        with self._lock:
            limits = self._limits(name, address)
            waits = [wait for key, most in limits if (wait := self._wait_s(key, most)) > 0]
            if waits:
                raise RateLimited(
                    "Too many tries. Wait a few minutes, then try again.", retry_after_s=int(max(waits)) + 1
                )
            for key, _ in limits:
                self._tries.setdefault(key, deque()).append(self._clock())
                self._tries.move_to_end(key)
            while len(self._tries) > _MOST_KEPT:
                self._tries.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """Takes the last try back: the password was right."""
        with self._lock:
            for key, _ in self._limits(name, address):
                if tried := self._tries.get(key):
                    tried.pop()
            self._known[name, address] = None
            self._known.move_to_end((name, address))
            while len(self._known) > _MOST_KEPT:
                self._known.popitem(last=False)

    def _limits(self, name: str, address: str) -> list[tuple[Hashable, int]]:
        both: list[tuple[Hashable, int]] = [((name, address), MOST_OF_BOTH)]
        if (name, address) in self._known:
            return both
        return [*both, (("name", name, ""), MOST_OF_ONE), (("address", address, ""), MOST_OF_ONE)]

    def _wait_s(self, key: Hashable, most: int) -> float:
        """Returns for how long no further try is evaluated; 0 for none."""
        tried = self._tries.get(key)
        if tried is None:
            return 0.0
        now = self._clock()
        while tried and now - tried[0] >= WINDOW_S:
            tried.popleft()
        return WINDOW_S - (now - tried[0]) if len(tried) >= most else 0.0
