"""What is quoted beside the best unit because it is of the type that is asked for: when, where, how much, who, why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.answer.quote.lines import Range, UnitKind
from kb.answer.quote.scoring import Scored
from kb.answer.quote.units import units_of
from kb.text.answer_type import AnswerType, expected_type, holds_asked_unit, holds_counted, holds_type
from kb.text.item_numbers import without_item_number
from kb.text.language import language
from kb.types import Hit


def of_asked_type(
    question: str, ranked: Sequence[Scored], hits: Sequence[Hit], *, farthest: float
) -> tuple[int, Range] | None:
    """Returns what holds what ``question`` asks for where the best of ``ranked`` does not: a passage, and its range.

    "Wait until the light is green. This takes two minutes." answers how long it takes by its second sentence, though
    the first one is nearer to the question. First what stands beside the best is looked at, then the units of its
    passage, then those of its document that score at most ``farthest`` below it. None where nothing of that holds
    it, or nothing can be told: where the question's words say no type, or the best holds it.
    """
    best = ranked[0]
    text = hits[best.hit].chunk.text
    code = language(question, likely=[language(text)])
    kind = expected_type(question, code)
    if kind is None:
        return None
    if _holds(question, code, kind, best, text) is not False:
        return _counting(question, code, ranked, hits, farthest=farthest)
    for start, end in _beside(best, hits[best.hit]):
        if holds_type(text[start:end], kind, question, code):
            return best.hit, (start, end)
    near = [
        one
        for one in _of_its_document(ranked, hits, farthest=farthest)
        if _holds(question, code, kind, one, hits[one.hit].chunk.text)
    ]
    with_unit = [one for one in near if holds_asked_unit(one.text, question, code)]
    return next(((one.hit, (one.unit.start, one.unit.end)) for one in (*with_unit, *near)), None)


def _counting(
    question: str, code: str, ranked: Sequence[Scored], hits: Sequence[Hit], *, farthest: float
) -> tuple[int, Range] | None:
    """Returns what counts the things that are asked the number of, where the best has the number of others alone."""
    if holds_counted(ranked[0].text, question, code) is not False:
        return None
    near = _of_its_document(ranked, hits, farthest=farthest)
    return next(
        (
            (one.hit, (one.unit.start, one.unit.end))
            for one in near
            if holds_counted(one.text, question, code)
        ),
        None,
    )


def _of_its_document(ranked: Sequence[Scored], hits: Sequence[Hit], *, farthest: float) -> Iterator[Scored]:
    """Yields what stands in the passage of the best, and in its document at most ``farthest`` below it."""
    best = ranked[0]
    for one in ranked[1:]:
        if hits[one.hit].document.id == hits[best.hit].document.id and (
            one.hit == best.hit or best.score - one.score <= farthest
        ):
            yield one


def _holds(question: str, code: str, kind: AnswerType, one: Scored, text: str) -> bool | None:
    """Returns whether ``one`` holds what is asked for, with what it leads in to; the number of an item is no amount."""
    said = " ".join(text[start:end] for start, end in ((one.unit.start, one.unit.end), *one.unit.below))
    return holds_type(without_item_number(said), kind, question, code)


def _beside(one: Scored, hit: Hit) -> Iterator[Range]:
    """Yields the next sentence of the same line, the titles from below, and the sentence before."""
    if one.unit.kind is UnitKind.ROW:
        return
    text, unit, units = hit.chunk.text, one.unit, units_of(hit.chunk)
    following = units[one.index + 1 : one.index + 2]
    yield from ((each.start, each.end) for each in following if "\n" not in text[unit.end : each.start])
    yield from reversed(unit.above)
    before = units[max(0, one.index - 1) : one.index]
    yield from ((each.start, each.end) for each in before if "\n" not in text[each.end : unit.start])
