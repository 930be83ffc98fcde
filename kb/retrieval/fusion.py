"""Two rankings into one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kb.text.identifiers import identifiers
from kb.types import SearchThresholds

if TYPE_CHECKING:
    from kb.types import Vector


def weight_of_meaning(
    dense_weight: float,
    text: str,
    words: Mapping[int, float],
    *,
    in_conversation: bool,
    thresholds: SearchThresholds,
) -> float:
    """Returns the weight of the dense score for the question ``text``, at most ``dense_weight``.

    Words have the rest of 1. ``words`` are the passages that hold words of it.
    """
    weight = dense_weight
    if words and identifiers(text):
        weight = min(weight, thresholds.identifier_weight)
    if in_conversation:
        weight = min(weight, thresholds.conversation_weight)
    return weight


def weighted(
    dense: Mapping[int, float],
    words: Mapping[int, float],
    *,
    dense_weight: float,
    dense_unit: float,
    words_unit: float,
) -> list[tuple[int, float]]:
    """Returns ``dense_weight * dense / dense_unit + (1 - dense_weight) * words / words_unit``; (id, score), best first.

    The units belong to the model and to the index and not to the question, so that a question whose
    words are found nowhere (it is in another language) is not decided by what little they match:
    min-max normalisation stretches the best of them to 1. ``dense`` has to hold every candidate;
    what the words did not find adds nothing. See docs/quality.md for the comparison.
    """
    fused = {
        key: dense_weight * cosine / dense_unit + (1 - dense_weight) * words.get(key, 0.0) / words_unit
        for key, cosine in dense.items()
    }
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def blend(question: Vector, context: Vector, weight: float) -> Vector:
    """Returns ``question + weight * context``, normalised to length 1."""
    total = question + weight * context
    blended: Vector = (total / math.sqrt(total @ total)).astype(question.dtype)
    return blended


def added(scores: Mapping[int, float], others: Mapping[int, float], weight: float) -> dict[int, float]:
    """Returns ``scores + weight * others``; an id that one of them lacks counts 0 there. BM25 is a sum over words, so
    this is the score of a question in which the other words count for ``weight``.
    """
    return {
        key: scores.get(key, 0.0) + weight * others.get(key, 0.0) for key in scores.keys() | others.keys()
    }
