"""Threads for what takes long, in groups of their own, for code that runs in an event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

_T = TypeVar("_T")


class Threads:
    """At most ``most`` threads at once; who comes then waits, without a thread."""

    def __init__(self, name: str, most: int) -> None:
        self._most = most
        self._limiter: RunVar[anyio.CapacityLimiter] = RunVar(f"threads for {name}")

    async def run(self, call: Callable[[], _T], *, abandon: bool = False) -> _T:
        """What ``call`` returns or raises. ``abandon`` leaves it to itself where the caller is cancelled."""
        limiter = self._limiter.get(None)
        if limiter is None:  # one of an event loop, as all waiting is
            limiter = anyio.CapacityLimiter(self._most)
            self._limiter.set(limiter)
        return await anyio.to_thread.run_sync(call, limiter=limiter, abandon_on_cancel=abandon)
