"""Whether a passage supports a sentence: words, meaning, and agreement in numbers, names and negation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kb.text.content_words import stem, stems, stop_words
from kb.text.language import in_latin_script, language
from kb.text.mentions import names, negated, numbers, numbers_said
from kb.text.sentences import is_question, passage_sentences, sentences
from kb.text.words import fold, words
from kb.types import DENIED, AttributionThresholds, Support

_MOST_EVIDENCE = 3
"""Sentences that one claim may be put together from."""
_LEAST_GAIN = 2
"""Words that a further sentence must add to the evidence."""
SHORT = 12
"""Words of an answer that its question may outweigh."""
_CLAUSE = re.compile(r"[,;:，；：、()（）—–]|\s-\s")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of comparing a sentence with the passages it cites."""

    support: Support
    reason: str | None
    """What is missing or said otherwise; None when nothing stands out."""
    places: tuple[tuple[int, int], ...]
    """For each passage the sentence of it that comes nearest, as (start, end)."""


def judge(
    claim: str,
    passages: Sequence[str],
    cosines: Sequence[Sequence[float]],
    *,
    thresholds: AttributionThresholds,
    about: str = "",
) -> Verdict:
    """Returns how well ``passages`` together support ``claim``.

    ``about`` is what stands above them, headings and what their documents are called: it adds names and
    numbers that a claim may repeat, and no words that support it.
    ``cosines[i][j]`` is that of the claim and sentence j of passage i (``passage_sentences``), on the
    scale of the bundled model, 0 where it is not known. A number or name that the passages lack, or a
    negation on one side only, makes the claim unsupported whatever its other words are.
    """
    asked = stems(claim)
    alike = _in_one_language(claim, " ".join(passages))
    scale = thresholds.same_language if alike else thresholds.other_language
    found = [
        _Sentence(text[start:end], (start, end), number, _meaning(cosine, scale), asked, thresholds)
        for number, (text, row) in enumerate(zip(passages, cosines, strict=True))
        for (start, end), cosine in zip(passage_sentences(text), row, strict=True)
    ]
    ranked = sorted(found, key=lambda item: -item.strength)
    places = tuple(
        next(item.place for item in ranked if item.passage == number) for number in range(len(passages))
    )
    evidence = _evidence(asked, ranked)
    if reason := _contradiction(claim, asked, evidence, passages, about, thresholds):
        return Verdict(Support.UNSUPPORTED, reason, places)
    share = len(asked & frozenset().union(*(item.stems for item in evidence))) / max(1, len(asked))
    strength = share / thresholds.enough_words + max(item.meaning for item in found)
    if strength >= thresholds.supported or not asked:
        return Verdict(Support.SUPPORTED, None, places)
    return Verdict(Support.WEAK if strength >= thresholds.weak else Support.UNSUPPORTED, None, places)


def _in_one_language(claim: str, passages: str) -> bool:
    spoken, written = _languages(claim, passages)
    return spoken == written


def _languages(claim: str, passages: str) -> tuple[str, str]:
    written = language(passages)
    return language(claim, likely=(written,)), written


class _Sentence:
    """A sentence of a passage, as evidence for a claim with the words ``asked``."""

    def __init__(
        self,
        text: str,
        place: tuple[int, int],
        passage: int,
        meaning: float,
        asked: frozenset[str],
        thresholds: AttributionThresholds,
    ) -> None:
        self.text = text
        self.place = place
        self.passage = passage
        self.meaning = meaning
        """0 for nothing in common, 1 for enough alone."""
        self.stems = stems(text)
        self.share = len(asked & self.stems) / max(1, len(asked))
        """Of the words of the claim."""
        self.strength = self.share / thresholds.enough_words + meaning


def _meaning(cosine: float, scale: tuple[float, float]) -> float:
    nothing, enough = scale
    return max(0.0, (cosine - nothing) / (enough - nothing))


