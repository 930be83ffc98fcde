"""Feeds damaged files to the real app and looks at what becomes of each."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.fuzz.mutate import Source, mutate
from tests.harness.app_process import AppOptions, AppProcess
from tests.harness.memory import PeakOfChildren

SECONDS, MEGABYTES = 30, 512
"""What one file may take."""
_OUTSTANDING = 48
"""Files that are queued or at work at one time."""
_FOR_EVER = SECONDS * 6
"""A file that waits longer has been forgotten."""
_FINAL = ("ready", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not happen, and the file it happened to, kept for whoever looks into it."""

    what: str
    mutation: str
    file: Path


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    files: int = 0
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """How many ended by which kind of refusal."""
    findings: list[Finding] = field(default_factory=list)
    exits: int = 0
    longest_seconds: float = 0.0
    peak_bytes: int = 0
    slowest_answer: float = 0.0
    """Of the app, to a request for its list while it works, in seconds."""
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """For people."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.reasons.most_common())
        return [
            f"{self.files} files in {self.seconds:.0f} s, {self.files / max(self.seconds, 1e-9):.1f} a second",
            f"ended as: {', '.join(f'{count} {state}' for state, count in self.states.most_common())}",
            f"of the failed: {kinds}",
            f"exits of the app: {self.exits}; findings: {len(self.findings)}",
            f"longest time in a parser {self.longest_seconds:.1f} s (allowed: {SECONDS}), "
            f"largest parser process {self.peak_bytes >> 20} MB (allowed: {MEGABYTES})",
            f"slowest answer of the app meanwhile: {self.slowest_answer * 1000:.0f} ms",
        ]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A file that the app has acknowledged."""

    name: str
    mutation: str
    content: bytes
    at: float


def run(
    sources: Sequence[Source], *, files: int, seed: int, folder: Path, report: Callable[[str], None]
) -> Outcome:
    """Sends ``files`` mutations of ``sources``; the app's data and the files of findings stay in ``folder``."""
    outcome = Outcome()
    settings = {"parsing.seconds": SECONDS, "parsing.megabytes": MEGABYTES}
    app = AppProcess(AppOptions(folder / "home", seconds_a_text=0.0, settings=settings))
    begun = time.monotonic()
    app.start()
    pid, peak = app.pid, PeakOfChildren(app.pid)
    try:
        with app.client() as client, closing(_database(folder / "home")) as database:
            feeder = _Feeder(client, database, folder, outcome)
            rng = random.Random(seed)
            while outcome.files < files or feeder.waiting:
                while outcome.files < files and len(feeder.waiting) < _OUTSTANDING:
                    feeder.send(rng, rng.choice(sources), sources)
                before = outcome.states.total()
                feeder.collect()
                if before // 500 < outcome.states.total() // 500:
                    report(f"{outcome.states.total()} files, {time.monotonic() - begun:.0f} s")
            outcome.longest_seconds = max((seconds for _, seconds in app.facts()["parsed"]), default=0.0)
    except httpx.TransportError:
        outcome.exits += 1
    outcome.peak_bytes = peak.end()
    outcome.exits += not app.is_alive() or app.pid != pid
    app.stop()
    outcome.seconds = time.monotonic() - begun
    return outcome


class _Feeder:
    """Sends files and waits for what becomes of them."""

    def __init__(
        self, client: httpx.Client, database: sqlite3.Connection, folder: Path, outcome: Outcome
    ) -> None:
        self._client = client
        self._database = database
        self._folder = folder
        self._outcome = outcome
        self.waiting: dict[str, _Sent] = {}

    def send(self, rng: random.Random, source: Source, sources: Sequence[Source]) -> None:
        """One mutation of ``source``."""
        mutation, content = mutate(rng, source, sources)
        self._outcome.files += 1
        name = f"{self._outcome.files:06} {source.name}"
        answer = self._client.post("/api/documents", files={"file": (name, content)}, data={"name": name})
        sent = _Sent(name, mutation, content, time.monotonic())
        if answer.is_success and answer.json()["already_present"]:  # a mutation that another one made before
            self._outcome.states["known already"] += 1
        elif answer.is_success:
            self.waiting[answer.json()["document"]["id"]] = sent
        else:
            self._find(f"the upload was answered with {answer.status_code}: {answer.text}", sent)

    def collect(self) -> None:
        """Takes out what has ended, and asks the app something meanwhile."""
        asked = time.monotonic()
        self._client.get("/api/documents", params={"limit": 20}).raise_for_status()
        self._outcome.slowest_answer = max(self._outcome.slowest_answer, time.monotonic() - asked)
        time.sleep(0.05)
        marks = ",".join("?" * len(self.waiting))
        rows = self._database.execute(
            f"SELECT id, state, reason, chunks FROM documents WHERE id IN ({marks})", tuple(self.waiting)
        )
        for document_id, state, reason, chunks in rows.fetchall():
            if state in _FINAL:
                self._judge(self.waiting.pop(document_id), state, reason, chunks)
        for document_id, sent in list(self.waiting.items()):
            if time.monotonic() - sent.at > _FOR_EVER:
                self._find(f"no final state after {_FOR_EVER} s", self.waiting.pop(document_id))

    def _judge(self, sent: _Sent, state: str, reason: str | None, chunks: int) -> None:
        self._outcome.states[state] += 1
        if state == "ready" and not chunks:
            self._find("ready without any passage", sent)
        if state == "ready":
            return
        self._outcome.reasons[_kind(reason or "")] += 1
        if not reason or sent.name not in reason:
            self._find(f"a reason that does not name the file: {reason!r}", sent)
        elif "Footnote itself" in reason:
            self._find(f"a fault of ours: {reason}", sent)

    def _find(self, what: str, sent: _Sent) -> None:
        file = self._folder / sent.name
        file.write_bytes(sent.content)
        self._outcome.findings.append(Finding(what, sent.mutation, file))


def _kind(reason: str) -> str:
    """The refusal without what belongs to the one file."""
    kinds = {
        "took longer than": "out of time",
        "MB of memory": "out of memory",
        "MB of text": "too much text",
        "The parser crashed": "parser crashed",
        "the parser stopped at": "damaged: an exception nobody meant to raise",
        "password": "protected",
        "holds no text": "without text",
        "damaged": "damaged",
        "binary data": "binary",
        "inflates to more": "a bomb",
        "is refused": "refused",
        "is empty": "empty",
        "no text": "without text",
        "is not a": "not what its name says",
    }
    return next((kind for words, kind in kinds.items() if words in reason), "another refusal")


def _database(home: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{home / 'footnote.db'}?mode=ro", uri=True, timeout=20)
