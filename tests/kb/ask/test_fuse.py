from __future__ import annotations

import pytest

from kb.ask.fuse import convex, min_max, reciprocal_rank


def test_min_max_by_hand() -> None:
    assert min_max({1: 2.0, 2: 4.0, 3: 3.0}) == {1: 0.0, 2: 1.0, 3: 0.5}
    assert min_max({7: 0.3}) == {7: 1.0}
    assert min_max({}) == {}


def test_convex_by_hand() -> None:
    fused = convex({1: 0.9, 2: 0.8, 3: 0.7}, {2: 10.0, 4: 5.0}, dense_weight=0.8)
    assert [key for key, _ in fused] == [1, 2, 3, 4]
    assert dict(fused) == pytest.approx({1: 0.8, 2: 0.8 * 0.5 + 0.2, 3: 0.0, 4: 0.0})


@pytest.mark.parametrize(("weight", "first"), [(1.0, 1), (0.0, 2)])
def test_the_weight_decides_between_meaning_and_words(weight: float, first: int) -> None:
    assert convex({1: 0.9, 2: 0.8}, {2: 10.0, 1: 5.0}, dense_weight=weight)[0][0] == first


def test_reciprocal_rank_by_hand() -> None:
    fused = reciprocal_rank([[1, 2], [2, 3]], k=60)
    assert [key for key, _ in fused] == [2, 1, 3]
    assert dict(fused)[2] == pytest.approx(1 / 62 + 1 / 61)


def test_nothing_found_is_nothing_fused() -> None:
    assert convex({}, {}, dense_weight=0.5) == []
    assert reciprocal_rank([]) == []
