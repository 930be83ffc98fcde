"""Whether anything that was found is about the question at all."""

from __future__ import annotations

from collections.abc import Sequence

from kb.text import words
from kb.types import Hit

_LEAST_CANDIDATES = 20
"""With fewer passages to compare, the best one cannot stand out; then nothing is refused."""
_BACKGROUND = 10
"""Candidates from this rank on are taken for passages about something else."""
_CLEAR_MARGIN = 0.105
"""A cosine that stands this far above the background is enough without a common word (bundled model).

Models whose cosines spread wider pass more easily: an answer too many, never a wrong refusal.
"""
_CLEAR_SHARE = 0.6
"""The share of the question's words in the best passage that is enough without any margin."""
REFUSE_BELOW = 0.85
"""Chosen on 1,044 questions with an answer and 180 without one: see docs/quality.md."""


def evidence(question: str, hits: Sequence[Hit], cosines: Sequence[float]) -> float:
    """How much speaks for the best passage being about ``question``; 1 and more is plenty, 0 is nothing.

    The sum of two parts, each 1 when it would be enough alone: how far the best cosine stands above
    those of unrelated passages, and which share of the question's words the best passage holds.
    ``cosines`` are those of all dense candidates, best first.
    """
    background = cosines[_BACKGROUND:]
    margin = cosines[0] - sum(background) / len(background)
    asked = frozenset(words(question))
    share = len(asked & frozenset(words(hits[0].chunk.embedded_text))) / max(1, len(asked))
    return margin / _CLEAR_MARGIN + share / _CLEAR_SHARE


def nothing_relevant(question: str, hits: Sequence[Hit], cosines: Sequence[float]) -> bool:
    """True when the best passages have too little to do with ``question`` to answer from them."""
    if not hits:
        return True
    if len(cosines) < _LEAST_CANDIDATES:
        return False
    return evidence(question, hits, cosines) < REFUSE_BELOW
