"""What the controls of the filter row say, as conditions of a question."""

from __future__ import annotations

from kb.types import Filters
from kb.web.page.filter_row import filters


def test_the_last_day_counts() -> None:
    assert filters([], [], [], [], None, "2025-12-31") == Filters(before="2026-01-01")
    assert filters([], [], [], [], None, None) == Filters()


def test_the_controls_are_the_conditions_of_a_question() -> None:
    assert filters(
        ['my "plan".pdf'], ["pdf", "docx"], ["zh"], ["steel"], "2025-01-01", "2025-01-31"
    ) == Filters((), ('my "plan".pdf',), ("pdf", "docx"), ("zh",), ("steel",), "2025-01-01", "2025-02-01")


def test_what_is_no_date_is_left_to_be_refused() -> None:
    assert filters([], [], [], [], "soon", "later") == Filters(since="soon", before="later")
