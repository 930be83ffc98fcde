"""Questions for what lies between two amounts, answered by the rows and lines that hold one."""

from __future__ import annotations

import pytest

from kb.answer.amounts import asked_range, quotes_in_range
from tests.kb.answer.samples import hit

CABINS = """Cabin | Beds | Per night
Alder | 2 | 48 EUR
Birch | 4 | 75 EUR
Cedar | 6 | 120 EUR"""


@pytest.mark.parametrize(
    ("question", "least", "most", "unit"),
    [
        ("Which cabin costs between 60 and 100 euros a night?", 60, 100, "EUR"),
        ("Which pump needs 3 kW to 5.5 kW?", 3, 5.5, "kW"),
        ("每晚60到100元的小屋有哪些？", 60, 100, "CNY"),
        ("Welche Hütte kostet zwischen 1.000 und 1.200 Euro?", 1000, 1200, "EUR"),
    ],
)
def test_two_amounts_of_one_unit_are_a_range(question: str, least: float, most: float, unit: str) -> None:
    asked = asked_range(question)
    assert asked is not None
    assert asked.least <= least < most <= asked.most
    assert unit in asked.units


@pytest.mark.parametrize(
    "question",
    [
        "How long did the strike of 1920 and 1921 last?",
        "Which cabin costs 75 euros?",
        "Who paid 100 euros and 60 dollars?",
        "It cost 60. Is 100 euros the price of Cedar?",
        "Which cabin costs from 100 down to 60 euros?",
        "Which of the 5 cabins costs 300 euros?",
        "女王伊丽莎白二世于1981年建设了什么？",
        "1980年到1984年共有几期工程？",
    ],
)
def test_other_figures_are_none(question: str) -> None:
    assert asked_range(question) is None


def test_the_rows_within_it_are_quoted_with_their_header() -> None:
    hits = [hit("The cabins lie by the lake, and dogs are 80 EUR a week."), hit(CABINS, number=2)]
    (quote,) = quotes_in_range("Which cabin costs between 60 and 100 euros?", hits)
    text = hits[quote.hit].chunk.text
    assert [text[start:end] for start, end in quote.ranges] == [
        "Cabin | Beds | Per night",
        "Birch | 4 | 75 EUR",
    ]
    assert not quotes_in_range("Which cabin costs between 130 and 200 euros?", hits)
    assert not quotes_in_range("What does Birch cost?", hits)
