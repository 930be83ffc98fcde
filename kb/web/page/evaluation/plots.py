"""Small plots as SVG: a score with its interval, and scores over time. Data -> safe markup.

Drawn here and not by a plotting library, which would be larger than the rest of the app's page: a
report stands alone in one file, and the page's policy lets no script draw it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 150, 10, 26
_LABEL_GAP = 14
"""Least distance of two labels at the end of their lines, in pixels."""


@dataclass(frozen=True, slots=True)
class Point:
    """A score of one run."""

    at: int
    """Place of the run, from 0."""
    value: float
    low: float
    high: float
    title: str
    """What is said when the pointer rests on it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over all runs that have it."""

    name: str
    points: Sequence[Point]


def interval_bar(value: float, low: float, high: float) -> str:
    """Returns a score from 0 to 1 as a dot on a scale, with its interval as a line."""
    x0, x1, x = (round(4 + 112 * min(max(number, 0.0), 1.0), 1) for number in (low, high, value))
    return (
        '<svg class="interval" viewBox="0 0 120 14" width="120" height="14" aria-hidden="true">'
        '<line class="scale" x1="4" x2="116" y1="7" y2="7"/>'
        f'<line class="range" x1="{x0}" x2="{x1}" y1="7" y2="7"/><circle cx="{x}" cy="7" r="3.5"/></svg>'
    )


def history(lines: Sequence[Line], runs: Sequence[str], *, label: str) -> str:
    """Returns scores up to 1 over runs, oldest left, with intervals; ``runs`` are the words below the axis."""
    bottom = _bottom(point.low for line in lines for point in line.points)
    body = "".join(_grid_line(bottom + (1 - bottom) * step / 4, bottom) for step in range(5))
    body += "".join(_run_label(at, runs) for at in _labelled(len(runs)))
    ends = _label_places([_y(line.points[-1].value, bottom) for line in lines])
    for number, (line, end) in enumerate(zip(lines, ends, strict=True)):
        body += _line(line, len(runs), bottom, f"line-{number % 6}", end)
    return (
        f'<svg class="history" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{body}</svg>"
    )


def _bottom(lows: Iterable[float]) -> float:
    """Returns the lower end of the scale: below every value, at a fifth, so that its steps are round."""
    return min(0.8, math.floor(5 * max(0.0, min(lows, default=0.0))) / 5)


def _line(line: Line, runs: int, bottom: float, colour: str, label_y: float) -> str:
    places = [(_x(point.at, runs), _y(point.value, bottom), point) for point in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    dots = "".join(
        f'<g><title>{escape(point.title)}</title><line class="whisker" x1="{x:.1f}" x2="{x:.1f}" '
        f'y1="{_y(point.low, bottom):.1f}" y2="{_y(point.high, bottom):.1f}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/></g>'
        for x, y, point in places
    )
    label = f"{escape(line.name)} {line.points[-1].value:.3f}"
    return (
        f'<g class="{colour}"><polyline points="{path}"/>{dots}'
        f'<text x="{_WIDTH - _RIGHT + 8}" y="{label_y + 4:.1f}">{label}</text></g>'
    )


def _grid_line(share: float, bottom: float) -> str:
    y = _y(share, bottom)
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="axis" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:.2f}</text>'
    )


def _run_label(at: int, runs: Sequence[str]) -> str:
    return (
        f'<text class="axis" x="{_x(at, len(runs)):.1f}" y="{_HEIGHT - 6}" text-anchor="middle">'
        f"{escape(runs[at])}</text>"
    )


def _labelled(count: int) -> list[int]:
    """Returns the runs that are labelled: at most five, the first and the last among them."""
    if count <= 5:
        return list(range(count))
    return sorted({round(step * (count - 1) / 4) for step in range(5)})


def _label_places(heights: Sequence[float]) -> list[float]:
    """Returns where the labels stand, in the order of ``heights``: at their line, or lower where they would overlap."""
    places = [0.0] * len(heights)
    lowest = 0.0
    for index in sorted(range(len(heights)), key=lambda index: heights[index]):
        lowest = places[index] = max(heights[index], lowest + _LABEL_GAP)
    return places


def _x(at: int, runs: int) -> float:
    room = _WIDTH - _LEFT - _RIGHT
    return _LEFT + (room / 2 if runs == 1 else 12 + (room - 24) * at / (runs - 1))


def _y(share: float, bottom: float) -> float:
    height = (min(max(share, bottom), 1.0) - bottom) / (1 - bottom)
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - height)
