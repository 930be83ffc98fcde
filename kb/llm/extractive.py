"""Answers without a model: the sentences that say most about the question, word for word, with footnotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.ports import Similarity
from kb.text import sentences, words
from kb.types import Hit

NAME = "extractive"

_HITS = 4
"""Passages that sentences are taken from."""
_MOST_SENTENCES = 3
_NEARLY_AS_GOOD = 0.92
"""A further sentence is quoted if its score is at least this share of the best one's."""
_LEAST_WORDS = 4
"""Shorter sentences are headings and fragments more often than answers."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: int
    start: int
    text: str
    score: float


def extract(question: str, hits: Sequence[Hit], similarity: Similarity) -> str:
    """Up to three whole sentences of the best passages, in the order of the passages, each with its ``[n]``.

    ``hits`` best first and not empty. A sentence's score is the mean of its cosine with the question and
    of the share of the question's words in it and in its passage.
    """
    candidates = _scored(question, hits[:_HITS], similarity)
    best = max(candidate.score for candidate in candidates)
    chosen: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda item: -item.score):
        if candidate.score < _NEARLY_AS_GOOD * best or len(chosen) == _MOST_SENTENCES:
            break
        if not any(_says_the_same(candidate.text, other.text) for other in chosen):
            chosen.append(candidate)
    chosen.sort(key=lambda item: (item.hit, item.start))
    return " ".join(f"{candidate.text} [{candidate.hit + 1}]" for candidate in chosen)


def _scored(question: str, hits: Sequence[Hit], similarity: Similarity) -> list[_Candidate]:
    places = [
        (number, start, hit.chunk.text[start:end])
        for number, hit in enumerate(hits)
        for start, end in _whole_sentences(hit.chunk.text)
    ]
    cosines = similarity.to_question(question, [text for _, _, text in places])
    asked = frozenset(words(question))
    found = []
    for (number, start, text), cosine in zip(places, cosines, strict=True):
        here = len(asked & frozenset(words(text))) / max(1, len(asked))
        around = len(asked & frozenset(words(hits[number].chunk.embedded_text))) / max(1, len(asked))
        found.append(_Candidate(number, start, text, (cosine + here + around) / 3))
    return found


def _whole_sentences(text: str) -> list[tuple[int, int]]:
    found = sentences(text)
    return [place for place in found if len(words(text[place[0] : place[1]])) >= _LEAST_WORDS] or found


def _says_the_same(text: str, other: str) -> bool:
    left, right = frozenset(words(text)), frozenset(words(other))
    return len(left & right) >= 0.8 * min(len(left), len(right))
