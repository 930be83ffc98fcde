"""Asks a library the questions of a set, judges what comes, and sums it up. One step a function."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass, field, replace
from typing import Protocol

from kb.evaluate import metrics
from kb.evaluate.datasets import Question, QuestionSet, SetKind
from kb.evaluate.judge import Places, found_spans, holds, ranking, squashed, statements
from kb.evaluate.statistics import SEED, Difference, Estimate, Share, compare, estimate, percentile
from kb.state.evaluations import Missed
from kb.types import Answer, AnswerEvent, Hit, Searched, Turn

DEPTH = 50
"""Passages asked for: enough for ten documents, several passages of each before them."""
CHUNKS = 5
"""Passages whose characters are counted, as in the published figures of the chunking set."""
TIMED = 100
"""Questions whose search and answer are timed; the rest would only narrow the 95th percentile."""
_SHOWN_CHARACTERS = 200
"""Of a passage that came first instead of the right one."""
_SHOWN = 10
"""Passages a person sees in a search; what is timed."""

Stopped = Callable[[], bool]
"""True once the person wants no more."""
Timing = Callable[[], AbstractContextManager[None]]
"""What is entered around work that is timed: there nothing may be remembered."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    step: str
    """``importing``, ``embedding``, ``searching``, ``timing``, ``answering`` or ``comparing``."""
    done: int
    total: int


Report = Callable[[Progress], None]


class Library(Protocol):
    """What is evaluated: ``kb.knowledge_base.KnowledgeBase``, or one with other settings."""

    def search(self, question: str, *, k: int = 10, collection: str | None = None) -> list[Hit]:
        """The ``k`` best passages."""
        ...

    def ask(
        self,
        question: str,
        *,
        collection: str | None = None,
        model: str | None = None,
        history: Sequence[Turn] = (),
    ) -> AsyncGenerator[AnswerEvent, None]:
        """What was found, the answer as it comes, and the finished answer."""
        ...

    async def close_models(self) -> None:
        """Frees the answering models, in the event loop that used them."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What of a set is run."""

    limit: int | None = None
    """At most so many questions, drawn at random with a fixed seed; None takes all."""
    answers: int | None = 100
    """How many of them are answered too, the slowest part; None answers all, 0 none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question."""

    question: Question
    shares: Mapping[str, Share]
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
    """A set, asked with one setting."""

    question_set: QuestionSet
    outcomes: tuple[Outcome, ...]
    cancelled: bool = False
    """True when it was stopped; the figures are then those of the questions done."""
    figures: Mapping[str, Estimate] = field(default_factory=dict)
    """Score by name, in the order in which they are shown."""
    latencies_ms: Mapping[str, float] = field(default_factory=dict)
    """``search p50``, ``search p95``, ``answer p50``, ``answer p95``: of those that were timed."""


def evaluate(
    question_set: QuestionSet,
    library: Library,
    options: Options,
    *,
    report: Report = lambda _: None,
    stopped: Stopped = lambda: False,
    timing: Timing = nullcontext,
) -> Result:
    """Searches and answers, then sums up; what was done by then when ``stopped`` says true.

    ``timing`` is entered around the searches and answers that are timed.
    """
    questions = drawn(question_set.questions, options.limit)
    answered = len(questions) if options.answers is None else options.answers
    places = {
        file.sha256: Places(file.content().decode())
        for file in question_set.documents
        if question_set.kind is SetKind.SPANS
    }
    with asyncio.Runner() as runner:
        outcomes = list(_searched(question_set.kind, questions, places, library, runner, report, stopped))
        outcomes = _timed(outcomes, library, timing, report, stopped)
        outcomes = _answered(outcomes, answered, library, runner, timing, report, stopped)
        runner.run(library.close_models())
    return summed_up(question_set, outcomes, cancelled=stopped())


