from __future__ import annotations

import pytest

from kb.errors import BadInput
from kb.text.query_syntax import format_filters, merge_filters, parse_query, with_filters
from kb.types import Filters


@pytest.mark.parametrize(
    ("question", "text", "filters"),
    [
        ("how high is it", "how high is it", Filters()),
        ("how type:PDF,.docx high", "how high", Filters(types=("pdf", "docx"))),
        ('in:"My Papers" why', "why", Filters(collections=("My Papers",))),
        ("多高 lang：ZH tag:#Steel tag:old", "多高", Filters(languages=("zh",), tags=("steel", "old"))),
        ("x after:2025-01-31 before:2026", "x", Filters(since="2025-01-31", before="2026-01-01")),
        ("x document:ab12", "x", Filters(documents=("ab12",))),
        ("the ratio in: out; see std::type:x", "the ratio in: out; see std::type:x", Filters()),
        ("type:pdf", "", Filters(types=("pdf",))),
    ],
)
def test_conditions_are_taken_out_of_the_question(question: str, text: str, filters: Filters) -> None:
    assert parse_query(question) == (text, filters)


@pytest.mark.parametrize("condition", ["after:yesterday", "before:2025-02-30", "since:2025-13"])
def test_what_is_no_date_is_named(condition: str) -> None:
    with pytest.raises(BadInput, match=condition):
        parse_query(f"x {condition}")


def test_what_is_written_is_read_again() -> None:
    filters = Filters(("a b", "c"), ("d1",), ("pdf",), ("zh",), ("steel",), "2025-01-01", "2026-01-01")
    assert parse_query(f"{format_filters(filters)} why") == ("why", filters)


def test_the_nearer_condition_counts_and_tags_add_up() -> None:
    joined = merge_filters(
        Filters(types=("pdf",), tags=("a",), since="2025-01-01"), Filters(types=("txt",), tags=("b",))
    )
    assert joined == Filters(types=("txt",), tags=("a", "b"), since="2025-01-01")


def test_a_value_with_a_quotation_mark_is_read_again() -> None:
    filters = Filters(documents=('the "new" plan.pdf', "x, y.pdf"))
    assert parse_query(f"why {format_filters(filters)}") == ("why", filters)


def test_a_question_is_narrowed_but_what_it_says_itself_counts() -> None:
    chosen = Filters(types=("pdf",), tags=("steel",), since="2025-01-01")
    asked = with_filters("how high\n\nis it type:docx tag:old", chosen)
    assert asked.startswith("how high\n\nis it type:docx tag:old")
    assert parse_query(asked)[1] == Filters(types=("docx",), tags=("old", "steel"), since="2025-01-01")
    assert with_filters("how high", Filters()) == "how high"
    with pytest.raises(BadInput):
        with_filters("x after:never", chosen)
