from __future__ import annotations

from kb.system.backoff import BackOff


def test_waits_double_up_to_the_limit_and_begin_again() -> None:
    back_off = BackOff(1.0, 60.0)
    assert [back_off.next_wait() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    back_off.reset()
    assert back_off.next_wait() == 1


def test_jitter_shortens_a_wait_and_not_the_ones_after_it() -> None:
    drawn = iter([0.0, 0.5, 1.0])
    back_off = BackOff(10.0, 100.0, jitter=0.2, draw=lambda: next(drawn))
    assert [back_off.next_wait() for _ in range(3)] == [10, 18, 32]
