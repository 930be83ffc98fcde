"""What the values of many questions say together: means, shares, percentiles, and how far to trust them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.float64]

CONFIDENCE = 0.95
RESAMPLES = 2000
"""Drawn for an interval; its ends then move by about a hundredth of its width from seed to seed."""
PERMUTATIONS = 4999
"""Drawn for a p-value: the smallest that can come out is 1 / 5000, twice that for both sides."""
SEED = 20240501

Contribution: TypeAlias = tuple[float, float]
"""What one question adds above and below the line: the score of a set is ``sum(above) / sum(below)``.

A mean is the case where every question adds 1 below. For refusal precision a question adds 1 below
when it was refused, and 1 above when that was right.
"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score and where it would lie with other questions of the same kind."""

    value: float
    low: float
    high: float
    """The ends of the 95% interval."""
    questions: int
    """The number of questions behind it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A score with one setting less the score with another, on the same questions."""

    value: float
    low: float
    high: float
    """The ends of the 95% interval."""
    p_value: float
    """How often chance alone would make a difference this large, either way."""
    questions: int


def estimate(contributions: Sequence[Contribution], *, seed: int = SEED) -> Estimate | None:
    """Returns ``sum(above) / sum(below)`` with its bootstrap interval; None where nothing is below the line.

    The percentile interval of Efron, "Bootstrap Methods: Another Look at the Jackknife" (1979),
    https://doi.org/10.1214/aos/1176344552: questions are drawn with replacement.
    """
    import numpy as np

    counted = [share for share in contributions if share[1] > 0]
    if not counted:
        return None
    above, below = np.array(counted, dtype=np.float64).T

    def score(sampled: NDArray[np.int64], axis: int = -1) -> Numbers:
        total: Numbers = above[sampled].sum(axis) / below[sampled].sum(axis)
        return total

    value = float(above.sum() / below.sum())
    low, high = _interval(np.arange(len(counted)), score, value, seed)
    return Estimate(value, low, high, len(counted))


def compare(
    first: Sequence[Contribution], second: Sequence[Contribution], *, seed: int = SEED
) -> Difference | None:
    """Returns ``second`` less ``first``, paired by question; None where one of them has no score.

    The p-value is that of the paired randomisation test, two-sided: the two results of a question
    change places at random. Smucker, Allan and Carterette, "A Comparison of Statistical Significance
    Tests for Information Retrieval Evaluation" (CIKM 2007), https://doi.org/10.1145/1321440.1321528

    Raises:
        ValueError: they are not of the same length.
    """
    import numpy as np

    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} results cannot be paired")
    pairs = [pair for pair in zip(first, second, strict=True) if pair[0][1] > 0 or pair[1][1] > 0]
    table = np.array([*(pair[0] for pair in pairs), *(pair[1] for pair in pairs)], dtype=np.float64)
    count = len(pairs)
    if not pairs or not table[:count, 1].sum() or not table[count:, 1].sum():
        return None
    above, below = table.T

    def score(sampled: NDArray[np.int64], axis: int = -1) -> Numbers:
        total: Numbers = above[sampled].sum(axis) / np.maximum(below[sampled].sum(axis), _TINY)
        return total

    def difference(left: NDArray[np.int64], right: NDArray[np.int64], axis: int = -1) -> Numbers:
        return score(right, axis) - score(left, axis)

    def sampled_difference(sampled: NDArray[np.int64], axis: int = -1) -> Numbers:
        return difference(sampled, sampled + count, axis)

    at = np.arange(count)
    value = float(difference(at, at + count))
    low, high = _interval(at, sampled_difference, value, seed)
    return Difference(value, low, high, _p_value(at, count, difference, seed), count)


_TINY = 1e-12
"""Keeps a drawing without a single refusal from dividing by zero; its score is 0."""


def percentile(values: Sequence[float], percent: float) -> float:
    """Returns the value below which ``percent`` of ``values`` lie, interpolated linearly.

    Raises:
        ValueError: there are no values.
    """
    import numpy as np

    if not values:
        raise ValueError("percentiles need values")
    return float(np.percentile(np.asarray(values, dtype=np.float64), percent))


def _interval(at: NDArray[np.int64], score: object, value: float, seed: int) -> tuple[float, float]:
    from scipy.stats import bootstrap

    if len(at) < 2:
        return value, value
    sampled = bootstrap(
        (at,),
        score,
        n_resamples=RESAMPLES,
        batch=200,
        vectorized=True,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=seed,
    )
    return float(sampled.confidence_interval.low), float(sampled.confidence_interval.high)


def _p_value(at: NDArray[np.int64], count: int, difference: object, seed: int) -> float:
    from scipy.stats import permutation_test

    if count < 2:  # both exchanges of one question are as extreme as each other
        return 1.0
    tested = permutation_test(
        (at, at + count),
        difference,
        permutation_type="samples",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        batch=200,
        rng=seed,
    )
    return float(tested.pvalue)
