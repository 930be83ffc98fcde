"""Whoever asks for much waits for themselves."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from kb.system.fair_slots import FairSlots


async def test_the_second_person_waits_for_one_of_the_first_not_for_all() -> None:
    slots, order, begin = FairSlots(1), [], asyncio.Event()

    async def use(who: str) -> None:
        async with slots.one_for(who):
            order.append(who)
            await begin.wait()

    people = ["a"] * 6 + ["b", "c", "b"]
    tasks = []
    for who in people:
        tasks.append(asyncio.create_task(use(who)))
        await asyncio.sleep(0)
    begin.set()
    await asyncio.gather(*tasks)
    assert order == ["a", "a", "b", "c", "a", "b", "a", "a", "a"]


async def test_who_gives_up_while_waiting_takes_no_slot_along() -> None:
    slots, done = FairSlots(2), []

    async def use(who: int) -> None:
        async with slots.one_for(who % 3):
            await asyncio.sleep(0)
            done.append(who)

    tasks = [asyncio.create_task(use(number)) for number in range(30)]
    await asyncio.sleep(0)
    for task in tasks[::4]:
        task.cancel()
    for task in tasks[::4]:
        with suppress(asyncio.CancelledError):
            await task
    for task in tasks[1::2]:
        await asyncio.sleep(0)
        task.cancel()  # some of these at the moment at which their turn comes
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(60), slots.one_for("x"), slots.one_for("y"):
        pass
    assert set(range(2, 30, 4)) <= set(done)
