"""A claim written as its passages write the same values: clock times, amounts, ratios, bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from math import isclose

from kb.text.clock import clock_times
from kb.text.dates import dates
from kb.text.figures import Figure, behind_unit, figures, normal_form
from kb.text.spelt_numbers import han_value
from kb.text.word_lists import all_word_lists

_SCALES: tuple[Mapping[str, float], ...] = (
    {"mm": 0.001, "cm": 0.01, "m": 1, "km": 1000},
    {"g": 1, "kg": 1000, "t": 1_000_000},
    {"ml": 0.001, "l": 1},
    {"W": 1, "kW": 1000, "MW": 1_000_000},
    {"s": 1, "min": 60, "h": 3600, "d": 86_400, "week": 604_800},
    {"month": 1, "year": 12, "decade": 120, "century": 1200},
)
"""Symbols of units -> what they are of one another. Between systems (miles and kilometres) a text rounds."""


_BEFORE = re.compile(r"[^\w\n]{0,3}")
"""What stands between a bound and its number."""
_RATIO = re.compile(r"(?<![\d.,])([1-9]) (?:in|out of) ([2-9]|10{1,5})(?![\d.,]*\d|[\w%])")
_FRACTION = re.compile(r"(?<![\d.,/⁄])([1-9])[/⁄]([2-9]|10)(?= of\b)")
_OF_PARTS = re.compile(
    r"([1-9]\d?|[一二两三四五六七八九十]{1,3})分[之の]([1-9]\d?|[一二两三四五六七八九十]{1,3})"
)
"""The whole first, then the part: 四分之三 is three quarters. 百分之 is a unit."""
_JOINT = re.compile(r" ?(?:and |, ?)?")
"""What stands between the parts of one amount: 1 h 42 min, 2 years and 3 months."""


def plain(text: str) -> str:
    """Returns ``text`` in its ``normal_form``, what says the same in one wording.

    Bounds before a number ("at least 30"), amounts without one ("half an hour" is 30 minutes), amounts in two units
    (1 h 42 min is 102 min), shares and fractions (1 in 10 is 10 %, 3/4 of and 四分之三 are 75 %).
    """
    text = normal_form(text)
    for pattern, wording in _amounts():
        text = pattern.sub(wording, text)
    for pattern in (_RATIO, _FRACTION):
        text = pattern.sub(lambda found: _share(int(found[1]), int(found[2])), text)
    text = _OF_PARTS.sub(_of_parts, text)
    text = _summed(text)
    for pattern, wording in _bounds():
        if pattern.search(text):
            text = _reworded(text, pattern, wording)
    return text


def _share(part: float, whole: float) -> str:
    """Returns a share as texts write it: one decimal or none, so that a third is 33 %; of 10,000 all that it has."""
    percent = 100 * part / whole
    return f"{percent:.6g}%" if percent < 1 or isclose(percent, round(percent, 1)) else f"{percent:.0f}%"


def _of_parts(found: re.Match[str]) -> str:
    whole, part = (float(each) if each.isdecimal() else han_value(each) for each in found.groups())
    return _share(part, whole) if whole and part else found.group()


def _reworded(text: str, pattern: re.Pattern[str], wording: str) -> str:
    """Returns ``text`` with ``wording`` in the place of ``pattern`` wherever a figure is right behind it."""
    starts = {each.start for each in figures(text)}

    def reworded(found: re.Match[str]) -> str:
        between = _BEFORE.match(text, found.end())
        last = between.end() if between else found.end()
        return wording if any(at in starts for at in range(found.end(), last + 1)) else found.group()

    return pattern.sub(reworded, text)


def _summed(text: str) -> str:
    """Returns ``text`` with amounts of two units of one scale, the larger first, in the smaller one."""
    found = _amounts_of(text)
    for one, two in reversed(list(pairwise(found))):
        (scale, large), (other, small) = _scale(one), _scale(two)
        end, last = behind_unit(text, one.end), behind_unit(text, two.end)
        if scale is None or scale is not other or scale[large] <= scale[small] or end is None or last is None:
            continue
        if end <= two.start and _JOINT.fullmatch(text[end : two.start]):
            total = _values(one)[0] * scale[large] / scale[small] + _values(two)[0]
            text = f"{text[: one.start]}{total:.10g}{text[two.end :]}"
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


def periods(text: str) -> dict[str, str]:
    """Returns how often something is said to be, as a unit of time -> how it is written: "per month", "monthly"."""
    return {unit: found.group() for pattern, unit in _periods() if (found := pattern.search(text))}


def _same(claim: str, passages: str) -> Iterator[tuple[int, int, str]]:
    held_times = clock_times(passages)
    times = clock_times(claim)
    for each in times:
        same = next((other for other in held_times if each.equals(other)), None)
        if same is not None:
            yield each.start, each.end, passages[same.start : same.end]
    measured = _amounts_of(claim)
    held = _amounts_of(passages) if measured else []
    for figure in measured:
        other = _in_other_writing(figure, held) or _same_amount(figure, held)
        if other is not None and not any(each.start < figure.end <= each.end for each in times):
            end, last = behind_unit(claim, figure.end), behind_unit(passages, other.end)
            if end is not None and last is not None:
                yield figure.start, end, passages[other.start : last]


def _amounts_of(text: str) -> list[Figure]:
    """Returns the figures with a unit, but for those of dates: in Chinese they have the words for units behind them."""
    found = [each for each in figures(text) if each.units]
    days = dates(text) if found else ()
    return [each for each in found if not any(day.start < each.end <= day.end + 1 for day in days)]


def _in_other_writing(figure: Figure, held: Sequence[Figure]) -> Figure | None:
    """Returns a figure with the same unit, which may be written otherwise: 15 % and 15 percent, 十五天 and 15日."""
    return next((each for each in held if figure.equals(each) and each.units == figure.units), None)


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


@cache
def _bounds() -> list[tuple[re.Pattern[str], str]]:
    return [_ways(line) for each in all_word_lists() for line in each.bounds]


@cache
def _periods() -> list[tuple[re.Pattern[str], str]]:
    return [_ways(line) for each in all_word_lists() for line in each.periods]


@cache
def _amounts() -> list[tuple[re.Pattern[str], str]]:
    return [_ways(line) for each in all_word_lists() for line in each.amounts]


def _ways(line: str) -> tuple[re.Pattern[str], str]:
    """Returns what finds the other ways of saying what stands first in a line, and that."""
    wording, others = line.split(" = ")
    ways = "|".join(re.escape(way.strip()) for way in others.split(","))
    edge = r"\b" if ways.isascii() else ""
    return re.compile(rf"{edge}(?:{ways}){edge}", re.IGNORECASE), wording
