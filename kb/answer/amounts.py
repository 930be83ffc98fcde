"""Questions for what lies between two amounts: "Which plan costs between 20 and 30 euros?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kb.answer.quote.layout import Quote
from kb.answer.quote.lines import Range, UnitKind
from kb.answer.quote.units import Unit, units_of
from kb.text.content_words import stop_words
from kb.text.figures import Figure, figures
from kb.text.language import language
from kb.text.word_lists import word_lists
from kb.text.words import words
from kb.types import Hit

_PASSAGES = 4
"""Passages that are looked through: those that an answer quotes from."""
_BETWEEN = re.compile(r"[^.?!;。？！；]{1,16}")
"""What stands between the two amounts of a range, in any language: "and", "euros to", "到"."""
_YEARS = range(1000, 2101)
_RECORDS = (UnitKind.ROW, UnitKind.LINE)
"""What is listed one under the other. Of prose, the sentence that answers is found by its words."""


@dataclass(frozen=True, slots=True)
class AmountRange:
    """From ``least`` to ``most``, both included, of one of ``units``."""

    least: float
    most: float
    units: frozenset[str]

    def holds(self, figure: Figure) -> bool:
        return bool(self.units & figure.units) and any(
            self.least <= value <= self.most for value in _values(figure)
        )


def asked_range(question: str) -> AmountRange | None:
    """Returns the range of amounts that ``question`` names; None where it names none, or none with a unit."""
    found = figures(question)
    for first, second in pairwise(found):
        if not second.units or (first.units and not first.units & second.units):
            continue
        if _is_calendar_year(second) or not _joins(
            question, question[first.end : second.start], second.units
        ):
            continue
        least, most = min(_values(first), default=0.0), max(_values(second), default=0.0)
        if least < most and _BETWEEN.fullmatch(question[first.end : second.start]):
            return AmountRange(least, most, second.units)
    return None


def _is_calendar_year(figure: Figure) -> bool:
    return figure.units == {"year"} and any(value in _YEARS for value in _values(figure))


def _joins(question: str, between: str, units: frozenset[str]) -> bool:
    """Returns whether ``between`` only joins two amounts: signs, a unit, words that say nothing ("and", "euros to").

    A language without a list of such words may write one.
    """
    said = [
        word
        for word in words(between)
        if word not in stop_words() and not any(each.units & units for each in figures(f"1 {word}"))
    ]
    return len(said) <= (0 if word_lists(language(question)).stop_words else 1)


def quotes_in_range(question: str, hits: Sequence[Hit]) -> tuple[Quote, ...]:
    """Returns the rows and lines with an amount in the range that ``question`` names, of the best passage with one."""
    asked = asked_range(question)
    if asked is None:
        return ()
    for number, hit in enumerate(hits[:_PASSAGES]):
        ranges: list[Range] = []
        for unit in units_of(hit.chunk):
            if unit.kind in _RECORDS and any(
                asked.holds(one) for one in figures(hit.chunk.text[unit.start : unit.end])
            ):
                ranges += _with_header(unit)
        if ranges:
            return (Quote(number, tuple(sorted(set(ranges)))),)
    return ()


def _with_header(unit: Unit) -> list[Range]:
    return [*unit.needed, (unit.start, unit.end)]


def _values(figure: Figure) -> list[float]:
    found = []
    for form in figure.forms:
        try:
            found.append(float(form))
        except ValueError:  # a day, a fraction
            continue
    return found
