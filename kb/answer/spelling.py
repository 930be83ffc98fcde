"""Words of a question that stand nowhere in the library, and the library's words that they were meant to be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kb.answer.places.finding import WordLookup
from kb.text.content_words import stop_words
from kb.text.edit_distance import slips
from kb.text.words import fold, in_order

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{4,30}(?![^\W_])")
"""Shorter words have too many others one slip away."""
_MOST = 3
"""Words that are put right; a question in which more are unknown is not about this library, or in another language."""


def respelt(question: str, lookup: WordLookup) -> str | None:
    """Returns ``question`` with its unknown words as the library spells them; None where there is nothing to put right.

    A word is unknown if neither it nor its beginning occurs anywhere.
    """
    unknown = [
        match
        for match in _WORD.finditer(question)
        if fold(match.group()) not in stop_words() and not lookup.occurs(match.group())
    ]
    if not 0 < len(unknown) <= _MOST:
        return None
    text = question
    for match in reversed(unknown):
        nearest = _nearest(match.group(), lookup.texts_like(match.group()))
        if nearest:
            text = text[: match.start()] + nearest + text[match.end() :]
    return text if text != question else None


def _nearest(word: str, texts: Sequence[str]) -> str | None:
    """Returns the word of ``texts`` with the fewest slips from ``word``, of several the most frequent."""
    folded = fold(word)
    counts = Counter(term for text in texts for term in in_order(text) if abs(len(term) - len(folded)) <= 2)
    allowed = 1 if len(folded) < 8 else 2
    near = [(slips(folded, term), -count, term) for term, count in counts.items() if len(term) > 3]
    best = min((one for one in near if 0 < one[0] <= allowed), default=None)
    return best[2] if best else None
