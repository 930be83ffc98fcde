"""Tells what a model says to itself (``<think>...</think>``) from what it answers, piece by piece."""

from __future__ import annotations

from enum import Enum, auto

from kb.types import TextDelta, ThinkingDelta

_OPEN = "<think>"
_CLOSE = "</think>"


class _State(Enum):
    START = auto()
    """Nothing but white space and closed thoughts so far: a thought may still begin."""
    THINKING = auto()
    ANSWER = auto()


class ThinkingSplitter:
    """Splits a stream of text; however the text is cut into pieces, the result reads the same.

    A thought counts only before the answer: once the answer has begun, ``<think>`` is a word like
    any other, so that a passage about such models can be quoted. White space before the answer goes.
    """

    def __init__(self) -> None:
        self._state = _State.START
        self._held = ""
        """What cannot be judged before more has come, such as ``</thi``."""

    def push(self, piece: str) -> list[TextDelta | ThinkingDelta]:
        """What is certain after ``piece``: no empty events, in order."""
        self._held += piece
        events: list[TextDelta | ThinkingDelta] = []
        while self._step(events):
            pass
        return events

    def finish(self) -> list[TextDelta | ThinkingDelta]:
        """What was held back, at the end of the stream; a thought left open stays a thought."""
        held, self._held = self._held, ""
        if not held:
            return []
        return [ThinkingDelta(held)] if self._state is _State.THINKING else [TextDelta(held)]

    def _step(self, events: list[TextDelta | ThinkingDelta]) -> bool:
        """Moves on by one state; False when more text is needed."""
        if self._state is _State.START:
            return self._begin()
        if self._state is _State.THINKING:
            return self._think(events)
        if self._held:
            events.append(TextDelta(self._held))
            self._held = ""
        return False

    def _begin(self) -> bool:
        self._held = self._held.lstrip()
        if self._held.startswith(_OPEN):
            self._held = self._held[len(_OPEN) :]
            self._state = _State.THINKING
            return True
        if _OPEN.startswith(self._held):  # also when nothing is held
            return False
        self._state = _State.ANSWER
        return True

    def _think(self, events: list[TextDelta | ThinkingDelta]) -> bool:
        thought, closed, rest = self._held.partition(_CLOSE)
        if not closed:
            kept = _length_of_partial_close(thought)
            thought, rest = thought[: len(thought) - kept], thought[len(thought) - kept :]
        if thought:
            events.append(ThinkingDelta(thought))
        self._held = rest
        if closed:
            self._state = _State.START
        return bool(closed)


def _length_of_partial_close(text: str) -> int:
    """How many characters at the end of ``text`` may be the beginning of ``</think>``."""
    return next((n for n in range(len(_CLOSE) - 1, 0, -1) if text.endswith(_CLOSE[:n])), 0)
