"""Questions that set two things side by side: what the documents say of both."""

from __future__ import annotations

import re
from functools import cache

from kb.text.word_lists import all_word_lists
from kb.text.words import words

_EDGES = " \t\n?？!！.。,，;；:：\"“”'‘’《》"
_MOST_WORDS = 12
"""A longer side is no name of a thing but a sentence."""


def compared(question: str) -> tuple[str, str] | None:
    """Returns the two things that ``question`` compares, as it names them; None for any other question."""
    for pattern in _patterns():
        match = pattern.search(question)
        if match is None:
            continue
        left, right = (side.strip(_EDGES) for side in match.groups())
        if left and right and max(len(words(left)), len(words(right))) <= _MOST_WORDS:
            return left, right
    return None


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for each in all_word_lists() for pattern in each.compared)
