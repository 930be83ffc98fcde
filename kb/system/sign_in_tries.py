"""How often a password may be guessed. Counted in memory: a restart begins anew."""

from __future__ import annotations

import ipaddress
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
_NETWORK_BITS = 64
"""Of an IPv6 address: who has one has all that begin so (RFC 6177)."""


class SignInTries:
    """Counts tries before they are evaluated; safe to use from several threads.

    Nobody is exempt, and nothing depends on whether there is an account of a name: what is refused would tell
    which names there are.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def begin(self, name: str, address: str) -> None:
        """Counts a try; raises RateLimited where there were too many before it.

        A refused one counts for its address, and not for the name: one address would keep everybody out.
        """
        with self._lock:
            limits = _limits(name, address)
            is_refused = any(self._wait_s(key, most) > 0 for key, most in limits)
            for key, most in limits[: -1 if is_refused else None]:
                self._tries.setdefault(key, deque(maxlen=most)).append(self._clock())
                self._tries.move_to_end(key)
            while len(self._tries) > _MOST_KEPT:
                self._tries.popitem(last=False)
            if is_refused:
                wait_s = max(self._wait_s(key, most) for key, most in limits)
                raise RateLimited(
                    "Too many tries. Wait a few minutes, then try again.", retry_after_s=int(wait_s) + 1
                )

    def succeeded(self, name: str, address: str) -> None:
        """Takes the last try back: the password was right."""
        with self._lock:
            for key, _ in _limits(name, address):
                if tried := self._tries.get(key):
                    tried.pop()

    def _wait_s(self, key: Hashable, most: int) -> float:
        """Returns for how long no further try is evaluated; 0 for none."""
        tried = self._tries.get(key)
        if tried is None or len(tried) < most:
            return 0.0
        return max(0.0, WINDOW_S - (self._clock() - tried[0]))


def _limits(name: str, address: str) -> list[tuple[Hashable, int]]:
    """Returns (what is counted, how many of it): of the two together, of the address, and last of the name."""
    network = network_of(address)
    return [
        ((name, network), MOST_OF_BOTH),
        (("address", network, ""), MOST_OF_ONE),
        (("name", name, ""), MOST_OF_ONE),
    ]


def network_of(address: str) -> str:
    """Returns what of an address its owner cannot choose."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), _NETWORK_BITS), strict=False))
