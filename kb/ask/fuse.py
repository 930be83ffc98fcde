"""Two rankings into one: a convex combination of normalised scores."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.types import Vector


def min_max(scores: Mapping[int, float]) -> dict[int, float]:
    """Scores brought to 0..1 by their own minimum and maximum; a single score becomes 1."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    spread = high - low
    return {key: (score - low) / spread if spread > 0 else 1.0 for key, score in scores.items()}


def convex(
    dense: Mapping[int, float], words: Mapping[int, float], *, dense_weight: float
) -> list[tuple[int, float]]:
    """``dense_weight * dense + (1 - dense_weight) * words``, each normalised; (id, score), best first.

    What one retriever did not find gets its lowest score, 0. Bruch, Gai and Ingber, "An Analysis of
    Fusion Functions for Hybrid Retrieval" (TOIS 2023), https://arxiv.org/abs/2210.11934
    """
    left, right = min_max(dense), min_max(words)
    fused = {
        key: dense_weight * left.get(key, 0.0) + (1 - dense_weight) * right.get(key, 0.0)
        for key in left.keys() | right.keys()
    }
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def reciprocal_rank(rankings: Iterable[Sequence[int]], *, k: int = 60) -> list[tuple[int, float]]:
    """The sum over rankings of ``1 / (k + rank)``; (id, score), best first.

    Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and Individual Rank
    Learning Methods" (SIGIR 2009), https://doi.org/10.1145/1571941.1572114
    """
    fused: dict[int, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            fused[key] = fused.get(key, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def leaning(question: Vector, context: Vector, weight: float) -> Vector:
    """``question + weight * context``, of length 1: a question that leans towards what was said before."""
    total = question + weight * context
    leant: Vector = (total / math.sqrt(total @ total)).astype(question.dtype)
    return leant


def added(scores: Mapping[int, float], others: Mapping[int, float], weight: float) -> dict[int, float]:
    """``scores + weight * others``; what one of them lacks counts 0 there. BM25 is a sum over words, so this
    is the score of a question in which the other words count for ``weight``.
    """
    return {
        key: scores.get(key, 0.0) + weight * others.get(key, 0.0) for key in scores.keys() | others.keys()
    }
