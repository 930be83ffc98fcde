"""Figures that no line states are asked of the lines that they are worked out from."""

from __future__ import annotations

import pytest

from kb.text.derived_figures import statement_lines
from kb.text.search_terms import index_terms, question_terms


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("What was the FY2019 operating margin of Calder?", "operating income"),
        ("How long are Calder's days sales outstanding?", "accounts receivable"),
        ("DIO for 2019", "inventories"),
        ("Is the ROE of Calder above 10%?", "total stockholders' equity"),
        ("how much free cash flow", "net cash provided by operating activities"),
        ("该公司的存货周转率是多少", "营业成本"),
        ("净资产收益率", "净利润"),
    ],
)
def test_a_figure_has_its_lines(question: str, line: str) -> None:
    assert line in statement_lines(question)
    told = question_terms(question).keys() & set(index_terms(line))
    assert len(told) >= len(set(index_terms(line))) / 2


@pytest.mark.parametrize(
    "question", ["At the margin of the lake", "the DPOs", "What is net income?", "水库的水位"]
)
def test_other_words_have_none(question: str) -> None:
    assert statement_lines(question) == ()
