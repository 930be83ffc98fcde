"""Asks a library the questions of a set and judges the results: searching, timing, answering, one step a method."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass, replace

from kb.evaluate.matching import Places
from kb.evaluate.questions import Question, QuestionSet, SetKind
from kb.evaluate.scoring import answer_contributions, search_contributions
from kb.evaluate.statistics import SEED
from kb.evaluate.summary import Outcome, Result, aggregate
from kb.ports import AnswersQuestions
from kb.types import OWNER, Answer, Hit, Searched
from kb.types import Question as AskedQuestion

DEPTH = 50
"""Passages asked for: enough for ten documents, several passages of each before them."""
TIMED = 100
"""Questions whose search and answer are timed; the rest would only narrow the 95th percentile."""
_CALLER = replace(OWNER, origin="evaluation")
_SHOWN = 10
"""Passages a person sees in a search; what is timed."""

Stopped = Callable[[], bool]
"""True once the person wants no more."""
Timing = Callable[[], AbstractContextManager[None]]
"""What is entered around work that is timed: there no cache may answer."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    step: str
    """``importing``, ``embedding``, ``searching``, ``timing``, ``answering`` or ``comparing``."""
    done: int
    total: int


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Watch:
    """Follows a run: is told how far it is, and says when it is to end."""

    report: Report = lambda _: None
    stopped: Stopped = lambda: False
    """Asked before each question; what was done until then stays."""


@dataclass(frozen=True, slots=True)
class Options:
    """What of a set is run."""

    limit: int | None = None
    """At most so many questions, drawn at random with a fixed seed; None takes all."""
    answers: int | None = 100
    """How many of them are answered too, the slowest part; None answers all, 0 none."""


def evaluate(
    question_set: QuestionSet,
    engine: AnswersQuestions,
    options: Options,
    *,
    watch: Watch,
    timing: Timing = nullcontext,
) -> Result:
    """Returns the result of searching and answering; of what was done by then, when it is stopped.

    ``timing`` is entered around the searches and answers that are timed.
    """
    questions = sampled(question_set.questions, options.limit)
    with asyncio.Runner() as runner:
        run = _Run(question_set, engine, runner, watch, timing)
        outcomes = run.searched(questions)
        outcomes = run.timed(outcomes)
        outcomes = run.answered(outcomes, options.answers)
        runner.run(engine.close_models())
    return aggregate(question_set, outcomes, cancelled=watch.stopped())


def sampled(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """Returns ``questions`` in a random order that is always the same, at most ``limit`` of them.

    Sets are sorted by document: the first hundred questions would be about a few documents.
    """
    order = sorted(questions, key=lambda question: question.id)
    random.Random(SEED).shuffle(order)
    return order[:limit]


def _asked(question: Question) -> AskedQuestion:
    """Returns a question of a set as a person would ask it; what it says is text, never a condition."""
    return AskedQuestion(question.text, history=question.history, caller=_CALLER)


class _Run:
    """One set, asked of one library; each step takes the outcomes so far and adds what it finds."""

    def __init__(
        self,
        question_set: QuestionSet,
        engine: AnswersQuestions,
        runner: asyncio.Runner,
        watch: Watch,
        timing: Timing,
    ) -> None:
        self._kind = question_set.kind
        self._engine = engine
        self._runner = runner
        self._watch = watch
        self._timing = timing
        self._places = {
            file.sha256: Places(file.content().decode())
            for file in question_set.documents
            if question_set.kind is SetKind.SPANS
        }

    def searched(self, questions: Sequence[Question]) -> list[Outcome]:
        """Returns what is found for each question, judged."""
        outcomes: list[Outcome] = []
        for done, question in enumerate(questions):
            self._watch.report(Progress("searching", done, len(questions)))
            if self._watch.stopped():
                break
            searched, hits = self._search(question)
            contributions = search_contributions(self._kind, question, hits, self._places)
            outcomes.append(Outcome(question, contributions, searched, tuple(hits)))
        return outcomes

    def _search(self, question: Question) -> tuple[str, list[Hit]]:
        """Returns what is searched for ``question``, and the hits: none for one that has no words, as in some sets."""
        if not question.text.strip():
            return question.text, []
        found = self._found(_asked(question), k=DEPTH)
        return found.question, list(found.hits)

    def _found(self, question: AskedQuestion, *, k: int) -> Searched:
        return self._runner.run(self._engine.search(question, k=k))

    def timed(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Repeats the first ``TIMED`` searches and returns them with the time that each takes a person."""
        timed = [at for at, outcome in enumerate(outcomes) if outcome.searched.strip()][:TIMED]
        if not timed or self._watch.stopped():
            return outcomes
        with self._timing():
            # not timed: it may still load something
            self._found(AskedQuestion(outcomes[timed[0]].searched, caller=_CALLER), k=_SHOWN)
            for done, at in enumerate(timed):
                self._watch.report(Progress("timing", done, len(timed)))
                if self._watch.stopped():
                    break
                started = time.perf_counter()
                self._found(AskedQuestion(outcomes[at].searched, caller=_CALLER), k=_SHOWN)
                outcomes[at] = replace(outcomes[at], search_ms=1000 * (time.perf_counter() - started))
        return outcomes

    def answered(self, outcomes: list[Outcome], count: int | None) -> list[Outcome]:
        """Answers the first ``count`` questions of which it is known how they should end; None: all of them."""
        known = [
            at
            for at, outcome in enumerate(outcomes)
            if outcome.question.answerable is not None and outcome.question.text.strip()
        ][:count]
        for done, at in enumerate(known):
            self._watch.report(Progress("answering", done, len(known)))
            if self._watch.stopped():
                break
            with self._timing() if done < TIMED else nullcontext():
                answered = self._runner.run(self._answer(outcomes[at]))
            outcomes[at] = answered if done < TIMED else replace(answered, answer_ms=None)
        return outcomes

    async def _answer(self, outcome: Outcome) -> Outcome:
        """Returns ``outcome`` with the answer to its question, and what that adds to the figures."""
        question = outcome.question
        started = time.perf_counter()
        hits: tuple[Hit, ...] = ()
        answer: Answer | None = None
        async with aclosing(self._engine.ask(_asked(question))) as events:
            async for event in events:
                if isinstance(event, Searched):
                    hits = event.hits
                elif isinstance(event, Answer):
                    answer = event
        if answer is None:
            return outcome
        return replace(
            outcome,
            contributions={**outcome.contributions, **answer_contributions(question, answer, hits)},
            answer=answer,
            answer_ms=1000 * (time.perf_counter() - started),
        )
