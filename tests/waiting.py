"""Waits in a test for what another task or process does."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable


async def until(condition: Callable[[], object], *, seconds: float = 5) -> None:
    """Returns once ``condition`` holds; raises TimeoutError after ``seconds``."""
    async with asyncio.timeout(seconds):
        for _ in itertools.count():
            if condition():
                return
            await asyncio.sleep(0.01)
