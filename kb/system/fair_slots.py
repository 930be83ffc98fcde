"""Who may use what does only so much at a time: one of each who waits, in turn."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class FairSlots:
    """Lets ``most`` in at once, of those who wait one of each in turn; for one event loop.

    Fair queuing after Nagle (RFC 970), as imports have it: whoever asks for much waits for themselves, and others for
    at most one of theirs a slot. Of one alone whoever came first is let in first.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()
        """Each who waits, next first."""

    @asynccontextmanager
    async def one_for(self, who: Hashable) -> AsyncIterator[None]:
        """Holds a slot for ``who`` within, once one is free and it is their turn."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(who)
        try:
            yield
        finally:
            self._give_on()

    async def _wait(self, who: Hashable) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was given at the same moment
                self._give_on()
            raise

    def _give_on(self) -> None:
        while self._waiting:
            who, queue = self._waiting.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._waiting[who] = queue
            if not turn.done():  # who was cancelled does not come any more
                turn.set_result(None)
                return
        self._free += 1
