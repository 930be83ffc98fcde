"""What a server streams, as parsed JSON: server-sent events, a line of JSON each, or one whole object instead."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from kb.errors import BackendDown
from kb.models.replies import MOST_LINE_BYTES, NotJson, from_json, too_large_a_piece
from kb.models.transport import ANSWER_SECONDS, ModelServer

DONE = object()
"""Stands for the mark with which a stream of server-sent events ends."""
_FIELDS = frozenset({"event", "id", "retry", ""})
"""Of server-sent events: they, comments and pings carry nothing."""
_MOST_QUIET = 20_000
"""Lines in a row that carry no word. A server that is alive pings every few seconds, not ten thousand times."""


async def payloads(
    lines: AsyncIterator[str], server: ModelServer, *, events: bool
) -> AsyncGenerator[Any, None]:
    """Yields each payload; None for a line that carries nothing, and ``DONE`` where an end is marked.

    ``events``: the server is to send server-sent events, of which unknown fields are passed over; else a line of
    JSON each. A server that answers with one whole object or list, over as many lines as it likes, is understood
    either way. Older llama.cpp sends ``error: {...}`` in mid-stream.

    Raises:
        BackendDown: what is sent is something else.
    """
    whole: list[str] = []
    size = 0
    stray = ""
    anything = False
    async for line in lines:
        text = line.strip()
        field, _, value = text.partition(":")
        if whole:
            whole.append(text)
            if (size := size + len(text)) > MOST_LINE_BYTES:
                raise too_large_a_piece(MOST_LINE_BYTES)
        elif field in ("data", "error"):
            if value.strip() == "[DONE]":
                yield DONE
                return
            anything = anything or bool(value.strip())
            yield server.parsed(value.strip()) if value.strip() else None
            continue
        elif text.startswith(("{", "[")):
            try:
                found = from_json(text)
            except NotJson:  # the first line of an object over many
                whole = [text]
            else:
                anything = True
                for each in _each(found):
                    yield each
                continue
        elif field not in _FIELDS:
            if not events:
                yield server.parsed(text)
                continue
            stray = stray or text
        yield None
    if whole:
        for each in _each(server.parsed("\n".join(whole))):
            yield each
    elif stray and not anything:
        server.parsed(stray)


def _each(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


class Patience:
    """How long a server is listened to that sends, and says nothing."""

    def __init__(self, who: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._who = who
        self._clock = clock
        self._since = clock()
        self._quiet = 0

    def after(self, said: bool) -> None:
        """Takes note of one more line, and whether it ``said`` anything.

        Raises:
            BackendDown: nothing was said for too long.
        """
        if said:
            self._since, self._quiet = self._clock(), 0
            return
        self._quiet += 1
        if self._quiet > _MOST_QUIET or self._clock() - self._since > ANSWER_SECONDS:
            raise BackendDown(f"{self._who} sends signs of life and no answer. Ask once more, or restart it.")
