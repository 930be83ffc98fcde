"""Compares a data folder with the ledger: the rows at once, everything else once the app is at rest."""

from __future__ import annotations

import hashlib
import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import httpx

from kb.cli import client
from tests.crash.ledger import Ledger, Row, Slot, Violation
from tests.harness.app_process import AppProcess

_REST_SECONDS = 150.0
"""What is not at rest after that has stopped for good, on however busy a machine."""
_SAMPLE = 8
"""Papers that are searched for after a kill, and as many that are gone."""
_PATIENCE = (0.0, 0.3, 1.0)
"""A finding must still be there after so many seconds: the app tidies behind what it acknowledges."""
_AT_WORK = "SELECT id, name, state FROM documents WHERE state NOT IN ('ready', 'failed', 'cancelled')"
_STRAYS = {
    "a chunk without a document": "SELECT count(*) FROM chunks WHERE document_id NOT IN (SELECT id FROM documents)",
    "a vector without a chunk": "SELECT count(*) FROM vectors WHERE text_hash NOT IN (SELECT text_hash FROM chunks)",
    "a chunk without a vector": "SELECT count(*) FROM chunks WHERE text_hash NOT IN (SELECT text_hash FROM vectors)",
    "a job without a document": "SELECT count(*) FROM jobs WHERE document_id NOT IN (SELECT id FROM documents)",
    "a tombstone that is left": "SELECT count(*) FROM tombstones",
}


