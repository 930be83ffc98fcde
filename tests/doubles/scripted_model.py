"""A ChatModel that says what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from kb.types import ChatOptions, Message, ModelEvent, ModelFinished, TextDelta


class ScriptedModel:
    """Streams ``events``; an exception among them is raised at its place."""

    name = "scripted/model"

    def __init__(
        self, *events: ModelEvent | Exception, context: int = 4096, delay: float = 0.0, pace: int = 1
    ) -> None:
        self._events = events or (TextDelta("Hello."), ModelFinished())
        self._context = context
        self._delay = delay
        self._pace = pace
        self.asked: list[tuple[tuple[Message, ...], ChatOptions]] = []
        self.stopped = False

    async def context_tokens(self) -> int:
        return self._context

    async def count_tokens(self, text: str) -> int:
        return len(text.split()) * self._pace

    async def stream(
        self, messages: Sequence[Message], options: ChatOptions
    ) -> AsyncGenerator[ModelEvent, None]:
        self.asked.append((tuple(messages), options))
        try:
            for event in self._events:
                await asyncio.sleep(self._delay)
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.stopped = True

    async def close(self) -> None:
        self.asked.clear()
