"""Plots over time as SVG: bars of counts and lines of durations. Data -> safe markup, as in ``plots``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 320, 130
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 6, 8, 20
_STEPS = 2
"""Lines of the grid above the ground."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What is counted in one stretch of time, a number for each colour, the lowest first."""

    counts: Sequence[int]
    title: str
    """What is said when the pointer rests on it."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A value in one stretch of time."""

    at: int
    """Place of the stretch, from 0."""
    value: float
    title: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The stretches of time below a plot."""

    labels: Sequence[str]
    """One for each stretch; the first, the middle and the last are shown."""
    say: Callable[[float], str] = "{:,.0f}".format
    """How a value is written beside the plot."""


def bars(found: Sequence[Bar], colours: Sequence[str], axis: Axis, *, label: str) -> str:
    """Returns counts as bars, one on another in these ``colours`` (names of classes)."""
    top = round_above(max((sum(bar.counts) for bar in found), default=0))
    room = (_WIDTH - _LEFT - _RIGHT) / max(1, len(found))
    drawn = ""
    for at, bar in enumerate(found):
        ground = 0
        parts = ""
        for colour, count in zip(colours, bar.counts, strict=True):
            if count:
                low, high = _y(ground, top), _y(ground + count, top)
                parts += (
                    f'<rect class="{colour}" x="{_LEFT + at * room + 1:.1f}" width="{max(1.0, room - 2):.1f}" '
                    f'y="{high:.1f}" height="{low - high:.1f}"/>'
                )
                ground += count
        if parts:
            drawn += f"<g><title>{escape(bar.title)}</title>{parts}</g>"
    return _framed(drawn, axis, top, label)


def lines(found: Sequence[tuple[str, Sequence[Dot]]], axis: Axis, *, label: str) -> str:
    """Returns a line for each (class, values); a stretch without a value interrupts it."""
    top = round_above(max((dot.value for _, dots in found for dot in dots), default=0.0))
    room = (_WIDTH - _LEFT - _RIGHT) / max(1, len(axis.labels))
    drawn = ""
    for colour, dots in found:
        path, before = "", -2
        marks = ""
        for dot in dots:
            x, y = _LEFT + (dot.at + 0.5) * room, _y(dot.value, top)
            path += f"{'L' if dot.at == before + 1 else 'M'}{x:.1f} {y:.1f}"
            marks += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"><title>{escape(dot.title)}</title></circle>'
            before = dot.at
        drawn += f'<g class="{colour}"><path d="{path}"/>{marks}</g>' if path else ""
    return _framed(drawn, axis, top, label)


def round_above(value: float) -> float:
    """Returns the least of 1, 2 and 5 times a power of ten that is not below ``value``, and at least 2."""
    if value <= 2:
        return 2.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _framed(drawn: str, axis: Axis, top: float, label: str) -> str:
    grid = "".join(_grid_line(top * step / _STEPS, top, axis) for step in range(_STEPS + 1))
    last = len(axis.labels) - 1
    ends = {0: "start", last // 2: "middle", last: "end"} if last > 1 else {}
    room = (_WIDTH - _LEFT - _RIGHT) / max(1, len(axis.labels))
    places = {"start": 0.0, "middle": 0.5, "end": 1.0}
    below = "".join(
        f'<text class="axis" x="{_LEFT + (at + places[anchor]) * room:.1f}" y="{_HEIGHT - 5}" '
        f'text-anchor="{anchor}">{escape(axis.labels[at])}</text>'
        for at, anchor in ends.items()
    )
    return (
        f'<svg class="over-time" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{grid}{below}{drawn}</svg>"
    )


def _grid_line(value: float, top: float, axis: Axis) -> str:
    y = _y(value, top)
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="axis" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(axis.say(value))}</text>'
    )


def _y(value: float, top: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / top)
