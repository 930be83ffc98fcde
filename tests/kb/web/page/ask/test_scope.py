"""What the page narrows questions to, as conditions of a question."""

from __future__ import annotations

import json

import pytest

from kb.errors import BadInput
from kb.types import Filters
from kb.web.page.ask.scope import filters_of


def test_the_last_day_counts() -> None:
    assert filters_of(json.dumps({"until": "2025-12-31"})) == Filters(before="2026-01-01")
    assert filters_of("") == filters_of("{}") == Filters()


def test_each_list_is_a_condition() -> None:
    written = {
        "documents": ['my "plan".pdf'],
        "types": ["pdf", "docx"],
        "languages": ["zh"],
        "tags": ["steel"],
        "since": "2025-01-01",
        "until": "2025-01-31",
    }
    assert filters_of(json.dumps(written)) == Filters(
        (), ('my "plan".pdf',), ("pdf", "docx"), ("zh",), ("steel",), "2025-01-01", "2025-02-01"
    )


def test_what_is_no_date_is_left_to_be_refused() -> None:
    assert filters_of('{"since": "soon", "until": "later"}') == Filters(since="soon", before="later")


@pytest.mark.parametrize("written", ["[", "[]", '{"types": "pdf"}', '{"tags": [1]}'])
def test_what_is_no_scope_is_refused(written: str) -> None:
    with pytest.raises(BadInput):
        filters_of(written)
