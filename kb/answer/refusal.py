"""Whether an answer says that there is none."""

from __future__ import annotations

import re

from kb.text.words import words

_REFUSES = re.compile(
    r"\b(?:do|does|did|is|are|was|were|can|could)(?:n.t| not)\b.{0,60}"
    r"\b(?:know|have|find|found|contain|mention|state|say|specif|answer|provide|address|information|available)"
    r"|\bno (?:information|mention|answer)\b|\bnothing in the documents\b|\bsorry\b"
    r"|没有(?:找到|提到|提及|提供|说明|包含|涉及|相关)|未(?:提到|提及|提供|说明|包含)|无法(?:回答|确定|得知)|不知道|抱歉",
    re.IGNORECASE,
)
_REFUSAL_WORDS = 30
"""A longer answer says something besides."""


def is_refusal(answer: str) -> bool:
    """Whether ``answer``, a model's, only says that the passages do not hold one."""
    return len(words(answer)) <= _REFUSAL_WORDS and _REFUSES.search(answer) is not None
