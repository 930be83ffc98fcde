"""Figures in digits and in words are the same values, with the unit that stands beside them."""

from __future__ import annotations

import pytest

from kb.text.figures import figures, normal_form
from kb.text.spelt_numbers import spelt_numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("every forty-five seconds", [45]),
        ("two hundred and ten metres and six men", [210, 6]),
        ("Twenty-five thousand men", [25000]),
        ("nineteen eighty-four", [19, 84]),
        ("the twenty-first century", [21]),
        ("每四十五秒", [45]),
        ("二〇二三年四月二日", [2023, 4, 2]),
        ("三千二百万人", [32_000_000]),
        ("两千零五年", [2005]),
        ("3万人", []),
        ("老百姓", []),
        ("no number at all", []),
    ],
)
def test_numbers_in_words_have_their_values(text: str, values: list[float]) -> None:
    assert [value for _, _, value in spelt_numbers(text)] == values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It draws 2.35 metres.", [("2.35", {"m"})]),
        ("40% of 3.6 million dollars", [("40", {"%"}), ("3600000", {"USD"})]),
        ("12 per cent, twelve percent", [("12", {"%"}), ("12", {"%"})]),
        ("百分之十二，长三千米", [("12", {"%"}), ("3000", {"m"})]),
        ("360万美元", [("3600000", {"USD"})]),
        ("£5, or 5 pounds", [("5", {"GBP"}), ("5", {"GBP", "lb"})]),
        ("20世纪50年代", [("1950", set())]),
        ("five sheep", [("5", set())]),
    ],
)
def test_a_figure_has_its_value_and_its_unit(text: str, found: list[tuple[str, set[str]]]) -> None:
    of = [(next(iter(each.forms)), set(each.units)) for each in figures(normal_form(text))]
    assert of == found
