"""What the controls of the filter row say, and how it reaches a question."""

from __future__ import annotations

from kb.text.query_syntax import parse_query
from kb.types import Filters
from kb.web.page.filter_row import filters, with_conditions


def test_the_last_day_counts() -> None:
    assert filters([], [], [], [], None, "2025-12-31") == Filters(before="2026-01-01")
    assert filters([], [], [], [], None, None) == Filters()


def test_the_controls_reach_the_question_as_conditions_that_it_could_have_held() -> None:
    chosen = filters(["my plan.pdf"], ["pdf", "docx"], ["zh"], ["steel"], "2025-01-01", "2025-01-31")
    assert parse_query(with_conditions("how high", chosen)) == (
        "how high",
        Filters((), ("my plan.pdf",), ("pdf", "docx"), ("zh",), ("steel",), "2025-01-01", "2025-02-01"),
    )


def test_what_is_no_date_is_left_for_the_answer_to_refuse() -> None:
    assert with_conditions("x", filters([], [], [], [], "soon", None)) == "x after:soon"
    assert with_conditions("x after:never", filters([], ["pdf"], [], [], None, None)) == "x after:never"
