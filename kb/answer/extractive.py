"""Answers without a model: the sentences that say most about the question, word for word, with footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.ports import Similarity
from kb.text.language import language
from kb.text.sentences import is_whole, sentences
from kb.text.word_lists import languages_with, word_lists
from kb.text.words import words
from kb.types import Hit

_HITS = 4
"""Passages that sentences are taken from."""
_MOST_SENTENCES = 4
_NEXT_MARK = r"[?？;；]\s*(?=\S)"
_LEAST_WORDS = 4
"""Shorter sentences are headings and fragments more often than answers."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: int
    index: int
    """Its place among the sentences of its passage."""
    text: str
    score: float


def extract(question: str, hits: Sequence[Hit], similarity: Similarity) -> str:
    """Returns up to four whole sentences with their ``[n]``: the best passage first, its sentences in their order.

    ``hits`` best first and not empty. A sentence's score is its cosine with the question, and a little for
    the words of the question in it and around it. A question that asks two things gets the best sentence for
    each. A sentence that begins with "It" brings the one before.
    """
    passages = [_sentences(hit.chunk.text) for hit in hits[:_HITS]]
    ranked = _scored(question, hits[:_HITS], passages, similarity)
    best = ranked[0]
    near = [
        candidate
        for candidate in ranked
        if candidate.score >= best.score - similarity.thresholds.quoting.nearly_as_good
    ]
    of_parts = [_best_for(part, ranked, similarity) for part in parts(question)]
    chosen: list[_Candidate] = []
    for candidate in (*of_parts, *near):
        if len(chosen) == _MOST_SENTENCES:
            break
        if not any(_says_the_same(candidate.text, other.text) for other in chosen):
            chosen.append(candidate)
    quoted = {(candidate.hit, candidate.index) for candidate in chosen}
    if _leans_on_the_one_before(best.text) and best.index and reads_well(passages[best.hit][best.index - 1]):
        quoted.add((best.hit, best.index - 1))
    # the passage with the best sentence first: it answers the question
    order = sorted(quoted, key=lambda place: (place[0] != best.hit, place))
    return " ".join(f"{passages[hit][index]} [{hit + 1}]" for hit, index in order)


def parts(question: str) -> list[str]:
    """Returns the parts of a ``question`` that asks two things or more; empty where it asks one.

    A part begins behind a comma, an "and" or a question mark, and has a question word of its own. A language without
    a list of those has no parts.
    """
    lists = word_lists(language(question, likely=languages_with("question_word")))
    if lists.question_word is None or lists.next_question is None:
        return []
    next_part = re.compile(f"{_NEXT_MARK}|{lists.next_question.pattern}", re.IGNORECASE)
    found = [part.strip(" \t\n,，、;；?？") for part in next_part.split(question)]
    return found if len(found) > 1 and all(lists.question_word.search(part) for part in found) else []


def _best_for(part: str, candidates: Sequence[_Candidate], similarity: Similarity) -> _Candidate:
    """Returns the best sentence for one part of a question; for "and how long is it" the whole counts too."""
    cosines = similarity.to_question(part, [candidate.text for candidate in candidates])
    asked = frozenset(words(part))
    weights = similarity.thresholds.quoting
    whole = weights.whole_question if len(asked) <= _LEAST_WORDS or _has_pronoun(part) else 0.0
    scores = [
        (1 - whole) * (cosine + weights.sentence_words * _share(asked, candidate.text))
        + whole * candidate.score
        for candidate, cosine in zip(candidates, cosines, strict=True)
    ]
    return candidates[max(range(len(scores)), key=scores.__getitem__)]


def _has_pronoun(part: str) -> bool:
    pronoun = word_lists(language(part, likely=languages_with("pronoun"))).pronoun
    return pronoun is not None and pronoun.search(part) is not None


def _leans_on_the_one_before(sentence: str) -> bool:
    """Returns whether ``sentence`` opens with a pronoun that refers to the sentence before."""
    code = language(sentence, likely=languages_with("opening_pronoun"))
    pronoun = word_lists(code).opening_pronoun
    return pronoun is not None and pronoun.match(sentence) is not None


def _scored(
    question: str, hits: Sequence[Hit], passages: Sequence[Sequence[str]], similarity: Similarity
) -> list[_Candidate]:
    """Returns every sentence that can be quoted, best first; where none reads well, all of them."""
    places = [(hit, index, text) for hit, found in enumerate(passages) for index, text in enumerate(found)]
    places = [place for place in places if reads_well(place[2])] or places
    cosines = similarity.to_question(question, [text for _, _, text in places])
    asked = frozenset(words(question))
    around = [_share(asked, hit.chunk.embedded_text) for hit in hits]
    top = max(hit.score for hit in hits) or 1.0
    weights = similarity.thresholds.quoting
    found = [
        _Candidate(
            hit,
            index,
            text,
            cosine
            + weights.sentence_words * _share(asked, text)
            + weights.passage_words * around[hit]
            + weights.passage_rank * hits[hit].score / top,
        )
        for (hit, index, text), cosine in zip(places, cosines, strict=True)
    ]
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.hit, candidate.index))


def _sentences(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentences(text)] or [text]


def reads_well(text: str) -> bool:
    """Returns whether ``text`` is a whole sentence: no heading, no row of a table, nothing truncated."""
    return len(words(text)) >= _LEAST_WORDS and " | " not in text and is_whole(text)


def _share(asked: frozenset[str], text: str) -> float:
    return len(asked & frozenset(words(text))) / max(1, len(asked))


def _says_the_same(text: str, other: str) -> bool:
    left, right = frozenset(words(text)), frozenset(words(other))
    return len(left & right) >= 0.8 * min(len(left), len(right))
