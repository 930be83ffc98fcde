"""A claim written as its passages write the same values: clock times, amounts in another unit, bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from math import isclose

from kb.text.clock import clock_times
from kb.text.figures import Figure, figures, normal_form
from kb.text.word_lists import all_word_lists

_SCALES: tuple[Mapping[str, float], ...] = (
    {"mm": 0.001, "cm": 0.01, "m": 1, "km": 1000},
    {"g": 1, "kg": 1000, "t": 1_000_000},
    {"ml": 0.001, "l": 1},
    {"W": 1, "kW": 1000, "MW": 1_000_000},
    {"s": 1, "min": 60, "h": 3600},
)
"""Symbols of units -> what they are of one another. Between systems (miles and kilometres) a text rounds."""


def plain(text: str) -> str:
    """Returns ``text`` in its ``normal_form``, bounds before a number in one wording: "at least 30"."""
    text = normal_form(text)
    for pattern, wording in _bounds():
        text = pattern.sub(wording, text)
    return text


def as_written_in(passages: str, claim: str) -> str:
    """Returns ``claim`` with its clock times and amounts in the words that ``passages`` have for the same.

    Both are ``plain``. What the passages do not have stays as it is.
    """
    for start, end, written in sorted(_same(claim, passages), reverse=True):
        claim = claim[:start] + written + claim[end:]
    return claim


def other_clock_time(claim: str, passages: str) -> str | None:
    """Returns a clock time of ``claim``, as it is written, where the passages have other ones only."""
    held = clock_times(passages)
    for each in clock_times(claim) if held else ():
        if not any(each.equals(other) for other in held):
            return claim[each.start : each.end]
    return None


def _same(claim: str, passages: str) -> Iterator[tuple[int, int, str]]:
    held_times = clock_times(passages)
    times = clock_times(claim)
    for each in times:
        same = next((other for other in held_times if each.equals(other)), None)
        if same is not None:
            yield each.start, each.end, passages[same.start : same.end]
    scaled = [each for each in figures(claim) if _scale(each)[0]]
    held = figures(passages) if scaled else []
    for figure in scaled:
        other = _same_amount(figure, held)
        if other is not None and not any(each.start < figure.end <= each.end for each in times):
            end, last = _behind_unit(claim, figure), _behind_unit(passages, other)
            if end is not None and last is not None:
                yield figure.start, end, passages[other.start : last]


def _same_amount(figure: Figure, held: Sequence[Figure]) -> Figure | None:
    """Returns a figure that says the same in another unit; None where one says it in the same or none does."""
    scale, unit = _scale(figure)
    if scale is None or any(figure.equals(each) and each.units == figure.units for each in held):
        return None
    for each in held:
        other_scale, other = _scale(each)
        pairs = product(_values(figure), _values(each))
        if other_scale is scale and any(isclose(one * scale[unit], two * scale[other]) for one, two in pairs):
            return each
    return None


def _scale(figure: Figure) -> tuple[Mapping[str, float] | None, str]:
    unit = next(iter(figure.units), "") if len(figure.units) == 1 else ""
    return next((scale for scale in _SCALES if unit in scale), None), unit


def _values(figure: Figure) -> list[float]:
    return [float(form) for form in figure.forms]


def _behind_unit(text: str, figure: Figure) -> int | None:
    """Returns where the unit behind a figure ends; None where it stands before it."""
    found = re.compile(r"[ \u00a0-]?[^\W\d_]{1,20}").match(text, figure.end)
    return found.end() if found else None


@cache
def _bounds() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for each in all_word_lists():
        for line in each.bounds:
            wording, others = line.split(" = ")
            ways = "|".join(re.escape(way.strip()) for way in others.split(","))
            edge = r"\b" if wording.isascii() else ""
            found.append((re.compile(rf"{edge}(?:{ways}){edge}(?=[^\w\n]{{0,3}}\d)", re.IGNORECASE), wording))
    return found
