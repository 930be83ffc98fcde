"""Ends answers that are being made for somebody who may less than when they asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Protocol

from kb.errors import Denied, FootnoteError, NotFound
from kb.system.threads import Threads
from kb.types import Caller

_LOOK_EVERY_S = 0.8
_LOOKING_UP = Threads("answers under way", 1)


class Refreshed(Protocol):
    """What knows how far callers reach."""

    def __call__(self, *, caller: Caller) -> Caller:
        """Returns ``caller`` with what may be seen by now; raises Denied where the key, or the account, is gone."""


class End(Protocol):
    """What ends a run, and does nothing where it has ended."""

    def __call__(self, run_id: str, /, *, caller: Caller) -> Awaitable[None]: ...


class ReachWatch:
    """Looks at the callers of running answers, in one event loop, as long as there are any."""

    def __init__(self, refreshed: Refreshed, *, is_running: Callable[[str], bool], end: End) -> None:
        self._refreshed = refreshed
        self._is_running = is_running
        self._end = end
        self._followed: dict[str, Caller] = {}
        self._task: asyncio.Task[None] | None = None

    def follow(self, run_id: str, caller: Caller) -> None:
        """Ends a run within a second of a caller's key, account or share; the owner of the machine has none."""
        if caller.counted_as is None:
            return
        self._followed[run_id] = caller
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_regularly())

    async def _look_regularly(self) -> None:
        while self._followed:
            await asyncio.sleep(_LOOK_EVERY_S)
            for run_id, caller in tuple(self._followed.items()):
                if not self._is_running(run_id):
                    del self._followed[run_id]
                elif await _LOOKING_UP.run(partial(self._is_less, caller)):
                    with suppress(NotFound):  # it ended meanwhile, and its conversation is gone
                        await self._end(run_id, caller=caller)

    def _is_less(self, caller: Caller) -> bool:
        try:
            return not self._refreshed(caller=caller).covers(caller)
        except Denied:
            return True
        except FootnoteError:  # the database cannot be read now
            return False
