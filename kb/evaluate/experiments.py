"""Evaluation as people start it: which sets, which library, which settings, and where results are stored."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kb.config import Settings, current_name, is_secret, load_settings, set_here, with_set_here
from kb.errors import BadInput, Misconfigured
from kb.evaluate.corpora import EvaluationLibraries, OpenLibrary, decides_import
from kb.evaluate.datasets import read_sets
from kb.evaluate.questions import QuestionSet, answerable_from, labelled_set
from kb.evaluate.run import Options, Progress, Watch, evaluate
from kb.evaluate.statistics import Difference, Estimate
from kb.evaluate.summary import Result, compared, missed
from kb.system.home_layout import HomeLayout
from kb.system.redact import MASK, redacted
from kb.types import Caller, DocumentState, Evaluation, Figure

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase
    from kb.ports import Worker


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What a person wants measured."""

    caller: Caller = field(kw_only=True)
    """Who wants it: whose questions are asked and whose documents, and whose the results are."""
    folders: tuple[Path, ...] = ()
    kept: bool = False
    """Whether the labelled questions are asked too, of the person's own library."""
    config: Mapping[str, str] = field(default_factory=dict)
    """Settings other than those in use, by ``section.name`` or an old name, as written on the command line."""
    compare: Mapping[str, str] = field(default_factory=dict)
    """Settings on top of ``config`` for a second run; empty for none."""
    options: Options = field(default_factory=Options)
    fresh: bool = False
    """Whether libraries that are there from earlier are built anew."""


@dataclass(frozen=True, slots=True)
class RunConfig:
    """The settings of one run."""

    given: Mapping[str, str]
    """Those that were asked for, as they were written."""
    settings: Settings
    """All of them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A request whose sets are read and whose settings are valid."""

    caller: Caller
    sets: tuple[QuestionSet, ...]
    setups: tuple[RunConfig, ...]
    """One, or the two that are compared."""
    options: Options
    fresh: bool
    notes: tuple[str, ...] = ()
    """What the settings have to say of what was asked for, such as a key that is not sent; a sentence each."""

    @property
    def asks_own_library(self) -> bool:
        """Whether a set is asked of the person's own documents."""
        return any(not each.documents for each in self.sets)


@dataclass(frozen=True, slots=True)
class Measured:
    """One set with one configuration: what is stored of it, and all that was found."""

    stored: Evaluation
    result: Result


