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


def test_a_failure_after_a_rest_begins_the_next_one(clock: Clock) -> None:
    rest = Cooldown(10, clock=clock)
    rest.failed()
    clock.now += 10
    assert not rest.is_resting()
    rest.failed()
    assert rest.is_resting()


def test_a_clock_that_begins_before_zero_rests_nobody(clock: Clock) -> None:
    clock.now = -5.0
    assert not Cooldown(10, clock=clock).is_resting()
