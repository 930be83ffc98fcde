"""Intervals, tests and percentiles, on data whose answers are known."""

from __future__ import annotations

import math

import pytest

from kb.evaluate.statistics import compare, estimate, percentile

YES, NO = (1.0, 1.0), (0.0, 1.0)


def test_a_mean_and_its_interval() -> None:
    found = estimate([YES] * 80 + [NO] * 20)
    assert found is not None
    assert (found.value, found.questions) == (0.8, 100)
    # the normal approximation of a share of 0.8 in 100: 0.8 +- 1.96 * 0.04
    assert found.low == pytest.approx(0.8 - 0.0784, abs=0.015)
    assert found.high == pytest.approx(0.8 + 0.0784, abs=0.015)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    import random

    chance = random.Random(7)
    covered = 0
    for trial in range(60):
        sample = [YES if chance.random() < 0.7 else NO for _ in range(80)]
        found = estimate(sample, seed=trial)
        assert found is not None
        covered += found.low <= 0.7 <= found.high
    assert covered >= 52  # 57 expected; 52 or fewer would be one in a hundred


def test_the_same_seed_gives_the_same_interval_and_more_questions_a_narrower_one() -> None:
    few, many = [YES, NO] * 10, [YES, NO] * 1000
    assert estimate(few) == estimate(few)
    narrow, wide = estimate(many), estimate(few)
    assert narrow is not None
    assert wide is not None
    assert narrow.high - narrow.low < (wide.high - wide.low) / 5


def test_questions_without_a_share_are_left_out() -> None:
    found = estimate([YES, (0.0, 0.0), NO, (0.0, 0.0)])
    assert found is not None
    assert (found.value, found.questions) == (0.5, 2)
    assert estimate([(0.0, 0.0)]) is None
    alone = estimate([YES])
    assert alone is not None
    assert (alone.low, alone.high) == (1.0, 1.0)


def test_a_ratio_is_of_sums_not_of_questions() -> None:
    found = estimate([(1.0, 1.0), (0.0, 3.0)])
    assert found is not None
    assert found.value == 0.25


def test_the_p_value_is_that_of_all_exchanges() -> None:
    # five questions, all better: of the 32 exchanges two are as extreme, so p = 1 / 16
    found = compare([NO] * 5, [YES] * 5)
    assert found is not None
    assert (found.value, found.questions) == (1.0, 5)
    assert found.p_value == pytest.approx(2 / 32)


def test_no_difference_and_a_clear_one() -> None:
    first = [YES, NO] * 50
    same = compare(first, first)
    assert same is not None
    assert (same.value, same.low, same.high, same.p_value) == (0, 0, 0, 1)
    better = compare(first, [YES] * 90 + [NO] * 10)
    assert better is not None
    assert better.value == pytest.approx(0.4)
    assert better.low > 0.2
    assert better.p_value < 0.001


def test_pairing_sees_what_independent_samples_would_not() -> None:
    hard = [NO] * 90 + [YES] * 10
    slightly_better = [YES] * 8 + [NO] * 82 + [YES] * 10
    found = compare(hard, slightly_better)
    assert found is not None
    assert found.p_value == pytest.approx(2 / 2**8, abs=0.006)


def test_a_ratio_is_compared_as_a_ratio() -> None:
    # refusal precision: the second setting refuses fewer, and is right more often
    first = [(1.0, 1.0)] * 4 + [(0.0, 1.0)] * 4 + [(0.0, 0.0)] * 8
    second = [(1.0, 1.0)] * 4 + [(0.0, 0.0)] * 12
    found = compare(first, second)
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert math.isfinite(found.low)
    assert compare(first, [(0.0, 0.0)] * 16) is None


def test_one_question_proves_nothing() -> None:
    found = compare([NO], [YES])
    assert found is not None
    assert (found.value, found.low, found.high, found.p_value) == (1, 1, 1, 1)


def test_only_pairs_can_be_compared() -> None:
    with pytest.raises(ValueError, match="paired"):
        compare([YES], [YES, NO])


def test_percentiles() -> None:
    assert percentile([10, 20, 30, 40], 50) == 25
    assert percentile([5], 95) == 5
    with pytest.raises(ValueError, match="values"):
        percentile([], 50)
