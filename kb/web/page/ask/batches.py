"""Collects a stream's events into batches, so that a page is not redrawn for every token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

T = TypeVar("T")


async def batched(
    events: AsyncIterator[T], *, stop: asyncio.Event, pause_s: float
) -> AsyncGenerator[list[T], None]:
    """Yields what came within ``pause_s`` of the first event of a batch, in order, until the stream or ``stop``.

    ``stop`` cancels the stream at once, and so does closing this generator. What the stream raises
    is raised here, after everything that came before it.
    """
    queue: asyncio.Queue[T | None] = asyncio.Queue()

    async def read() -> None:
        async for event in events:
            queue.put_nowait(event)

    reader = asyncio.create_task(read())
    reader.add_done_callback(lambda _: queue.put_nowait(None))
    stopper = asyncio.create_task(stop.wait())
    stopper.add_done_callback(lambda _: reader.cancel())
    try:
        more = True
        while more and (event := await queue.get()) is not None:
            batch = [event]
            await asyncio.wait({reader}, timeout=pause_s)
            more = _drain(queue, batch)
            yield batch
    finally:
        stopper.cancel()
        reader.cancel()
        await asyncio.wait({reader})
    if not reader.cancelled():
        reader.result()


def _drain(queue: asyncio.Queue[T | None], batch: list[T]) -> bool:
    """Moves what is waiting into ``batch``; False once the end of the stream was among it."""
    while not queue.empty():
        event = queue.get_nowait()
        if event is None:
            return False
        batch.append(event)
    return True
