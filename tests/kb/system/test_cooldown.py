from __future__ import annotations

import pytest

from kb.system.cooldown import Cooldown


class Clock:
    """Shows what a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_one_failure_begins_a_rest_that_ends_by_itself(clock: Clock) -> None:
    rest = Cooldown(60, clock=clock)
    assert not rest.is_resting()
    rest.failed()
    assert rest.is_resting()
    clock.now += 59.9
    assert rest.is_resting()
    clock.now += 0.1
    assert not rest.is_resting()


def test_only_failures_in_a_row_count(clock: Clock) -> None:
    rest = Cooldown(10, misses=2, clock=clock)
    rest.failed()
    rest.succeeded()
    rest.failed()
    assert not rest.is_resting()
    rest.failed()
    assert rest.is_resting()


def test_after_a_rest_one_more_failure_is_enough(clock: Clock) -> None:
    rest = Cooldown(10, misses=2, clock=clock)
    rest.failed()
    rest.failed()
    clock.now += 10
    assert not rest.is_resting()
    rest.failed()
    assert rest.is_resting()


def test_a_clock_that_begins_before_zero_rests_nobody(clock: Clock) -> None:
    clock.now = -5.0
    assert not Cooldown(10, clock=clock).is_resting()
