"""The text that a model writes, for steps that need it whole before they go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing

from kb.ports import ChatModel
from kb.system.request_recording import count_tokens
from kb.types import ChatOptions, Message, ModelFinished, TextDelta, TextWithdrawn


async def text_from(
    model: ChatModel,
    messages: Sequence[Message],
    options: ChatOptions,
    *,
    enough: Callable[[str], bool] = lambda _: False,
) -> str:
    """Returns the text that ``model`` writes, its thoughts left out; not waited for beyond what is ``enough``.

    Raises:
        BackendDown, NotFound: as ``ChatModel.stream``.
    """
    text = ""
    async with aclosing(model.stream(messages, options)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                text += event.text
            elif isinstance(event, TextWithdrawn):
                text = ""
            elif isinstance(event, ModelFinished):
                count_tokens(event.prompt_tokens, event.completion_tokens)
            if enough(text):
                break
    return text


def has_line(text: str) -> bool:
    """Returns whether one line of it, not an empty one, is complete."""
    return "\n" in text.strip()
