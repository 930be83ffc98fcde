"""Events in batches, stopped and broken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from kb.web.page.ask.batches import batched


class Stream:
    """Counts to ``count``, then fails or waits for ever."""

    def __init__(self, count: int, *, fails: bool = False, hangs: bool = False) -> None:
        self.closed = False
        self._count, self._fails, self._hangs = count, fails, hangs

    async def events(self) -> AsyncIterator[int]:
        try:
            for n in range(self._count):
                yield n
                await asyncio.sleep(0)
            if self._fails:
                raise ValueError("broken")
            if self._hangs:
                await asyncio.Event().wait()
        finally:
            self.closed = True


async def test_nothing_is_lost_and_little_is_sent() -> None:
    batches = [batch async for batch in batched(Stream(1000).events(), stop=asyncio.Event(), pause_s=0.02)]
    assert [n for batch in batches for n in batch] == list(range(1000))
    assert len(batches) < 20


async def test_an_empty_stream() -> None:
    assert [batch async for batch in batched(Stream(0).events(), stop=asyncio.Event(), pause_s=0.01)] == []


async def test_a_failure_comes_after_what_came_before_it() -> None:
    batches = batched(Stream(3, fails=True).events(), stop=asyncio.Event(), pause_s=0.01)
    assert await anext(batches) == [0, 1, 2]
    with pytest.raises(ValueError, match="broken"):
        await anext(batches)


async def test_stop_ends_a_stream_that_hangs_and_keeps_what_came() -> None:
    stream, stop = Stream(3, hangs=True), asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, stop.set)
    seen = [n async for batch in batched(stream.events(), stop=stop, pause_s=0.01) for n in batch]
    assert seen == [0, 1, 2]
    assert stream.closed


async def test_leaving_early_closes_the_stream() -> None:
    stream = Stream(3, hangs=True)
    batches = batched(stream.events(), stop=asyncio.Event(), pause_s=0.01)
    assert await anext(batches) == [0, 1, 2]
    await batches.aclose()
    assert stream.closed
