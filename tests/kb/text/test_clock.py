from __future__ import annotations

import pytest

from kb.text.clock import clock_times


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("from 9:30 a.m. to 5 pm", [{570}, {1020}]),
        ("12 a.m., 12:15 p.m.", [{0}, {735}]),
        ("14:05, then 2:05", [{845}, {125, 845}]),
        ("上午9点到下午5点半", [{540}, {1050}]),
        ("at 5, in 2024, 3:75, 1:2:3, 得了9点", []),
    ],
)
def test_clock_times(text: str, minutes: list[set[int]]) -> None:
    assert [set(found.minutes) for found in clock_times(text)] == minutes
