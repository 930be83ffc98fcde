"""How many rows go into one call to a store that keeps Python's lock for as long as the call takes."""

from __future__ import annotations

import math

from kb.index.vector.chroma_rows import CallPace


def rows_of(pace: CallPace, *, fixed_s: float, each_s: float, calls: int = 20) -> int:
    """The rows of the last of so many calls, each of which takes ``fixed_s`` and ``each_s`` for every row."""
    for _ in range(calls):
        pace.took(pace.rows, fixed_s + each_s * pace.rows)
    return pace.rows


def test_a_call_takes_no_more_rows_than_its_time_allows() -> None:
    rows = rows_of(CallPace(most=100, longest_s=0.05), fixed_s=0.004, each_s=0.002)
    assert 20 <= rows <= 30


def test_fast_rows_go_as_many_at_a_time_as_there_may_be() -> None:
    assert rows_of(CallPace(most=100, longest_s=0.05), fixed_s=0.001, each_s=0.0001) == 100


def test_on_a_slow_disk_the_rows_of_a_call_take_as_long_as_the_disk() -> None:
    """With one row a call, 90 of 91 ms would go to the disk, 100 times for 100 rows."""
    rows = rows_of(CallPace(most=1000, longest_s=0.05), fixed_s=0.09, each_s=0.001)
    assert 80 <= rows <= 180


def test_one_call_that_something_else_held_up_is_made_good_by_the_next() -> None:
    pace = CallPace(most=100, longest_s=0.05)
    usual = rows_of(pace, fixed_s=0.004, each_s=0.0004)
    pace.took(usual, 3.0)
    assert pace.rows < 5
    assert rows_of(pace, fixed_s=0.004, each_s=0.0004, calls=1) == usual


def test_without_a_limit_it_is_always_the_most() -> None:
    pace = CallPace(most=100, longest_s=math.inf)
    assert pace.rows == rows_of(pace, fixed_s=10, each_s=1) == 100
