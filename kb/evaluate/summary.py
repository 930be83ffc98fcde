"""All questions of a set together: figures with intervals, times, what was missed, and two runs compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kb.evaluate.questions import Question, QuestionSet
from kb.evaluate.scoring import FIGURES
from kb.evaluate.statistics import Contribution, Difference, Estimate, compare, estimate, percentile
from kb.types import Answer, Hit, Missed

_SHOWN_CHARACTERS = 200
"""Of a passage that came first instead of the right one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question."""

    question: Question
    contributions: Mapping[str, Contribution]
    """What it adds to each figure, by the figure's name."""
    searched: str
    """The standalone form of a follow-up, else the question."""
    hits: tuple[Hit, ...] = ()
    search_ms: float | None = None
    """None where it was not timed."""
    answer: Answer | None = None
    answer_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One set, asked with one configuration."""

    question_set: QuestionSet
    outcomes: tuple[Outcome, ...]
    cancelled: bool = False
    """True when it was stopped; the figures are then those of the questions done."""
    figures: Mapping[str, Estimate] = field(default_factory=dict)
    """Score by name, in the order in which they are shown."""
    latencies_ms: Mapping[str, float] = field(default_factory=dict)
    """``search p50``, ``search p95``, ``answer p50``, ``answer p95``: of those that were timed."""


def aggregate(question_set: QuestionSet, outcomes: Sequence[Outcome], *, cancelled: bool) -> Result:
    """Returns the figures of ``outcomes``, with their intervals."""
    figures = {}
    for name in figure_names(outcomes):
        estimated = estimate([outcome.contributions.get(name, (0, 0)) for outcome in outcomes])
        if estimated is not None:
            figures[name] = estimated
    timed = {
        "search": [outcome.search_ms for outcome in outcomes if outcome.search_ms is not None],
        "answer": [outcome.answer_ms for outcome in outcomes if outcome.answer_ms is not None],
    }
    latencies = {
        f"{what} p{percent}": percentile(values, percent)
        for what, values in timed.items()
        if values
        for percent in (50, 95)
    }
    return Result(question_set, tuple(outcomes), cancelled, figures, latencies)


def figure_names(outcomes: Iterable[Outcome]) -> list[str]:
    """Returns the names of all figures, in the order in which they are shown."""
    named = {name for outcome in outcomes for name in outcome.contributions}
    return [name for name in FIGURES if name in named]


def compared(first: Result, second: Result) -> dict[str, Difference]:
    """Returns ``second`` less ``first`` in every figure that both have, over the questions that both have done."""
    left = {outcome.question.id: outcome.contributions for outcome in first.outcomes}
    right = {outcome.question.id: outcome.contributions for outcome in second.outcomes}
    both = [key for key in left if key in right]
    found = {}
    for name in figure_names([*first.outcomes, *second.outcomes]):
        difference = compare(
            [left[key].get(name, (0, 0)) for key in both], [right[key].get(name, (0, 0)) for key in both]
        )
        if difference is not None:
            found[name] = difference
    return found


def missed(result: Result, *, limit: int = 100) -> tuple[Missed, ...]:
    """Returns the questions for which nothing relevant was among the first five passages, at most ``limit`` of them."""
    names = {file.sha256: file.name for file in result.question_set.documents}
    found = []
    for outcome in result.outcomes:
        value = outcome.contributions.get("hit@5", outcome.contributions.get("chunk recall@5"))
        if value is not None and value[0] == 0:
            found.append(_missed(outcome, names))
    return tuple(found[:limit])


def _missed(outcome: Outcome, names: Mapping[str, str]) -> Missed:
    gold = outcome.question.gold[0]
    page = f", page {gold.pages[0]}" if gold.pages else ""
    first = outcome.hits[0] if outcome.hits else None
    return Missed(
        question=outcome.question.text,
        wanted=names.get(gold.document, gold.document) + page,
        found=first.document.name if first else "",
        passage=first.chunk.text[:_SHOWN_CHARACTERS] if first else "",
    )
