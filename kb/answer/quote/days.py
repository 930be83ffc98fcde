"""Which units are about another day than the one that is asked for: the next line of a diary, the next row."""

from __future__ import annotations

from collections.abc import Sequence

from kb.answer.quote.lines import UnitKind
from kb.answer.quote.scoring import Scored, days_of
from kb.answer.quote.units import begins_with_day
from kb.text.answer_type import AnswerType, expected_type
from kb.text.language import language
from kb.types import Hit


def without_other_days(question: str, ranked: Sequence[Scored], hits: Sequence[Hit]) -> list[Scored]:
    """Returns ``ranked`` without what is about another day, where something is about the one that ``question`` names.

    A day of the month or of the week. A row is about the days in it, a line about the one that it begins with. Where a
    date is asked for ("When was the order of 3 May sent?"), the next line may have it.
    """
    named = days_of(question)
    if not named:
        return list(ranked)
    wants_date = expected_type(question, language(question)) is AnswerType.DATE
    days = [_days(one, hits[one.hit].chunk.text, rows_alone=wants_date) for one in ranked]
    if all(each.isdisjoint(named) for each in days):
        return list(ranked)
    return [one for one, own in zip(ranked, days, strict=True) if not own or not own.isdisjoint(named)]


def _days(one: Scored, text: str, *, rows_alone: bool) -> frozenset[str]:
    """Returns the days that ``one`` is about; none where nothing says."""
    if one.unit.kind is UnitKind.ROW:
        return days_of(one.text)
    if rows_alone:
        return frozenset()
    dated = one.unit.above[-1:] if one.unit.needs_above else ()
    above = days_of(" ".join(text[start:end] for start, end in dated))
    return above or (days_of(one.text) if begins_with_day(one.text) else frozenset())
