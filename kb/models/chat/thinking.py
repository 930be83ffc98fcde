"""Tells a model's reasoning (``<think>...</think>`` and its like) from its answer, piece by piece."""

from __future__ import annotations

import re
from enum import Enum, auto

from kb.types import TextDelta, TextWithdrawn, ThinkingDelta

_TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "[think]": "[/think]",  # Magistral
    "[thinking]": "[/thinking]",
    "<thought>": "</thought>",  # EXAONE, Gemini
    "<thoughts>": "</thoughts>",
    "<reasoning>": "</reasoning>",
    "[reasoning]": "[/reasoning]",
    "<reason>": "</reason>",
    "<reflection>": "</reflection>",  # Reflection Llama
    "<scratchpad>": "</scratchpad>",  # as prompts of several makers ask for
    "<analysis>": "</analysis>",
    "<inner_monologue>": "</inner_monologue>",
    "<|thinking|>": "<|/thinking|>",
    "<|think|>": "<|/think|>",
    "<seed:think>": "</seed:think>",  # Seed-OSS
    "◁think▷": "◁/think▷",  # Kimi
    "<|start_thinking|>": "<|end_thinking|>",  # Command A
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",  # gpt-oss, where nobody reads its channels
    "<|start|>assistant<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
}
"""How a thought begins -> how it ends; in any case of letters."""
_ENDS_ALONE = tuple(end for end in _TAGS.values() if "think" in end or "final" in end or "_thought" in end)
"""Ends that templates of models leave without a beginning, because they put that into the prompt."""
_BEGIN = re.compile("|".join(map(re.escape, sorted(_TAGS, key=len, reverse=True))), re.IGNORECASE)
_END = re.compile("|".join(map(re.escape, dict.fromkeys(_ENDS_ALONE))), re.IGNORECASE)
_EITHER = re.compile(f"(?P<begin>{_BEGIN.pattern})|(?P<end>{_END.pattern})", re.IGNORECASE)
_ENDS = {end: re.compile(re.escape(end), re.IGNORECASE) for end in _TAGS.values()}
_QUOTES = frozenset("`\"'(“‘「《")
_SENTENCE_ENDS = frozenset(".!?…:。！？：\n\r")

Event = TextDelta | ThinkingDelta | TextWithdrawn


class _State(Enum):
    START = auto()
    """Nothing but white space and closed thoughts so far: a thought may still begin."""
    THINKING = auto()
    ANSWER = auto()


class ThinkingSplitter:
    """Splits a stream of text; however the text is cut into pieces, the result reads the same.

    A thought counts only before the answer: once the answer has begun, ``<think>`` is a word like any other, so that a
    passage about such models can be quoted. An end without a beginning makes a thought of all that came before it,
    unless it stands in the middle of a sentence or in quotes. White space before the answer goes.
    """

    def __init__(self) -> None:
        self._state = _State.START
        self._held = ""
        """What cannot be judged before more has come, such as ``</thi``."""
        self._end = ""
        """How the open thought ends."""
        self._may_withdraw = True
        """Whether an end without a beginning may still come."""
        self._let_out = False
        self._last = self._last_mark = ""
        """Of what was let out of the answer: its last character, and the last one that is no blank."""

    def push(self, piece: str) -> list[Event]:
        """Returns what is certain after ``piece``: no empty events, in order."""
        self._held += piece
        events: list[Event] = []
        while self._step(events):
            pass
        return events

    def finish(self) -> list[Event]:
        """Returns the rest, at the end of the stream; a thought left open stays a thought."""
        held, self._held = self._held, ""
        if not held:
            return []
        return [ThinkingDelta(held)] if self._state is _State.THINKING else [TextDelta(held)]

    def _step(self, events: list[Event]) -> bool:
        """Moves on by one state; False when more text is needed."""
        if self._state is _State.START:
            return self._begin()
        if self._state is _State.THINKING:
            return self._think(events)
        return self._answer(events)

    def _begin(self) -> bool:
        self._held = self._held.lstrip()
        if found := _BEGIN.match(self._held):
            self._held = self._held[found.end() :]
            self._end = _TAGS[found.group().lower()]
            self._state, self._may_withdraw = _State.THINKING, False
            return True
        if found := _END.match(self._held):
            self._held, self._may_withdraw = self._held[found.end() :], False
            return True
        if _begins_one_of(self._held, (*_TAGS, *_ENDS_ALONE)):  # also when nothing is held
            return False
        self._state = _State.ANSWER
        return True

    def _think(self, events: list[Event]) -> bool:
        found = _ENDS[self._end].search(self._held)
        cut = found.start() if found else len(self._held) - _partial(self._held, (self._end,))
        if cut:
            events.append(ThinkingDelta(self._held[:cut]))
        self._held = self._held[found.end() if found else cut :]
        if found:
            self._state = _State.START
        return found is not None

    def _answer(self, events: list[Event]) -> bool:
        place = 0
        while self._may_withdraw and (found := _EITHER.search(self._held, place)):
            place = found.end()
            if found.lastgroup == "begin":  # whoever quotes a beginning quotes the end too
                self._may_withdraw = False
                break
            is_end = self._is_end(found)
            if is_end is None:
                self._let(events, found.start())
                return False
            if is_end:
                self._withdraw(events, found)
                return True
        cut = len(self._held)
        if self._may_withdraw:
            cut -= _partial(self._held[place:], (*_TAGS, *_ENDS_ALONE))
        self._let(events, cut)
        return False

    def _is_end(self, found: re.Match[str]) -> bool | None:
        """Returns whether an end in the answer is one, and not a word in it; None where what follows must be known."""
        before = self._held[: found.start()]
        last = before[-1:] or self._last
        if last in _QUOTES:
            return False
        if last not in (" ", "\t"):
            return True
        if (before.rstrip(" \t")[-1:] or self._last_mark) in _SENTENCE_ENDS:
            return True
        after = self._held[found.end() : found.end() + 1]
        return after in ("\n", "\r") if after else None

    def _withdraw(self, events: list[Event], found: re.Match[str]) -> None:
        if self._let_out:
            events.append(TextWithdrawn())
        if found.start():
            events.append(ThinkingDelta(self._held[: found.start()]))
        self._held = self._held[found.end() :]
        self._state, self._may_withdraw = _State.START, False

    def _let(self, events: list[Event], cut: int) -> None:
        text, self._held = self._held[:cut], self._held[cut:]
        if not text:
            return
        events.append(TextDelta(text))
        self._let_out = True
        self._last = text[-1]
        self._last_mark = text.rstrip(" \t")[-1:] or self._last_mark


def _begins_one_of(text: str, tags: tuple[str, ...]) -> bool:
    return any(tag.startswith(text.lower()) for tag in tags)


def _partial(text: str, tags: tuple[str, ...]) -> int:
    """Returns how many characters at the end of ``text`` may be the beginning of one of ``tags``."""
    longest = min(len(text), max(map(len, tags)) - 1)
    return next((n for n in range(longest, 0, -1) if _begins_one_of(text[-n:], tags)), 0)
