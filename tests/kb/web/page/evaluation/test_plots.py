"""Plots are drawn to scale, whole and harmless."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from kb.web.page.evaluation.plots import Line, Point, history, interval_bar


def numbers(markup: str, attribute: str) -> list[float]:
    return [float(value) for value in re.findall(rf'\b{attribute}="([-\d.]+)"', markup)]


def line(name: str, *values: float) -> Line:
    return Line(
        name, [Point(at, value, value - 0.1, value + 0.05, f"run {at}") for at, value in enumerate(values)]
    )


def test_an_interval_is_drawn_to_scale() -> None:
    (x,) = numbers(interval_bar(0.5, 0.25, 1.0), "cx")
    low, high = (
        float(n)
        for n in re.findall(r'class="range" x1="([\d.]+)" x2="([\d.]+)"', interval_bar(0.5, 0.25, 1.0))[0]
    )
    assert (low, x, high) == (32, 60, 116)
    assert numbers(interval_bar(0.0, -0.5, 1.7), "x2") == [116, 116]  # what lies outside ends at the edge


def test_a_history_rises_where_scores_rise() -> None:
    drawn = history([line("hit@1", 0.5, 0.7, 0.9)], ["a", "b", "c"], label="Over time")
    xs, ys = numbers(drawn, "cx"), numbers(drawn, "cy")
    assert xs == sorted(xs)
    assert ys == sorted(ys, reverse=True)
    assert "hit@1 0.900" in drawn


def test_the_scale_begins_below_everything_and_holds_one_run() -> None:
    drawn = history([line("x", 0.95)], ["only"], label="")
    assert ">0.80<" in drawn
    assert ">1.00<" in drawn
    low = history([line("x", 0.02)], ["only"], label="")
    assert ">0.00<" in low


def test_labels_do_not_lie_on_each_other() -> None:
    drawn = history([line(name, 0.9) for name in "abcdef"], ["only"], label="")
    places = sorted(float(y) for y in re.findall(r'<text x="498" y="([\d.]+)"', drawn))
    assert len(places) == 6
    assert min(b - a for a, b in pairwise(places)) >= 13


@pytest.mark.parametrize("count", [1, 2, 5, 6, 40])
def test_runs_are_labelled_few_but_at_both_ends(count: int) -> None:
    runs = [f"run-{at:02}" for at in range(count)]
    drawn = history([line("x", *[0.5] * count)], runs, label="")
    shown = re.findall(r">(run-\d\d)</text>", drawn)
    assert len(shown) == min(count, 5)
    assert (shown[0], shown[-1]) == (runs[0], runs[-1])


def test_what_is_drawn_is_escaped_and_well_formed() -> None:
    hostile = '"><script>alert(1)</script>&'
    point = Point(0, 0.5, 0.4, 0.6, hostile)
    drawn = history([Line(hostile, [point])], [hostile], label=hostile)
    assert "<script" not in drawn
    ElementTree.fromstring(drawn)  # noqa: S314 - our own markup
    ElementTree.fromstring(interval_bar(0.5, 0.4, 0.6))  # noqa: S314
