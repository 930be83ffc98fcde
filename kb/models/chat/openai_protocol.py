"""The chat completions protocol without its transport: request bodies out, streamed chunks in.

https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kb.errors import BackendDown
from kb.models.chat.thinking import ThinkingSplitter
from kb.models.replies import said_error
from kb.types import ChatOptions, Message, ModelEvent, ModelFinished, ThinkingDelta


def request_body(model: str, messages: Sequence[Message], options: ChatOptions) -> dict[str, Any]:
    """The JSON of a streamed request that also asks for the token counts."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if options.seed is not None:
        body["seed"] = options.seed
    return body


class ChunkReader:
    """Turns the chunks of one answer into events."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._splitter = ThinkingSplitter()
        self._finish_reason: str | None = None
        self._usage: Mapping[str, Any] = {}

    def read(self, chunk: Any) -> list[ModelEvent]:
        """The events of one chunk, none for the many that only carry bookkeeping.

        Raises:
            BackendDown: the chunk is an error, or not a chunk at all.
        """
        if (said := said_error(chunk)) is not None:
            raise BackendDown(f"{self._who} broke off: {said}")
        if not isinstance(chunk, Mapping):
            raise BackendDown(f"{self._who} sent something that is not a chat completion: {chunk!r:.200}")
        self._usage = chunk.get("usage") or self._usage
        events: list[ModelEvent] = []
        for choice in (chunk.get("choices") or [])[:1]:
            self._finish_reason = choice.get("finish_reason") or self._finish_reason
            delta = choice.get("delta") or {}
            thought = delta.get("reasoning_content") or delta.get("reasoning")
            if thought:
                events.append(ThinkingDelta(thought))
            events += self._splitter.push(delta.get("content") or "")
        return events

    def finish(self, *, marked_done: bool = False) -> list[ModelEvent]:
        """The last events, ``ModelFinished`` the very last.

        ``marked_done``: the transport has seen its own end mark, so that no finish reason is needed.

        Raises:
            BackendDown: the stream ended before the answer did.
        """
        if self._finish_reason is None and not marked_done:
            raise BackendDown(f"{self._who} broke off in the middle of the answer. Ask once more.")
        finished = ModelFinished(
            prompt_tokens=self._usage.get("prompt_tokens"),
            completion_tokens=self._usage.get("completion_tokens"),
            stopped_at_limit=self._finish_reason == "length",
        )
        return [*self._splitter.finish(), finished]
