"""Whether an answer says that there is none."""

from __future__ import annotations

from kb.text.word_lists import recogniser
from kb.text.words import words

_REFUSAL_WORDS = 30
"""A longer answer says something besides."""


def is_refusal(answer: str) -> bool:
    """Returns whether ``answer``, a model's, only says that the passages do not hold one."""
    return len(words(answer)) <= _REFUSAL_WORDS and recogniser("refusal").search(answer) is not None
