"""Notices when the event loop stands still: then nobody is answered, and no request would say so."""

from __future__ import annotations

import asyncio
import logging

log = logging.getLogger(__name__)

_EVERY_S = 0.25
_WORTH_SAYING_S = 1.0


class LoopWatch:
    """Measures how late the event loop wakes up who sleeps."""

    def __init__(self) -> None:
        self._delay = 0.0

    @property
    def delay_ms(self) -> float:
        """The longest delay of late; an old one counts for less every second."""
        return round(self._delay * 1000, 1)

    async def run(self) -> None:
        """Watches until it is cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + _EVERY_S
            await asyncio.sleep(_EVERY_S)
            late = max(clock() - due, 0.0)
            self._delay = max(late, self._delay * 0.95)
            if late > _WORTH_SAYING_S:
                log.warning("the event loop stood still", extra={"seconds": round(late, 1)})
