"""The chat completions protocol without its transport: request bodies out, streamed chunks in.

https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kb.errors import BackendDown
from kb.models.chat.shapes import Malformed, count, items, mapping, texts, word
from kb.models.chat.thinking import ThinkingSplitter
from kb.models.replies import said_error
from kb.types import ChatOptions, Message, ModelEvent, ModelFinished, ThinkingDelta

_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Where servers put what a model says to itself; some send the same under two of these names."""


def request_body(model: str, messages: Sequence[Message], options: ChatOptions) -> dict[str, Any]:
    """Returns the JSON of a streamed request that also asks for the token counts."""
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
    if options.top_p is not None:
        body["top_p"] = options.top_p
    return body


class ChunkReader:
    """Turns the chunks of one answer into events."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._splitter = ThinkingSplitter()
        self._finish_reason: str | None = None
        self._usage: Mapping[str, Any] = {}

    def read(self, chunk: Any) -> list[ModelEvent]:
        """Returns the events of one chunk, none for the many that only carry bookkeeping.

        A whole chat completion is a chunk too: some servers do not stream.

        Raises:
            BackendDown: the chunk is an error, or not a chunk at all.
        """
        if (said := said_error(chunk)) is not None:
            raise BackendDown(f"{self._who} broke off: {said}")
        try:
            if not isinstance(chunk, Mapping):
                raise Malformed(f"sent something that is not a chat completion: {chunk!r:.200}")
            return self._events(chunk)
        except Malformed as error:
            raise BackendDown(f"{self._who} {error}. Look at what it is, and at its log.") from error

    def _events(self, chunk: Mapping[str, Any]) -> list[ModelEvent]:
        if isinstance(usage := chunk.get("usage"), Mapping):
            self._usage = usage
        events: list[ModelEvent] = []
        for each in items(chunk.get("choices"), "choices")[:1]:
            choice = mapping(each, "choices[0]")
            self._finish_reason = word(choice.get("finish_reason"), "finish_reason") or self._finish_reason
            delta = mapping(choice.get("delta"), "delta")
            if not delta and (delta := mapping(choice.get("message"), "message")):
                self._finish_reason = self._finish_reason or "stop"
            for name in _THOUGHTS:
                if thoughts := texts(delta.get(name), name, thought=True):
                    events += thoughts
                    break
            for part in texts(delta.get("content") or delta.get("refusal"), "content"):
                events += [part] if isinstance(part, ThinkingDelta) else self._splitter.push(part.text)
        return events

    def finish(self, *, marked_done: bool = False) -> list[ModelEvent]:
        """Returns the last events, ``ModelFinished`` the very last.

        ``marked_done``: the transport has seen its own end mark, so that no finish reason is needed.

        Raises:
            BackendDown: the stream ended before the answer did.
        """
        if self._finish_reason is None and not marked_done:
            raise BackendDown(f"{self._who} broke off in the middle of the answer. Ask once more.")
        finished = ModelFinished(
            prompt_tokens=count(self._usage.get("prompt_tokens")),
            completion_tokens=count(self._usage.get("completion_tokens")),
            stopped_at_limit=self._finish_reason == "length",
        )
        return [*self._splitter.finish(), finished]
