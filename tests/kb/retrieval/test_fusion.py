from __future__ import annotations

import pytest

from kb.retrieval.fusion import weighted


def test_by_hand() -> None:
    fused = weighted(
        {1: 0.90, 2: 0.88, 3: 0.86}, {2: 10.0, 3: 4.0}, dense_weight=0.5, dense_unit=0.02, words_unit=8.0
    )
    assert [key for key, _ in fused] == [2, 1, 3]
    assert dict(fused) == pytest.approx({1: 22.5, 2: 22.0 + 0.625, 3: 21.5 + 0.25})


@pytest.mark.parametrize(("weight", "first"), [(1.0, 1), (0.0, 2)])
def test_the_weight_decides_between_meaning_and_words(weight: float, first: int) -> None:
    fused = weighted({1: 0.9, 2: 0.8}, {2: 9.0, 1: 5.0}, dense_weight=weight, dense_unit=0.1, words_unit=5.0)
    assert fused[0][0] == first


def test_a_little_that_matches_in_words_does_not_overturn_what_is_meant() -> None:
    """Min-max would make the best of the words 1, however little of the question it holds."""
    fused = weighted({1: 0.90, 2: 0.86}, {2: 1.5}, dense_weight=0.5, dense_unit=0.02, words_unit=8.0)
    assert fused[0][0] == 1


def test_equals_stand_in_the_order_of_their_ids_and_nothing_is_nothing() -> None:
    assert [key for key, _ in weighted({3: 0.5, 1: 0.5}, {}, dense_weight=1, dense_unit=1, words_unit=1)] == [
        1,
        3,
    ]
    assert weighted({}, {}, dense_weight=0.5, dense_unit=1, words_unit=1) == []