def drawn(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """``questions`` in a random order that is always the same, at most ``limit`` of them.

    Sets are sorted by document: the first hundred questions would be about a few documents.
    """
    order = sorted(questions, key=lambda question: question.id)
    random.Random(SEED).shuffle(order)
    return order[:limit]


def summed_up(question_set: QuestionSet, outcomes: Sequence[Outcome], *, cancelled: bool) -> Result:
    """The figures of ``outcomes``, with their intervals."""
    figures = {}
    for name in figure_names(outcomes):
        estimated = estimate([outcome.shares.get(name, (0, 0)) for outcome in outcomes])
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
    """The names of all figures, in the order in which they are shown."""
    named = {name for outcome in outcomes for name in outcome.shares}
    return [name for name in FIGURES if name in named]


def compared(first: Result, second: Result) -> dict[str, Difference]:
    """``second`` less ``first`` in every figure that both have, over the questions that both have done."""
    left = {outcome.question.id: outcome.shares for outcome in first.outcomes}
    right = {outcome.question.id: outcome.shares for outcome in second.outcomes}
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
    """The questions for which nothing right was among the first five passages, at most ``limit`` of them."""
    names = {file.sha256: file.name for file in result.question_set.documents}
    found = []
    for outcome in result.outcomes:
        value = outcome.shares.get("hit@5", outcome.shares.get("chunk recall@5"))
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


FIGURES = (
    "hit@1",
    "hit@5",
    "recall@1",
    "recall@5",
    "recall@10",
    "mrr@10",
    "ndcg@10",
    "document@1",
    "document@5",
    "page@1",
    "chunk recall@5",
    "chunk precision@5",
    "chunk iou@5",
    "answer contains",
    "citation precision",
    "citation recall",
    "refusal precision",
    "refusal recall",
)
"""Every figure there is, in the order in which they are shown; docs/evaluation.md explains each."""


# --- Searching --------------------------------------------------------------------------------


def _searched(
    kind: SetKind,
    questions: Sequence[Question],
    places: Mapping[str, Places],
    library: Library,
    runner: asyncio.Runner,
    report: Report,
    stopped: Stopped,
) -> Iterator[Outcome]:
    for done, question in enumerate(questions):
        report(Progress("searching", done, len(questions)))
        if stopped():
            return
        searched = runner.run(_standalone(library, question)) if question.history else question.text
        hits = library.search(searched, k=DEPTH)
        yield Outcome(question, _search_shares(kind, question, hits, places), searched, tuple(hits))
    report(Progress("searching", len(questions), len(questions)))


async def _standalone(library: Library, question: Question) -> str:
    """What the library searches for when ``question`` follows up on its history."""
    async with aclosing(library.ask(question.text, history=question.history)) as events:
        async for event in events:
            if isinstance(event, Searched):
                return event.question
    return question.text


def _search_shares(
    kind: SetKind, question: Question, hits: Sequence[Hit], places: Mapping[str, Places]
) -> dict[str, Share]:
    if not question.gold:
        return {}
    if kind is SetKind.SPANS:
        spans = found_spans(question, hits[:CHUNKS], places)
        overlap = metrics.chunk_overlap(spans, [gold.span for gold in question.gold if gold.span])
        values = {
            "chunk recall@5": overlap.recall,
            "chunk precision@5": overlap.precision,
            "chunk iou@5": overlap.iou,
        }
    else:
        values = _rank_values(question, ranking(question, hits, kind))
        if kind is SetKind.PASSAGES:
            values |= _place_values(question, hits)
    return {name: (value, 1.0) for name, value in values.items()}


def _rank_values(question: Question, ranked: Sequence[str]) -> dict[str, float]:
    gains = {gold.id: gold.gain for gold in question.gold}
    return {
        "hit@1": metrics.hit_at(1, ranked, gains),
        "hit@5": metrics.hit_at(5, ranked, gains),
        **{f"recall@{k}": metrics.recall_at(k, ranked, gains) for k in (1, 5, 10)},
        "mrr@10": metrics.reciprocal_rank(10, ranked, gains),
        "ndcg@10": metrics.ndcg_at(10, ranked, gains),
    }


def _place_values(question: Question, hits: Sequence[Hit]) -> dict[str, float]:
    """Whether the right document was found at all, and whether the first hit in it names the right page."""
    documents = {gold.document for gold in question.gold if gold.document}
    right = [bool(documents & {hit.document.sha256, hit.document.name}) for hit in hits[:5]]
    values = {}
    if documents:
        values = {"document@1": float(any(right[:1])), "document@5": float(any(right))}
    pages = [gold.pages for gold in question.gold if gold.pages]
    if pages and any(right[:1]):
        named = hits[0].chunk.anchor.page
        values["page@1"] = float(named is not None and any(a <= named <= z for a, z in pages))
    return values


# --- Time -------------------------------------------------------------------------------------


def _timed(
    outcomes: list[Outcome],
    library: Library,
    timing: Timing,
    report: Report,
    stopped: Stopped,
) -> list[Outcome]:
    """``outcomes`` with the time that a search takes, for the first of them."""
    count = min(TIMED, len(outcomes))
    if not count or stopped():
        return outcomes
    with timing():
        library.search(outcomes[0].searched, k=_SHOWN)  # not timed: it may still load something
        for at in range(count):
            report(Progress("timing", at, count))
            if stopped():
                break
            started = time.perf_counter()
            library.search(outcomes[at].searched, k=_SHOWN)
            outcomes[at] = replace(outcomes[at], search_ms=1000 * (time.perf_counter() - started))
    return outcomes


# --- Answering --------------------------------------------------------------------------------


def _answered(
    outcomes: list[Outcome],
    count: int,
    library: Library,
    runner: asyncio.Runner,
    timing: Timing,
    report: Report,
    stopped: Stopped,
) -> list[Outcome]:
    """``outcomes`` with answers to the first ``count`` questions of which it is known how they should end."""
    known = [at for at, outcome in enumerate(outcomes) if outcome.question.answerable is not None][:count]
    for done, at in enumerate(known):
        report(Progress("answering", done, len(known)))
        if stopped():
            break
        with timing() if done < TIMED else nullcontext():
            answered = runner.run(_answer(library, outcomes[at]))
        outcomes[at] = answered if done < TIMED else replace(answered, answer_ms=None)
    return outcomes


async def _answer(library: Library, outcome: Outcome) -> Outcome:
    """``outcome`` with the answer to its question, and what that adds to the figures."""
    question = outcome.question
    started = time.perf_counter()
    hits: tuple[Hit, ...] = ()
    answer: Answer | None = None
    async with aclosing(library.ask(question.text, history=question.history)) as events:
        async for event in events:
            if isinstance(event, Searched):
                hits = event.hits
            elif isinstance(event, Answer):
                answer = event
    if answer is None:
        return outcome
    return replace(
        outcome,
        shares={**outcome.shares, **_answer_shares(question, answer, hits)},
        answer=answer,
        answer_ms=1000 * (time.perf_counter() - started),
    )


def _answer_shares(question: Question, answer: Answer, hits: Sequence[Hit]) -> dict[str, Share]:
    unanswerable = question.answerable is False
    right = float(answer.refused and unanswerable)
    shares: dict[str, Share] = {
        "refusal precision": (right, float(answer.refused)),
        "refusal recall": (right, float(unanswerable)),
    }
    if unanswerable or answer.refused:
        return shares
    if question.answers:
        text = squashed(answer.text)
        shares["answer contains"] = (float(any(squashed(each) in text for each in question.answers)), 1.0)
    if question.gold and not any(gold.span for gold in question.gold):
        shares |= _citation_shares(question, answer, hits)
    return shares


def _citation_shares(question: Question, answer: Answer, hits: Sequence[Hit]) -> dict[str, Share]:
    """Footnotes, judged by what is known to answer the question: see docs/evaluation.md for what that misses."""
    golden = {
        number
        for number, hit in enumerate(hits, start=1)
        if any(holds(gold, hit.chunk, (hit.document.sha256, hit.document.name)) for gold in question.gold)
    }

    def supports(_statement: str, numbers: Sequence[int]) -> bool:
        return not golden.isdisjoint(numbers)

    claims = statements(answer.text)
    found = {
        "citation precision": metrics.citation_precision(claims, supports),
        "citation recall": metrics.citation_recall(claims, supports),
    }
    return {name: (value, 1.0) for name, value in found.items() if value is not None}
