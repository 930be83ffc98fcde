"""Days of the week: which ones a text names, and which lie between two of them."""

from __future__ import annotations

import pytest

from kb.text.weekdays import weekdays_covered


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Closed on Mondays.", {0}),
        ("Open Monday to Friday", {0, 1, 2, 3, 4}),
        ("L'entrée est gratuite le premier dimanche du mois.", {6}),
        ("周五至周日开放", {4, 5, 6}),
        ("星期三和下个月的星期六开放", {2, 5}),
        ("Am Sonnabend, mittwochs aber nur mit Karte", {5, 2}),
        ("土曜日に休み", {5}),
        ("mon ami a vu le soleil", set()),
        ("Mon-Thu: 9-18", {0, 1, 2, 3}),
        ("Fri: 9-14", {4}),
        ("Sat, 3 May", {5}),
        ("He sat in the sun, and Sun was his name", set()),
    ],
)
def test_the_days_that_a_text_covers(text: str, days: set[int]) -> None:
    assert weekdays_covered(text) >= days
    if len(days) < 2:
        assert weekdays_covered(text) == days
