"""The parts of an answer as Ollama streams them, without their transport.

https://docs.ollama.com/api/chat
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.errors import BackendDown
from kb.models.chat.shapes import Malformed, count, mapping, texts
from kb.models.chat.thinking import ThinkingSplitter
from kb.models.replies import said_error
from kb.types import ModelEvent, ModelFinished, ThinkingDelta


class PartReader:
    """Turns the parts of one answer into events."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._splitter = ThinkingSplitter()
        self._last: Mapping[str, Any] = {}

    def read(self, part: Any) -> list[ModelEvent]:
        """Returns the events of one part.

        Raises:
            BackendDown: the part is an error, or not one of an answer at all.
        """
        if (said := said_error(part)) is not None:
            raise BackendDown(f"{self._who} broke off: {said}")
        try:
            self._last = mapping(part, "the line")
            message = mapping(self._last.get("message"), "message")
            events: list[ModelEvent] = list(texts(message.get("thinking"), "thinking", thought=True))
            for text in texts(message.get("content"), "content"):
                events += [text] if isinstance(text, ThinkingDelta) else self._splitter.push(text.text)
            return events
        except Malformed as error:
            raise BackendDown(f"{self._who} {error}. Look at what it is, and at its log.") from error

    def finish(self) -> list[ModelEvent]:
        """Returns the last events, ``ModelFinished`` the very last.

        Raises:
            BackendDown: the stream ended before the answer did.
        """
        if self._last.get("done") is not True:
            raise BackendDown(f"{self._who} broke off in the middle of the answer. Ask once more.")
        finished = ModelFinished(
            prompt_tokens=count(self._last.get("prompt_eval_count")),
            completion_tokens=count(self._last.get("eval_count")),
            stopped_at_limit=self._last.get("done_reason") == "length",
        )
        return [*self._splitter.finish(), finished]
