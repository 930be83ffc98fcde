"""One thread watches the library for all open pages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_LOOK_EVERY_S = 0.5
"""How long the watching thread blocks at most: what a shutdown may have to wait for it."""


class ChangeFeed:
    """Tells any number of waiting pages that the library changed, at the cost of one thread.

    ``LibraryService.wait_for_change`` blocks a thread; a page that waits in a thread of its own
    would take one of the few that serve everybody.
    """

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._now = -1
        self._changed = asyncio.Event()
        self._ended = False

    @property
    def now(self) -> int:
        """The counter of changes as it was last seen; -1 before that."""
        return self._now

    @property
    def ended(self) -> bool:
        """Whether the server ends, and nobody is to wait any longer."""
        return self._ended

    @staticmethod
    def clock() -> float:
        """Returns the seconds of the event loop."""
        return asyncio.get_running_loop().time()

    async def run(self) -> None:
        """Watches until it is cancelled."""
        own_thread = anyio.CapacityLimiter(1)
        while True:
            now = await anyio.to_thread.run_sync(
                self._kb.library.wait_for_change,
                self._now,
                _LOOK_EVERY_S,
                limiter=own_thread,
                abandon_on_cancel=True,
            )
            if now != self._now:
                self._now = now
                self._changed.set()
                self._changed = asyncio.Event()

    def end(self) -> None:
        """Lets everybody who waits go, so that no open page holds up a shutdown. To be called in the event loop."""
        self._ended = True
        self._changed.set()

    async def wait(self, seen: int, timeout_s: float) -> int:
        """Returns the counter of changes as soon as it differs from ``seen``, at the latest after ``timeout_s``."""
        deadline = self.clock() + timeout_s
        while self._now == seen and not self._ended:
            left = deadline - self.clock()
            try:
                await asyncio.wait_for(self._changed.wait(), max(left, 0))
            except TimeoutError:
                break
        return self._now
