"""Kills the app again and again at random moments and compares what is left with the ledger."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.crash.ledger import Counts, Ledger, Violation
from tests.crash.traffic import PEOPLE, Archivist, Person, Traffic
from tests.crash.verify import Verifier
from tests.harness.app_process import PACED, AppOptions, AppProcess, NotStarted

_FIRST_ANSWER_SECONDS = 300.0
"""How long a real model may take to load on a busy machine."""
_DURING_START = 0.25
"""Share of the kills that hit the app while it starts, repairs and resumes."""
_OTHER_EMBEDDER = 0.06
"""Share of the starts with another embedder, which has to embed everything anew."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do."""

    home: Path
    kills: int
    seed: int
    unsafe: str | None = None
    embedder: str | None = None
    """A real one, by the setting's name; None uses the paced stand-ins and changes between them."""
    fresh: bool = False
    longest_work: float = 1.0
    """Seconds of traffic before a kill: from none to this."""
    longest_start: float = 1.5
    """A kill during the start comes after none to so many seconds."""
    documents: int = 0
    """A library that is there before the first kill."""
    resting: float = 0.4
    """Share of the lives that first finish what the last one left, so that every part can be checked."""
    until: str | None = None
    """End with the first violation of this kind."""


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    kills: int = 0
    kills_during_start: int = 0
    restarts: list[float] = field(default_factory=list)
    """Seconds from the start of the process to its first answer to a search."""
    violations: list[Violation] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0

    def count(self, kind: str | None) -> int:
        """How many violations of a kind; None counts none."""
        return sum(violation.kind == kind for violation in self.violations)

    def lines(self) -> list[str]:
        """For people."""
        counts = self.counts
        slowest = max(self.restarts, default=0.0)
        median = statistics.median(self.restarts) if self.restarts else 0.0
        return [
            f"{self.kills} kills, {self.kills_during_start} of them during a start; {self.seconds:.0f} s, "
            f"{self.seconds / max(1, self.kills):.2f} s each",
            f"acknowledged: {counts.added} additions ({counts.replaced} of them new versions), "
            f"{counts.repeated} repetitions, {counts.removed} removals; {counts.in_doubt} in doubt at a kill",
            f"restart to the first answered search: median {median:.2f} s, longest {slowest:.2f} s",
            ", ".join(
                f"{self.count(kind)} {words}"
                for kind, words in (
                    ("lost", "lost"),
                    ("resurrected", "resurrected"),
                    ("orphan", "orphans"),
                    ("start", "failed starts"),
                    ("wrong", "otherwise wrong"),
                )
            ),
        ]


def run(plan: Plan, *, report: Callable[[str], None]) -> Outcome:
    """Carries out ``plan``; ``report`` is told of every violation as it is found, and of progress."""
    outcome = Outcome()
    rng = random.Random(plan.seed)
    plan.home.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(plan.home.parent / f"{plan.home.name}.ledger.jsonl")
    app = AppProcess(
        AppOptions(plan.home, embedder=plan.embedder or PACED[0], unsafe=plan.unsafe, fresh=plan.fresh)
    )
    verifier = Verifier(app, ledger, random.Random(plan.seed + 1))
    people = [Person(number, random.Random(f"{plan.seed} {number}"), ledger) for number in range(PEOPLE)]
    begun = time.monotonic()
    try:
        if plan.documents:
            _note(_bring_library(app, ledger, verifier, plan), outcome, report)
            report(f"a library of {plan.documents} documents after {time.monotonic() - begun:.0f} s")
            begun = time.monotonic()
        while outcome.kills < plan.kills and not outcome.count(plan.until):
            _note(_one_life(app, people, verifier, rng, plan, outcome), outcome, report)
            if outcome.kills % 50 == 0:
                report(f"{outcome.kills} kills, {time.monotonic() - begun:.0f} s")
        if plan.until is None:
            app.start()
            _note([*verifier.at_once(), *verifier.at_rest(), *verifier.by_its_own_check()], outcome, report)
            app.stop()
    finally:
        if app.is_alive():
            app.kill()
        ledger.close()
    outcome.counts = ledger.counts
    outcome.seconds = time.monotonic() - begun
    return outcome


def _bring_library(app: AppProcess, ledger: Ledger, verifier: Verifier, plan: Plan) -> list[Violation]:
    """Imports the library, lets the app come to rest, and ends it in peace."""
    each = plan.documents // PEOPLE
    archivists = [
        Archivist(number, random.Random(f"{plan.seed} library {number}"), ledger, documents=each)
        for number in range(PEOPLE)
    ]
    app.start()
    Traffic(archivists, app.client).end()
    found = verifier.at_rest(seconds=3600)
    app.stop()
    return found


def _one_life(
    app: AppProcess,
    people: list[Person],
    verifier: Verifier,
    rng: random.Random,
    plan: Plan,
    outcome: Outcome,
) -> list[Violation]:
    """Start, verify, perhaps come to rest and verify all, work, kill; or start and kill."""
    outcome.kills += 1
    if outcome.kills > 1 and rng.random() < _DURING_START:
        outcome.kills_during_start += 1
        app.launch()
        time.sleep(rng.uniform(0, plan.longest_start))
        return _kill(app)
    if plan.embedder is None and rng.random() < _OTHER_EMBEDDER:
        app.options = app.options.with_other_embedder()
    try:
        started = time.monotonic()
        app.start()
        with app.client(timeout=_FIRST_ANSWER_SECONDS) as client:
            client.get("/api/search", params={"q": "anything"}).raise_for_status()
        outcome.restarts.append(time.monotonic() - started)
    except (NotStarted, httpx.HTTPError) as error:
        return [Violation("start", f"{type(error).__name__}: {error}"), *_kill(app)]
    found = verifier.at_once()
    if rng.random() < plan.resting:
        found += verifier.at_rest()
    traffic = Traffic(people, app.client)
    time.sleep(rng.uniform(0, plan.longest_work))
    found += _kill(app)
    traffic.end()
    return found


def _kill(app: AppProcess) -> list[Violation]:
    return [Violation("orphan", f"process {child}") for child in app.kill()]


def _note(found: list[Violation], outcome: Outcome, report: Callable[[str], None]) -> None:
    """Keeps what is new: a fault that stays is one fault, however often it is seen."""
    for violation in found:
        if violation not in outcome.violations:
            report(f"kill {outcome.kills}: {violation.kind}: {violation.what}")
            outcome.violations.append(violation)