class Verifier:
    """Reads SQLite and the blobs by itself; asks the app only for what nobody else can read."""

    def __init__(self, app: AppProcess, ledger: Ledger, rng: random.Random) -> None:
        self._app = app
        self._ledger = ledger
        self._rng = rng
        self._home = app.options.home
        self._checked_blobs: set[Path] = set()

    def at_once(self) -> list[Violation]:
        """Directly after a start: nothing acknowledged is missing, nothing removed is back."""
        return self._ledger.compare(self.rows())

    def at_rest(self, *, seconds: float = _REST_SECONDS) -> list[Violation]:
        """Waits until nothing is left to do, for at most ``seconds``, then checks every part of the store."""
        if not (self._wait_for_rest(seconds) and wait_for(self._is_whole, seconds=seconds)):
            with closing(self._database()) as database:
                left = [tuple(row) for row in database.execute(_AT_WORK)]
            said = self._app.what_it_does()
            return [Violation("wrong", f"still at work after {seconds:.0f} s: {left}\n{said}")]
        for patience in _PATIENCE:
            time.sleep(patience)
            rows = self.rows()
            found = [
                *self._ledger.compare(rows),
                *self._ledger.compare_settled(rows),
                *self._parts(rows.values()),
            ]
            if not found:
                break
        return [*found, *self._searches()]

    def by_its_own_check(self) -> list[Violation]:
        """What ``app.py check`` says: it reads every file and asks for every passage by its own vector."""
        found = client.check(client.RunningApp(self._app.address), repair=False)
        return [Violation("wrong", f"check says: {part}") for part in found if not part["ok"]]

    def rows(self) -> dict[str, Row]:
        """Every document in the database."""
        with closing(self._database()) as database:
            return {
                row[0]: Row(row[0], Slot(row[1], row[2]), row[3], row[4], row[5], bool(row[6]))
                for row in database.execute(
                    "SELECT id, collection, name, sha256, state, reason, live FROM documents"
                )
            }

    # --- The parts of the store ---------------------------------------------------------------

    def _parts(self, rows: Iterable[Row]) -> Iterator[Violation]:
        yield from self._blobs({row.sha256 for row in rows})
        yield from self._tables()
        yield from self._indexes()

    def _blobs(self, wanted: set[str]) -> Iterator[Violation]:
        files = {path.name: path for path in (self._home / "blobs").rglob("*") if path.is_file()}
        for name in files.keys() - wanted:
            yield Violation("orphan", f"blob {name}")
        for name in wanted - files.keys():
            yield Violation("lost", f"blob {name}")
        for path in (files[name] for name in wanted & files.keys()):
            if path not in self._checked_blobs:
                if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                    yield Violation("lost", f"blob {path.name} has other bytes")
                self._checked_blobs.add(path)
        for path in (self._home / "names").glob("*"):
            if path.name not in wanted:
                yield Violation("orphan", f"the name of {path.name}")
        for path in (self._home / "unclaimed").rglob("??/*"):
            yield Violation("orphan", f"blob {path.name}, set aside")
        for path in (self._home / "uploads").glob("*"):
            yield Violation("orphan", f"upload {path.name}")

    def _tables(self) -> Iterator[Violation]:
        """Rows that belong to nothing, and passages that have no vector."""
        with closing(self._database()) as database:
            for what, statement in _STRAYS.items():
                if count := database.execute(statement).fetchone()[0]:
                    yield Violation("orphan", f"{what}: {count} times")
            if (said := database.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
                yield Violation("wrong", f"SQLite says: {said}")

    def _indexes(self) -> Iterator[Violation]:
        live: dict[str, set[int]] = {}
        with closing(self._database()) as database:
            for collection, chunk_id in database.execute(
                "SELECT collection, chunks.id FROM chunks JOIN documents ON documents.id = document_id WHERE live = 1"
            ):
                live.setdefault(collection, set()).add(chunk_id)
        facts = self._app.facts()
        everywhere = set().union(*live.values())
        yield from _differences("row of Tantivy", everywhere, facts["words"])
        for collection in live.keys() | facts["vectors"].keys():
            held = facts["vectors"].get(collection, set())
            yield from _differences(f"row of Chroma in {collection}", live.get(collection, set()), held)

    # --- What a person would see --------------------------------------------------------------

    def _searches(self) -> Iterator[Violation]:
        """A sample of papers finds itself; nothing of a sample of removed ones is found."""
        standing = [entry for entry in self._ledger.standing() if not (entry.paper.broken or entry.blamed)]
        standing = [entry for entry in standing if entry.paper.marker]
        markers = {entry.paper.marker for entry in standing}
        gone = [entry for entry in self._ledger.gone() if entry.paper.marker not in markers]
        with self._app.client() as browser:
            for entry in self._rng.sample(standing, min(_SAMPLE, len(standing))):
                if not _finds(browser, entry.paper.marker, entry.slot.collection):
                    yield Violation("lost", f"{entry.slot} is not found by its own words")
            for entry in self._rng.sample(gone, min(_SAMPLE, len(gone))):
                if entry.paper.marker and _finds(browser, entry.paper.marker, None):
                    yield Violation("resurrected", f"{entry.slot} is still found")

    def _is_whole(self) -> bool:
        return bool(self._app.facts()["whole"])

    def _wait_for_rest(self, seconds: float) -> bool:
        with closing(self._database()) as database:

            def rests() -> bool:
                at_work = database.execute(_AT_WORK).fetchone()
                return (
                    at_work is None and not database.execute("SELECT count(*) FROM tombstones").fetchone()[0]
                )

            return wait_for(rests, seconds=seconds)

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self._home / 'footnote.db'}?mode=ro", uri=True, timeout=20)


def wait_for(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether ``condition`` came true within that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _differences(what: str, wanted: set[int], held: set[int]) -> Iterator[Violation]:
    if extra := held - wanted:
        yield Violation("orphan", f"{what}: {sorted(extra)[:5]}, {len(extra)} in all")
    if missing := wanted - held:
        yield Violation("lost", f"{what}: {sorted(missing)[:5]}, {len(missing)} in all")


def _finds(browser: httpx.Client, marker: str, collection: str | None) -> bool:
    parameters = {"q": marker, "k": "3", **({"collection": collection} if collection else {})}
    answer = browser.get("/api/search", params=parameters).raise_for_status().json()
    return any(marker in hit["text"] for hit in answer["hits"])
