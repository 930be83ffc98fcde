"""Which sentences of an answer state something that a passage can support or not."""

from __future__ import annotations

import re

from kb.answer.refusal import is_refusal
from kb.text.content_words import stems
from kb.text.figures import figures, normal_form
from kb.text.sentences import is_question
from kb.text.word_lists import recogniser

_LEAST_WORDS = 2
"""Content words of a statement."""
_LEAD_IN = re.compile(r"[:：]\W{0,8}$")
_HEADING = re.compile(r"#{1,6}\s|(?:\*\*|__)[^*_]{1,200}(?:\*\*|__)[:：]?$")


def is_factual(sentence: str) -> bool:
    """Returns whether ``sentence`` says something of the world.

    A question, a heading, what leads in a list, a refusal and what a model says to its reader ("I hope this helps")
    do not.
    """
    said = sentence.strip()
    if is_question(said) or _LEAD_IN.search(said) or _HEADING.match(said) or is_refusal(said):
        return False
    if recogniser("addresses_reader").search(said):
        return False
    return len(stems(said)) >= _LEAST_WORDS or bool(figures(normal_form(said)))
