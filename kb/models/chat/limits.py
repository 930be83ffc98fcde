"""How much a model may say: a server that never ends, whatever it was asked for, must not fill page and memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from kb.errors import BackendDown
from kb.system.redact import RedactedStream, redacted
from kb.text.storable import StorableStream
from kb.types import ChatOptions, ModelEvent, TextDelta, TextWithdrawn, ThinkingDelta

MOST_THOUGHTS = 100_000
"""Characters. Some 25,000 tokens: the longest thoughts of models that answer questions about documents."""
_LEAST = 4_000
_CHARACTERS_PER_TOKEN = 16
"""Four are usual, and code is full of blanks that make one token: only who does not count reaches this."""


async def within_limits(
    events: AsyncGenerator[ModelEvent, None], who: str, options: ChatOptions
) -> AsyncGenerator[ModelEvent, None]:
    """``events`` as long as they are no more than a model that keeps to ``options`` sends, in text that can be stored.

    Raises:
        BackendDown: it goes on and on.
    """
    most_text = max(_LEAST, _CHARACTERS_PER_TOKEN * options.max_tokens)
    said = thought = 0
    text, thoughts, shown = StorableStream(), StorableStream(), RedactedStream()
    async with aclosing(events):
        async for event in events:
            if isinstance(event, TextDelta):
                said += len(event.text)
                room = max(0, most_text - said + len(event.text))
                if piece := shown.push(text.push(event.text)[:room]):
                    yield TextDelta(piece)
            elif isinstance(event, ThinkingDelta):
                thought += len(event.text)
                if piece := redacted(thoughts.push(event.text)):
                    yield ThinkingDelta(piece)
            else:
                if isinstance(event, TextWithdrawn):
                    said, thought = 0, thought + said
                if rest := shown.push(text.finish()) + shown.finish():
                    yield TextDelta(rest)
                yield event
            if said > most_text:
                raise BackendDown(
                    f"{who} went on past {most_text:,} characters, though it was asked for at most "
                    f"{options.max_tokens:,} tokens. The rest is left out."
                )
            if thought > MOST_THOUGHTS:
                raise BackendDown(
                    f"{who} thought for more than {MOST_THOUGHTS:,} characters and was stopped. "
                    "Ask in other words, or choose another model."
                )
