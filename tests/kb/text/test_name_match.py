"""Which of two names a question means."""

from __future__ import annotations

import pytest

from kb.text.name_match import match_name


@pytest.mark.parametrize(
    ("question", "meant", "other"),
    [
        ("What does the reed heron eat?", "reed heron", "black reed heron"),
        ("What does the black reed heron eat?", "black reed heron", "reed heron"),
        ("Harwell Gas revenue in FY2020", "HARWELLGAS_2020_10K", "HARWELLGAS_2019_10K"),
        ("harwell gas revenue 2020", "0001-23\n\nHarwell Gas plc\n2020", "0001-24\n\nHarwell Rail plc\n2020"),
        ("What did O&L pay?", "O&L Foods 2020", "O&B Foods 2020"),
        ("河谷银行的利润", "河谷银行年报", "河口银行年报"),
        ("灰鹭吃什么", "灰鹭", "小灰鹭"),
        ("Minutes of 4 May 2021", "minutes 2021-05-04", "minutes 2020-05-04"),
    ],
)
def test_the_name_that_the_question_says_is_meant(question: str, meant: str, other: str) -> None:
    one, two = match_name(question, meant), match_name(question, other)
    assert one.means_rather(two)
    assert not two.means_rather(one)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("When did the war end in the city?", "War and Peace", "City at War"),
        ("Compare Harwell Gas and Morrow Rail", "Harwell Gas", "Morrow Rail"),
        ("Which university is the oldest?", "Harvard University", "University of Chicago"),
        ("How high is the dam?", "notes", "report 2020"),
        ("How high is the dam?", "", ""),
    ],
)
def test_words_that_are_no_name_decide_nothing(question: str, one: str, other: str) -> None:
    matches = match_name(question, one), match_name(question, other)
    assert not matches[0].means_rather(matches[1])
    assert not matches[1].means_rather(matches[0])
