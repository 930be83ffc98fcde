"""A follow-up question made to stand alone, by rule: what the history adds is shown with the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.text import words
from kb.types import Turn

_POINTS_BACK = re.compile(
    r"\b(it|its|they|them|their|he|him|his|she|her|this|that|these|those|there|one|ones|both|same|else|more|also)\b"
    r"|^(and|or|but|what about|how about|why|so)\b"
    r"|它|他|她|这|那|其|此|该|呢|还有|再",
    re.IGNORECASE,
)
_FEW_WORDS = 4
"""A question this short seldom names what it is about."""


def standalone(question: str, history: Sequence[Turn]) -> str:
    """What to search for: ``question`` alone, or behind the question it follows up.

    A question that points back ("and its width?", "那它呢") or is very short is searched together with
    the previous standalone question; every other question is taken as it is.
    """
    question = question.strip()
    if not history or not _is_follow_up(question):
        return question
    before = history[-1].searched or history[-1].question
    return f"{before} {question}"


def _is_follow_up(question: str) -> bool:
    return len(words(question)) <= _FEW_WORDS or _POINTS_BACK.search(question) is not None
