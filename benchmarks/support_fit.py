"""Chooses the weights of the check of footnotes: ``python -m benchmarks.citations fit``.

A logistic regression on one half of the claims that people labelled and on the cases of one half of the articles whose
passages say nothing else (``Verdict.reason`` is None): only there the weights decide. The claims count as much as the
cases together; of a claim's passages the one that fits best counts, as in ``labelled_claims``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.answer.verify.features import FEATURES

_RIDGE = 0.06
"""The penalty on the weights of standardised features, as a share of the rows."""
SCRIPTED_SHARE = 0.3
"""What all scripted cases together count, against 1 for the claims."""
_ROUNDS = 4
"""How often the best passage of each claim is chosen anew."""
_STEPS = 30

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A claim: the features of each of its passages, whether one supports it, and what it counts."""

    rows: Sequence[Sequence[float]]
    supported: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What stands in ``thresholds.toml``."""

    bias: float
    weights: dict[str, float]

    def scores(self, rows: Sequence[Sequence[float]]) -> Matrix:
        """Returns the probability that each row is supported."""
        total = self.bias + np.array(rows) @ np.array([self.weights[name] for name in FEATURES])
        return np.asarray(1 / (1 + np.exp(-total)))


def fitted(examples: Sequence[Example]) -> Weights:
    """Returns the weights that tell the supported examples best, both kinds of examples counting the same."""
    truth = np.array([example.supported for example in examples])
    weight = np.array([example.weight for example in examples])
    for side in (truth, ~truth):
        weight[side] /= weight[side].sum()
    rows = [np.array(example.rows) for example in examples]
    chosen = np.array([own.mean(axis=0) for own in rows])
    found = _logistic(chosen, truth, weight)
    for _ in range(_ROUNDS):
        chosen = np.array([own[int(np.argmax(found.scores(own.tolist())))] for own in rows])
        found = _logistic(chosen, truth, weight)
    return found


def _logistic(rows: Matrix, truth: NDArray[np.bool_], weight: Matrix) -> Weights:
    """Returns the maximum of the penalised likelihood, by Newton's method."""
    mean, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    design = np.column_stack([(rows - mean) / spread, np.ones(len(rows))])
    penalty = np.diag([*[_RIDGE] * rows.shape[1], 1e-9])
    beta = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-design @ beta))
        slope = design.T @ (weight * (truth - likely)) - penalty @ beta
        curve = (design * (weight * likely * (1 - likely))[:, None]).T @ design + penalty
        beta += np.linalg.solve(curve, slope)
    weights = beta[:-1] / spread
    bias = float(beta[-1] - weights @ mean)
    return Weights(
        round(bias, 3), {name: round(float(value), 3) for name, value in zip(FEATURES, weights, strict=True)}
    )
