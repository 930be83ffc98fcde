"""Dates in any written form meet."""

from __future__ import annotations

import pytest

from kb.text.dates import Day, dates, writes_day_first
from kb.text.figures import normal_form


@pytest.mark.parametrize(
    "written",
    [
        "14 March 2021", "March 14th, 2021", "the 14th of March, 2021", "Mar. 14, 2021", "14-Mar-2021", "2021-03-14",
        "14/03/2021", "3/14/21", "14.3.2021", "14. 3. 2021", "2021年3月14日", "二〇二一年三月十四日",
        "２０２１年３月１４日",
        "2021년 3월 14일", "le 14 mars 2021", "el 14 de marzo de 2021", "am 14. März 2021", "2021. március 14.",
        "14 марта 2021 г.", "14 března 2021", "14 มีนาคม 2021",
    ],
)  # fmt: skip
def test_one_day_has_one_form_however_it_is_written(written: str) -> None:
    (date,) = dates(normal_form(f"It was {written}, and it rained."))
    assert date.readings == (Day(2021, 3, 14),)
    assert date.readings[0].forms == ("2021-03-14", "2021-03", "--03-14")


@pytest.mark.parametrize(
    ("written", "forms"),
    [
        ("September 2019", ("2019-09",)),
        ("2019年9月", ("2019-09",)),
        ("on 9 September", ("--09-09",)),
        ("What happened on 9 September?", ("--09-09",)),
        ("Was geschah am 9. September?", ("--09-09",)),
        ("“9 September”", ("--09-09",)),
        ("九月九日", ("--09-09",)),
        ("31/12/99", ("1999-12-31", "1999-12", "--12-31")),
    ],
)
def test_what_was_not_written_is_left_open(written: str, forms: tuple[str, ...]) -> None:
    (date,) = dates(written)
    assert date.readings[0].forms == forms


@pytest.mark.parametrize(
    "text",
    [
        "In May they may march", "version 3.2.1", "10.2.15.3", "in march 300 men", "45/45/2021", "40月", "2021",
        "April 300, 2023", "12-14", "99.99.2020",
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates(text) == []


def test_the_habit_of_a_document_tells_day_from_month() -> None:
    assert writes_day_first(["It came on 05/06/2020", "and went on 25/06/2020."]) is True
    assert writes_day_first(["It came on 05/06/2020", "and went on 06/25/2020."]) is False
    assert writes_day_first(["It came on 05/06/2020 and went."]) is None
    assert writes_day_first(["Er kam am 05/06/2020 an und ging wieder nach Hause."]) is True
    (unknown,) = dates("05/06/2020")
    assert unknown.readings == (Day(2020, 6, 5), Day(2020, 5, 6))
    assert dates("05/06/2020", day_first=False)[0].readings == (Day(2020, 5, 6),)
    assert dates("05/25/2020", day_first=True)[0].readings == (Day(2020, 5, 25),)
