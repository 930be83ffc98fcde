"""Words of a question that stand nowhere in the library, and the library's words that they were meant to be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kb.answer.places.finding import WordLookup
from kb.text.content_words import stop_words
from kb.text.edit_distance import slips
from kb.text.words import fold, in_order

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{4,30}(?![^\W_])")
"""Shorter words have too many others one slip away."""
_ENDING = 2
"""Letters by which forms of one word differ at the end, in most languages that spell with letters."""
_LEAST_BEGINNING = 5
"""Letters of a beginning that tell a word."""
_MOST = 3
"""Words that are put right; a question in which more are unknown is not about this library, or in another language."""


@dataclass(frozen=True, slots=True)
class Respelt:
    """A question in the words of the library."""

    text: str
    is_likely: bool
    """Whether the words were slips of the fingers by all that can be told of them; else they may be other words,
    written as they should be, and only what is found tells."""


def respelt(question: str, lookup: WordLookup) -> Respelt | None:
    """Returns ``question`` with its unknown words as the library spells them; None where there is nothing to put right.

    A word is unknown if neither it nor its beginning occurs anywhere. Likely slips are put right alone, where there are
    any; all other words only where there are none.
    """
    unknown = [
        match
        for match in _WORD.finditer(question)
        if fold(match.group()) not in stop_words() and not lookup.occurs(match.group())
    ]
    if not 0 < len(unknown) <= _MOST:
        return None
    near = [(match, _nearest(match.group(), lookup.texts_like(match.group()))) for match in unknown]
    found = [(match, word) for match, word in near if word]
    likely = [(match, word) for match, word in found if _is_slip(match.group(), word, lookup)]
    text = question
    for match, word in reversed(likely or found):
        text = text[: match.start()] + word + text[match.end() :]
    return Respelt(text, is_likely=bool(likely)) if found else None


def _is_slip(typed: str, meant: str, lookup: WordLookup) -> bool:
    """Returns whether ``typed`` is ``meant`` with one slip behind its beginning, and no word by itself.

    Words that differ in the first letter are two words more often than one: ball, wall; moon, soon; battle, cattle.
    """
    word = fold(typed)
    begins_alike = word[0] == meant[0] or word[:2] == meant[1::-1]
    return begins_alike and _slips_in(word, meant) == 1 and not lookup.is_word(typed)


def _slips_in(word: str, other: str) -> int:
    """Returns the slips from ``word`` to ``other``, or to its beginning: of "towels" the last letter is its ending."""
    shortest = max(_LEAST_BEGINNING, len(other) - _ENDING)
    return min(slips(word, other[:end]) for end in range(min(shortest, len(other)), len(other) + 1))


def _nearest(word: str, texts: Sequence[str]) -> str | None:
    """Returns the word of ``texts`` with the fewest slips from ``word``, of several the most frequent."""
    folded = fold(word)
    counts = Counter(term for text in texts for term in in_order(text) if abs(len(term) - len(folded)) <= 3)
    allowed = 1 if len(folded) < 8 else 2
    near = [(_slips_in(folded, term), -count, term) for term, count in counts.items() if len(term) > 3]
    best = min((one for one in near if 0 < one[0] <= allowed), default=None)
    return best[2] if best else None
