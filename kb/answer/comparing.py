"""Questions that set two things side by side: what the documents say of both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from kb.text.word_lists import all_word_lists
from kb.text.words import words

_EDGES = " \t\n?？!！.。,，;；:：\"“”'‘’《》"
_MOST_WORDS = 12
"""A longer side is no name of a thing but a sentence."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two things, as a question names them."""

    sides: tuple[str, str]
    topic: str = ""
    """What is asked of both of them; empty for anything."""

    def asked_of(self, side: str) -> str:
        """Returns what is searched for one of them."""
        return f"{side} {self.topic}".strip()


def compared(question: str) -> Comparison | None:
    """Returns what ``question`` compares; None for any other question."""
    for pattern in _patterns():
        match = pattern.search(question)
        if match is None:
            continue
        left, right = (side.strip(_EDGES) for side in match.groups()[:2])
        topic = (match.groupdict().get("topic") or "").strip(_EDGES)
        if left and right and max(len(words(part)) for part in (left, right, topic)) <= _MOST_WORDS:
            return Comparison((left, right), topic)
    return None


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for each in all_word_lists() for pattern in each.compared)