def _evidence(asked: frozenset[str], ranked: Sequence[_Sentence]) -> list[_Sentence]:
    """Returns the nearest sentence, and those that cover further words of the claim."""
    chosen = [ranked[0]]
    held = asked & ranked[0].stems
    while len(chosen) < _MOST_EVIDENCE:
        best = max(ranked, key=lambda item: len((asked & item.stems) - held))
        if len((asked & best.stems) - held) < _LEAST_GAIN:
            break
        chosen.append(best)
        held |= asked & best.stems
    return chosen


def _contradiction(
    claim: str,
    asked: frozenset[str],
    evidence: Sequence[_Sentence],
    passages: Sequence[str],
    about: str,
    thresholds: AttributionThresholds,
) -> str | None:
    """Returns what contradicts ``claim``; None when nothing does."""
    whole = " ".join(passages)
    said = numbers_said(" ".join((about, *(item.text for item in evidence))))
    if missing := [number for number, forms in numbers(claim) if not forms & said]:
        return missing[0]
    spoken, written = _languages(claim, whole)
    written_alike = spoken == written
    if written_alike or not in_latin_script(claim):  # names that were transliterated cannot be compared
        vocabulary = fold(f"{about} {whole}")
        if missing := [name for name in names(claim) if _root(name) not in vocabulary]:
            return missing[0]
    nearest = evidence[0]
    if nearest.share >= thresholds.near_copy and _denies(claim, asked, nearest, spoken, written):
        return DENIED
    if not written_alike:
        return None
    return _unsaid_answer(claim, whole) or _replaced(claim, asked, nearest, passages, thresholds.copy)


def _denies(claim: str, asked: frozenset[str], nearest: _Sentence, spoken: str, written: str) -> bool:
    """Returns whether one of the two denies what the other says; ``spoken`` and ``written`` are their languages.

    A question does not: it may ask for what is not so. Nor is it known where one of the languages has no list of how
    it denies.
    """
    if claim != _stated(claim):
        return False
    clauses = " ".join(clause for clause in _CLAUSE.split(nearest.text) if asked & stems(clause))
    sides = negated(claim, spoken), negated(clauses, written)
    return None not in sides and sides[0] != sides[1]


def _stated(claim: str) -> str:
    """Returns ``claim`` without its questions, which say nothing; the whole of it where there is nothing else."""
    parts = [claim[start:end] for start, end in sentences(claim)]
    return " ".join(part for part in parts if not is_question(part)) or claim


def _unsaid_answer(claim: str, passages: str) -> str | None:
    """Returns a word that no passage holds, of a short answer behind its question: "Who won? Newton".

    The words of the question, which agree, would outweigh those of the answer.
    """
    parts = [claim[start:end] for start, end in sentences(claim)]
    answers = [part for asked, part in pairwise(parts) if is_question(asked) and len(words(part)) <= SHORT]
    held, said = stems(passages) | frozenset(words(passages)), numbers_said(passages)
    for word in words(" ".join(answers)):
        if word not in stop_words() and stem(word) not in held and not numbers_said(word) & said:
            return word
    return None


def _replaced(
    claim: str, asked: frozenset[str], nearest: _Sentence, passages: Sequence[str], copy: float
) -> str | None:
    """Returns a word that replaces another in a sentence that is copied otherwise; None in scripts with capitals.

    There a name shows by its capital, and another word is more often a synonym.
    """
    if in_latin_script(claim):
        return None
    back = len(asked & nearest.stems) / max(1, len(nearest.stems))
    if nearest.share < copy or back < copy:
        return None
    stated = _stated(claim)
    lacking = stems(stated) - frozenset().union(*map(stems, passages))
    return next((word for word in words(stated) if word in lacking), None)


def _root(name: str) -> str:
    """Returns a name without its ending, so that ``German`` is found in ``Germany`` and ``Luther's`` in ``Luther``."""
    folded = fold(name).removesuffix("'s").removesuffix("’s")
    return folded[: max(4, len(folded) - 3)]
