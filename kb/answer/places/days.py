"""Questions for a day that is not there, though the days around it are: of a diary, a timetable, a rota."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from kb.answer.quote.lines import UnitKind
from kb.answer.quote.scoring import days_of
from kb.answer.quote.units import Unit, begins_with_day, units_of
from kb.text.answer_type import AnswerType, expected_type
from kb.text.dates import dates
from kb.text.language import language
from kb.types import Hit

_SERIES = 3
"""Days that the lines or columns of one passage are for, before one that is missing there counts as missing."""
_TOGETHER = 12
"""Characters between two days that may be the ends of a span."""
_JOINS = re.compile(r"\W*\w{0,5}\W*")
"""What may join the ends of a span: a sign, or one short word."""
_PASSAGES = 3


def lacks_asked_day(question: str, hits: Sequence[Hit]) -> bool:
    """Returns whether ``question`` names a day, of the month or of the week, that none of ``hits`` names, though the
    lines, rows or columns of one of the best are each for another one.

    A passage with a span of days may hold it unsaid. Where a date is asked for, another may be the answer.
    """
    asked = days_of(question)
    if not asked or expected_type(question, language(question)) is AnswerType.DATE:
        return False
    by_day = [hit for hit in hits[:_PASSAGES] if _is_by_day(hit, asked)]
    documents = {hit.document.id for hit in by_day}
    read = [hit for place, hit in enumerate(hits) if place < _PASSAGES or hit.document.id in documents]
    return bool(by_day) and not any(
        asked & days_of(hit.chunk.text) or _has_span(hit.chunk.text) for hit in read
    )


def _is_by_day(hit: Hit, asked: frozenset[str]) -> bool:
    text = hit.chunk.text
    kinds = {_is_of_week(day) for day in asked}
    days = frozenset(
        day for unit in units_of(hit.chunk) for day in _days(unit, text) if _is_of_week(day) in kinds
    )
    return len(days) >= _SERIES


def _days(unit: Unit, text: str) -> frozenset[str]:
    """Returns the days that ``unit`` is for: those of the columns of a row and of its first cell, that of a line."""
    above = " ".join(text[start:end] for start, end in unit.needed)
    said = text[unit.start : unit.end]
    named = days_of(above) if unit.kind is UnitKind.ROW or begins_with_day(above) else frozenset()
    return named | (days_of(said) if begins_with_day(said) else frozenset())


def _is_of_week(day: str) -> bool:
    return " " in day


def _has_span(text: str) -> bool:
    """Returns whether two days of the month stand so near each other that they may be the ends of a span."""
    found = [(date.start, date.end) for date in dates(text)]
    return any(
        start - end <= _TOGETHER and "\n" not in text[end:start] and _JOINS.fullmatch(text[end:start])
        for (_, end), (start, _) in pairwise(found)
    )