class ExperimentRunner:
    """Runs evaluations for one data folder; its own libraries lie in ``evaluation`` below it."""

    def __init__(
        self,
        kb: KnowledgeBase,
        *,
        open_library: OpenLibrary,
        worker: Callable[[KnowledgeBase], Worker],
        code_version: str,
    ) -> None:
        """``code_version`` names the code that parses and chunks: other code, other libraries."""
        self._kb = kb
        self.folder = HomeLayout(kb.settings.home).evaluation
        self._libraries = EvaluationLibraries(
            kb, self.folder, open_library=open_library, worker=worker, code_version=code_version
        )

    def size_bytes(self) -> int:
        """Returns the size of the cached vectors and of the libraries of sets."""
        return self._libraries.size_bytes()

    def plan(self, request: Request) -> Plan:
        """Returns the request with its sets read and its settings checked; nothing is run.

        Raises:
            BadInput: a folder holds no set, or one that cannot be read; nothing is named or labelled; a
                setting is not valid, or cannot be measured on the person's own library.
        """
        notes: list[str] = []
        stacks: list[tuple[Mapping[str, str], ...]] = [(self._by_todays_names(notes, request.config),)]
        if request.compare:
            stacks.append((*stacks[0], self._by_todays_names(notes, request.compare, below=stacks[0])))
        plan = Plan(
            caller=request.caller,
            sets=tuple(self._sets(request)),
            setups=tuple(RunConfig(_shown(stack), self._settings(*stack)) for stack in stacks),
            notes=tuple(dict.fromkeys(notes)),
            options=request.options,
            fresh=request.fresh,
        )
        unsuitable = [name for config in stacks[-1] for name in config if decides_import(name)]
        if plan.asks_own_library and unsuitable:
            raise BadInput(
                f"{unsuitable[0]} decides how documents are imported, so it cannot be measured on the library "
                "as it is. Put the documents into a folder with a questions.jsonl and evaluate that."
            )
        return plan

    def _settings(self, *stack: Mapping[str, str]) -> Settings:
        """Returns the settings in use with each of ``stack`` on top of the one before."""
        if any("home" in config for config in stack):
            raise BadInput("The data folder cannot be measured with another one: give --home.")
        try:
            given = load_settings(*stack, home=self._kb.settings.home)
            return with_set_here(given, set_here(self._kb.settings))
        except Misconfigured as error:
            raise BadInput(str(error)) from error  # it was asked for just now, and is no fault of the set-up

    def _by_todays_names(
        self, notes: list[str], config: Mapping[str, str], *, below: tuple[Mapping[str, str], ...] = ()
    ) -> dict[str, str]:
        """Returns ``config`` by ``section.name``, so that two runs differ in a name only where a setting differs.

        Adds to ``notes`` what the settings have to say of it on top of ``below``.
        """
        for note in self._settings(*below, config).notes:
            if note not in self._kb.settings.notes and note not in notes:
                notes.append(note)
                log.warning("a setting should be given otherwise", extra={"note": note})
        return {current_name(name): value for name, value in config.items()}

    def _sets(self, request: Request) -> list[QuestionSet]:
        found = [each for folder in request.folders for each in read_sets(folder, suffixes=self._kb.suffixes)]
        if request.kept:
            found.append(labelled_set(self._kb.library.labelled_questions(caller=request.caller)))
            if not found[-1].questions:
                raise BadInput(
                    "No question was kept yet. Ask one, and mark the source that answers it.",
                    key="nothing_kept",
                )
        if not found:
            raise BadInput(
                "There is nothing to evaluate. Name a folder with questions, or --kept.",
                key="nothing_to_evaluate",
            )
        return [each if each.documents else self._about_the_library(each, request.caller) for each in found]

    def _about_the_library(self, question_set: QuestionSet, caller: Caller) -> QuestionSet:
        """Returns the questions of the set that the person's own library can answer."""
        gone = (DocumentState.DELETING, DocumentState.FAILED, DocumentState.CANCELLED)
        documents = self._kb.library.documents(caller=caller, limit=-1)
        there = [each for each in documents if each.state not in gone]
        present = {key for each in there for key in (each.sha256, each.name)}
        left = answerable_from(question_set, present)
        if not left.questions:
            raise BadInput(
                f"The documents that the questions of {question_set.name} are about are not in the library: "
                f"{' '.join(left.notes)}"
            )
        return left

    def run(self, plan: Plan, watch: Watch) -> Iterator[tuple[Measured, ...]]:
        """Yields each set once it is done and stored: with one configuration, or with the two that are compared.

        Ends early, with what was done, when ``watch`` asks for it.
        """
        for question_set in plan.sets:
            measured: list[Measured] = []
            for setup in plan.setups:
                if watch.stopped():
                    break
                before = measured[0] if measured else None
                measured.append(self._measured(question_set, plan, setup, before=before, watch=watch))
            if measured:
                yield tuple(measured)

    def _measured(
        self,
        question_set: QuestionSet,
        plan: Plan,
        setup: RunConfig,
        *,
        before: Measured | None,
        watch: Watch,
    ) -> Measured:
        """Returns one set with one configuration, compared with ``before`` where there is one."""
        with self._libraries.opened(
            question_set, setup.settings, plan.options, fresh=plan.fresh, watch=watch
        ) as asked:
            result = evaluate(question_set, asked.engine, plan.options, watch=watch, timing=asked.timing)
        watch.report(Progress("comparing", 0, 1))
        stored = Evaluation(
            set_key=question_set.key,
            set_name=question_set.name,
            embedder=asked.embedder,
            config=setup.given,
            documents=len(question_set.documents) or self._kb.library.count(caller=plan.caller),
            questions=len(question_set.questions),
            asked=len(result.outcomes),
            cancelled=result.cancelled,
            figures=_figures(result.figures),
            latencies_ms=result.latencies_ms,
            unread=(*question_set.notes, *asked.unread),
            missed=missed(result),
            compared_with=before.stored.id or None if before else None,
            differences=_figures(compared(before.result, result)) if before else {},
        )
        return Measured(
            self._kb.evaluations.add(stored, caller=plan.caller) if result.outcomes else stored, result
        )


def _shown(stack: tuple[Mapping[str, str], ...]) -> dict[str, str]:
    """Returns what was asked for, as results keep it: without keys."""
    asked = {name: value for config in stack for name, value in config.items()}
    return {name: MASK if is_secret(name) else redacted(value) for name, value in asked.items()}


def _figures(found: Mapping[str, Estimate] | Mapping[str, Difference]) -> dict[str, Figure]:
    return {name: _figure(each) for name, each in found.items()}


def _figure(found: Estimate | Difference) -> Figure:
    p_value = found.p_value if isinstance(found, Difference) else None
    return Figure(found.value, found.low, found.high, found.questions, p_value)
