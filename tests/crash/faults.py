"""Spoils what lies beside the original files, while the app runs or between two lives, and counts what is lost."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from kb.system.home_layout import DATABASE, JOURNALS
from tests.harness.app_process import AppOptions, AppProcess, NotStarted
from tests.harness.papers import make_paper

_NAMES = 12
_ADDED = 4
"""Papers that are sent before each fault."""
_SUFFIXES = (".txt", ".md")


@dataclass(slots=True)
class Column:
    """What came of one kind of fault."""

    faults: int = 0
    originals_lost: int = 0
    documents_lost: int = 0
    failed_starts: int = 0
    silent: int = 0
    """Starts that took documents in again, or set something aside, and said nothing."""


@dataclass(slots=True)
class Outcome:
    """A column for each kind."""

    columns: dict[str, Column] = field(default_factory=dict)
    acknowledged: int = 0
    seconds: float = 0.0

    def total(self, name: str) -> int:
        """Returns the sum of a figure over all kinds."""
        return sum(getattr(column, name) for column in self.columns.values())

    def lines(self) -> list[str]:
        """Returns a table for people."""
        heads = ("faults", "originals_lost", "documents_lost", "failed_starts", "silent")
        rows = [("kind", *(head.replace("_", " ") for head in heads))]
        for kind, column in sorted(self.columns.items()):
            rows.append((kind, *(str(getattr(column, head)) for head in heads)))
        rows.append(("all", *(str(self.total(head)) for head in heads)))
        table = ["  ".join((row[0].ljust(34), *(cell.rjust(14) for cell in row[1:]))) for row in rows]
        return [*table, f"{self.acknowledged} additions acknowledged; {self.seconds:.0f} s"]


class Vandal:
    """The faults, each by its name; those of ``RUNNING`` happen while the app has the files open."""

    def __init__(self, home: Path, rng: random.Random) -> None:
        self._home = home
        self._rng = rng
        self._database = home / DATABASE
        self._yesterday = home.parent / "yesterday.db"

    def remember(self) -> None:
        """Keeps a copy of the database as it is now, for a day on which somebody puts it back."""
        with (
            closing(sqlite3.connect(self._database)) as source,
            closing(sqlite3.connect(self._yesterday)) as target,
        ):
            source.backup(target)

    def flip_bits(self) -> None:
        """One to three bits of the database, anywhere."""
        content = bytearray(self._database.read_bytes())
        for _ in range(self._rng.randint(1, 3)):
            content[self._rng.randrange(len(content))] ^= 1 << self._rng.randrange(8)
        self._database.write_bytes(content)

    def flip_hashes(self) -> None:
        """A bit in up to three places where the database has the hash of a file: entries of indexes, mostly."""
        content = bytearray(self._database.read_bytes())
        places = [at for sha in self._hashes() for at in _places(content, sha.encode())]
        for at in self._rng.sample(places, min(3, len(places))):
            content[at] ^= 1
        self._database.write_bytes(content)

    def put_yesterday_back(self) -> None:
        """An older copy in the place of the database; its journals stay or go."""
        shutil.copyfile(self._yesterday, fresh := self._home / "fresh.db")
        fresh.replace(self._database)
        if self._rng.random() < 0.5:
            self._remove_journals()

    def remove_database(self) -> None:
        """The database goes; its journals stay or go."""
        self._database.unlink()
        if self._rng.random() < 0.5:
            self._remove_journals()

    def cut_database(self) -> None:
        """Its second half goes."""
        with self._database.open("r+b") as file:
            file.truncate(self._database.stat().st_size // 2)

    def remove_chroma(self) -> None:
        """The index of vectors goes."""
        shutil.rmtree(self._home / "chroma", ignore_errors=True)

    def remove_words(self) -> None:
        """The index of words goes."""
        shutil.rmtree(self._home / "words", ignore_errors=True)

    def remove_backups(self) -> None:
        """All backups go."""
        shutil.rmtree(self._home / "backups", ignore_errors=True)

    def remove_database_and_backups(self) -> None:
        """Only the originals and their notes stay."""
        self.remove_backups()
        self.remove_database()

    def spoil_backups(self) -> None:
        """The database of every backup gets a wrong byte, then that of the library goes."""
        for path in (self._home / "backups").glob(f"*/{DATABASE}"):
            content = bytearray(path.read_bytes())
            content[self._rng.randrange(len(content))] ^= 0xFF
            path.write_bytes(content)
        self.remove_database()

    def _remove_journals(self) -> None:
        for ending in JOURNALS:
            self._database.with_name(DATABASE + ending).unlink(missing_ok=True)

    def _hashes(self) -> list[str]:
        return sorted(path.name for path in (self._home / "blobs").glob("??/*"))


STOPPED = (
    "flip_bits", "flip_hashes", "put_yesterday_back", "remove_database", "cut_database", "remove_chroma",
    "remove_words", "remove_backups", "remove_database_and_backups", "spoil_backups",
)  # fmt: skip
RUNNING = (
    "put_yesterday_back", "remove_database", "remove_chroma", "remove_words", "remove_backups",
    "remove_database_and_backups",
)  # fmt: skip
KINDS = (*((kind, False) for kind in STOPPED), *((kind, True) for kind in RUNNING))
"""Each fault, and whether the app runs meanwhile."""


def run(
    home: Path,
    *,
    faults: int,
    seed: int,
    report: Callable[[str], None],
    kinds: Sequence[tuple[str, bool]] = KINDS,
    unsafe: str | None = None,
) -> Outcome:
    """Returns what ``faults`` faults of ``kinds`` in turn cost; ``report`` is told of every loss."""
    rng = random.Random(seed)
    home.mkdir(parents=True, exist_ok=True)
    people = _People(AppProcess(AppOptions(home, unsafe=unsafe)), home, rng)
    outcome, begun = Outcome(), time.monotonic()
    try:
        people.app.start()
        people.work()
        people.back_up()
        vandal = Vandal(home, rng)
        vandal.remember()
        for number in range(faults):
            kind, running = kinds[number % len(kinds)]
            name = f"{kind.replace('_', ' ')}{', running' if running else ''}"
            column = outcome.columns.setdefault(name, Column())
            column.faults += 1
            for loss in _one(people, vandal, kind, column, running=running):
                report(f"fault {number} ({name}): {loss}")
            if rng.random() < 0.3:
                vandal.remember()
    finally:
        if people.app.is_alive():
            people.app.kill()
    outcome.acknowledged, outcome.seconds = people.acknowledged, time.monotonic() - begun
    return outcome


def _one(people: _People, vandal: Vandal, kind: str, column: Column, *, running: bool) -> list[str]:
    people.work()
    if running:
        getattr(vandal, kind)()
        people.work()
    people.app.kill()
    if not running:
        getattr(vandal, kind)()
    try:
        people.app.start()
        people.wait()
    except NotStarted as error:
        column.failed_starts += 1
        return [str(error)]
    originals, documents = people.missing()
    column.originals_lost += len(originals)
    column.documents_lost += len(documents)
    column.silent += bool(documents) and not people.notices()
    people.forget(originals | documents)
    if documents:
        people.back_up()
    return [*(f"original {name}" for name in originals), *(f"document {name}" for name in documents)]


class _People:
    """Sends papers, and knows which were acknowledged and neither removed nor replaced since."""

    def __init__(self, app: AppProcess, home: Path, rng: random.Random) -> None:
        self.app = app
        self.acknowledged = 0
        self._home = home
        self._rng = rng
        self._owed: dict[str, str] = {}
        """Name -> SHA-256 of its latest version."""

    def work(self) -> None:
        """Sends some papers, new versions among them; a refusal owes nothing."""
        with self.app.client() as client:
            for _ in range(_ADDED):
                number = self._rng.randrange(_NAMES)
                name = f"paper {number}{_SUFFIXES[number % len(_SUFFIXES)]}"
                paper = make_paper(self._rng, _SUFFIXES[number % len(_SUFFIXES)], paragraphs=2)
                answer = client.post(
                    "/api/documents",
                    files={"file": (name, paper.content)},
                    data={"name": name, "same_name": "version"},
                )
                if answer.is_success:
                    self.acknowledged += 1
                    self._owed[name] = paper.sha256
                elif answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
                    self._owed.pop(name, None)  # the older one, or this one: either is right

    def back_up(self) -> None:
        """Has a backup made."""
        with self.app.client(timeout=120) as client:
            client.post("/api/backups", json={}).raise_for_status()

    def wait(self) -> None:
        """Waits until the app has taken in again what it can."""
        with self.app.client() as client:
            client.get("/api/search", params={"q": "anything"}).raise_for_status()

    def missing(self) -> tuple[set[str], set[str]]:
        """Returns the names whose original is nowhere in the folder, and those that have no document."""
        files = {
            path.name
            for folder in ("blobs", "unclaimed")
            for path in (self._home / folder).rglob("??/*")
            if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == path.name
        }
        with closing(sqlite3.connect(f"file:{self._home / DATABASE}?mode=ro", uri=True)) as database:
            rows = {
                row[0] for row in database.execute("SELECT sha256 FROM documents WHERE state <> 'deleting'")
            }
        lost = {name for name, sha256 in self._owed.items() if sha256 not in files}
        return lost, {name for name, sha256 in self._owed.items() if sha256 not in rows} - lost

    def notices(self) -> int:
        """Returns how many sentences are kept for the owner."""
        with closing(sqlite3.connect(f"file:{self._home / DATABASE}?mode=ro", uri=True)) as database:
            return int(database.execute("SELECT count(*) FROM notices").fetchone()[0])

    def forget(self, names: set[str]) -> None:
        """What was counted once is not counted again."""
        for name in names:
            self._owed.pop(name)


def _places(content: bytes | bytearray, key: bytes) -> list[int]:
    found, at = [], content.find(key)
    while at >= 0:
        found.append(at)
        at = content.find(key, at + 1)
    return found
