"""Whether passages support a sentence: nothing of it is contradicted, and enough of every part is found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kb.answer.verify.comparison import Comparison
from kb.answer.verify.contradictions import fault_of, stated
from kb.answer.verify.fault import Fault
from kb.answer.verify.features import FEATURES, Source, clauses, coordinate_parts, features
from kb.answer.verify.same_value import as_written_in, plain
from kb.text.content_words import stems
from kb.text.item_numbers import without_item_number
from kb.text.sentences import passage_sentences
from kb.types import AttributionThresholds, Difference, Support

_LEAST_PART = 3
"""Content words of a clause that is a statement of its own."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of comparing a sentence with the passages it cites."""

    support: Support
    reason: str | None
    """What is missing or said otherwise; None when nothing stands out."""
    places: tuple[tuple[int, int], ...]
    """For each passage the sentence of it that comes nearest, as (start, end)."""
    score: float
    """How likely it is that all of it is said, 0 to 1; half of that where something is missing or said otherwise."""
    difference: Difference | None = None
    """What is wrong with ``reason``; None where there is none."""


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
    scale of the bundled model, 0 where it is not known. A number or name that the passages
    lack, or that stands in another's place, or a negation on one side only, makes the claim unsupported whatever its
    other words are.
    """
    claim, sources = side_by_side(claim, passages, cosines)
    asked = stems(claim)
    ranked = sorted(sources, key=lambda source: -_nearness(asked, source, thresholds))
    places = tuple(
        next(source.place for source in ranked if source.passage == number) for number in range(len(passages))
    )
    nearest = ranked[0]
    compared = Comparison(claim, sources, nearest, about, _share(asked, nearest))
    fault = fault_of(compared, thresholds)
    if not asked:
        score = 1.0
    elif compared.in_one_language:
        score = _score(claim, sources, thresholds)
    else:
        score = _score_across(asked, sources, thresholds)
    if fault is not None:
        return Verdict(_of_faulty(compared, fault), fault.reason, places, score / 2, fault.difference)
    if compared.in_one_language and _lacks_a_part(claim, sources, thresholds):
        score = min(score, thresholds.weak)
    return Verdict(_graded(score, thresholds), None, places, score)


def side_by_side(
    claim: str, passages: Sequence[str], cosines: Sequence[Sequence[float]]
) -> tuple[str, list[Source]]:
    """Returns the claim and the sentences of ``passages`` in one form, in which what says the same reads the same."""
    sources = [
        Source.of(plain(text[start:end]), number, (start, end), cosine)
        for number, (text, row) in enumerate(zip(passages, cosines, strict=True))
        for (start, end), cosine in zip(passage_sentences(text), row, strict=True)
    ]
    said = plain(without_item_number(claim))
    return as_written_in(" ".join(source.text for source in sources), said), sources


def _nearness(asked: frozenset[str], source: Source, thresholds: AttributionThresholds) -> float:
    return _share(asked, source) / thresholds.enough_words + _meaning(source.cosine, thresholds.same_language)


def _share(asked: frozenset[str], source: Source) -> float:
    return len(asked & source.stems) / max(1, len(asked))


def _meaning(cosine: float, scale: tuple[float, float]) -> float:
    nothing, enough = scale
    return max(0.0, (cosine - nothing) / (enough - nothing))


def _score(claim: str, sources: Sequence[Source], thresholds: AttributionThresholds) -> float:
    """Returns the probability that a claim in its passages' language is supported: a logistic regression."""
    values = features(claim, sources)
    total = thresholds.bias + sum(
        thresholds.weights[name] * value for name, value in zip(FEATURES, values, strict=True)
    )
    return 1 / (1 + math.exp(-total))


def _score_across(
    asked: frozenset[str], sources: Sequence[Source], thresholds: AttributionThresholds
) -> float:
    """Returns the same across languages, which share names and numbers and no other words: meaning decides."""
    held = asked & frozenset().union(*(source.stems for source in sources))
    meaning = max(_meaning(source.cosine, thresholds.other_language) for source in sources)
    strength = len(held) / len(asked) / thresholds.enough_words + meaning
    return min(1.0, strength * thresholds.supported)


def _of_faulty(compared: Comparison, fault: Fault) -> Support:
    """Returns ``WEAK`` where a fact stands nowhere and another part of the claim stands in one sentence."""
    if not fault.is_missing:
        return Support.UNSUPPORTED
    for part in clauses(compared.claim):
        said = stems(part)
        if fault.reason in part or len(said) < _LEAST_PART:
            continue
        if any(said <= source.stems for source in compared.sources):
            return Support.WEAK
    return Support.UNSUPPORTED


def _lacks_a_part(claim: str, sources: Sequence[Source], thresholds: AttributionThresholds) -> bool:
    """Returns whether one of the parts that stand side by side in a claim is not in its passages: the least decides."""
    held = frozenset[str]().union(*(source.stems for source in sources))
    parts = [said for part in coordinate_parts(stated(claim)) if len(said := stems(part)) > _LEAST_PART]
    return any(len(said & held) < thresholds.least_part * len(said) for said in parts)


def _graded(score: float, thresholds: AttributionThresholds) -> Support:
    if score >= thresholds.supported:
        return Support.SUPPORTED
    return Support.WEAK if score >= thresholds.weak else Support.UNSUPPORTED
