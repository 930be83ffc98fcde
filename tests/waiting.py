"""Waits in a test for what another task or process does."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable


async def until(condition: Callable[[], object], *, seconds: float = 5) -> None:
    """Returns once ``condition`` holds; raises TimeoutError after ``seconds``."""
    async with asyncio.timeout(seconds):
        for _ in itertools.count():
            if condition():
                return
            await asyncio.sleep(0.01)


def wait_until(condition: Callable[[], object], seconds: float = 20) -> float:
    """How long it took until ``condition`` held; fails after ``seconds``."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "it never came to that"
        time.sleep(0.02)
    return time.monotonic() - started
