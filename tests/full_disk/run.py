"""Fills a small disk again and again while files are added, imported and removed.

The disk is a tmpfs, which takes root. Each point leaves a random amount of room, adds and removes through the real
worker and parsers, fills the rest up at a random moment, and checks: searching and removing went on,
and after room was made again everything that was acknowledged is there and nothing that was removed is.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app import App
from kb.config import BackupSettings, ParsingSettings, Settings, StorageSettings
from kb.errors import DiskFull, FootnoteError
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.system.disk import free_bytes
from kb.system.reserve import Reserve
from kb.types import OWNER, DocumentState
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import NoPictures, search, sentence

DISK_MEGABYTES = 48
RESERVE_MEGABYTES = 4
_PATIENCE_SECONDS = 180.0


@dataclass
class Ledger:
    """What was acknowledged."""

    expected: dict[str, str] = field(default_factory=dict)
    """Document id -> a passage of it."""
    removed: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    lost: list[str] = field(default_factory=list)
    resurrected: list[str] = field(default_factory=list)
    failed_removals: list[str] = field(default_factory=list)
    failed_searches: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    acknowledged: int = 0

    def bad(self) -> dict[str, list[str]]:
        """What must be empty."""
        return {
            "lost": self.lost,
            "resurrected": self.resurrected,
            "failed removals": self.failed_removals,
            "failed searches": self.failed_searches,
            "wrong in the end": self.wrong,
        }


def reason_to_skip() -> str | None:
    """Why a small disk cannot be made here; None where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "mounting a tmpfs takes Linux and root"
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True)
        if tried.returncode != 0:
            return f"no tmpfs can be mounted here: {tried.stderr.decode(errors='replace').strip()}"
        subprocess.run(["umount", folder], check=True)
    return None


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A folder on a disk of its own."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


class Ballast:
    """A file that takes room away."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"

    def leave(self, room: int) -> None:
        """Grows until at most ``room`` bytes are free."""
        with self._path.open("ab") as file, contextlib.suppress(OSError):
            while (free := free_bytes(self._path)) > room:
                file.write(bytes(min(free - room, 1 << 18)))
                file.flush()

    def drop(self) -> None:
        """Makes room again."""
        self._path.unlink(missing_ok=True)


def run(points: int, seed: int) -> Ledger:
    """Plays ``points`` full disks; the ledger says what went wrong."""
    ledger = Ledger()
    dice = random.Random(seed)
    with small_disk(DISK_MEGABYTES) as disk, tempfile.TemporaryDirectory() as elsewhere:
        app = App()
        settings = Settings(
            home=disk / "home",
            storage=StorageSettings(reserve_megabytes=RESERVE_MEGABYTES),
            backup=BackupSettings(kept=0),
            parsing=ParsingSettings(seconds=20),
        )
        kb = open_knowledge_base(
            settings, renderer=NoPictures(), suffixes=frozenset({".txt"}), embedder=HashEmbedder()
        )
        with closing(kb), closing(app):
            kb.maintenance.lock()
            worker = app.worker(kb)
            worker.start()
            kb.maintenance.start_periodic_tasks()
            search(kb, "opens the indexes")
            _wait_until(lambda: _reserve_is_kept(kb), "the reserve was never made")
            try:
                for point in range(points):
                    _point(kb, Ballast(disk), ledger, dice, Path(elsewhere), point)
            finally:
                worker.stop()
    return ledger


def _point(
    kb: KnowledgeBase, ballast: Ballast, ledger: Ledger, dice: random.Random, elsewhere: Path, point: int
) -> None:
    """One full disk: before, during, and after it."""
    ballast.leave(dice.choice((0, 16 << 10, 128 << 10, 1 << 20, 3 << 20)))
    victims = dice.sample(sorted(ledger.expected), min(2, len(ledger.expected)))
    for number in range(dice.randint(1, 3)):
        _add(kb, ledger, elsewhere, text_seed=1000 * point + 10 * number, passages=dice.randint(1, 400))
        if dice.random() < 0.5:
            time.sleep(dice.random() * 0.5)
    ballast.leave(dice.choice((0, 0, 4096, 65536)))
    _search(kb, ledger)
    for document_id in victims:
        _remove(kb, ledger, document_id)
    time.sleep(dice.random())
    _search(kb, ledger)
    ballast.drop()
    _settle(kb, ledger)


def _add(kb: KnowledgeBase, ledger: Ledger, elsewhere: Path, *, text_seed: int, passages: int) -> None:
    lines = [sentence(text_seed + n % 10) + f" Line {n}.\n\n" for n in range(passages)]
    file = elsewhere / f"{text_seed}.txt"
    file.write_text("".join(lines), encoding="utf-8")
    try:
        added = kb.library.add(file, file.name, caller=OWNER)
    except DiskFull:
        ledger.refused += 1
    else:
        ledger.acknowledged += 1
        ledger.expected[added.document.id] = f"Passage {text_seed}"
    file.unlink()


def _remove(kb: KnowledgeBase, ledger: Ledger, document_id: str) -> None:
    passage = ledger.expected.pop(document_id)
    try:
        kb.library.remove([document_id], caller=OWNER)
    except FootnoteError as error:
        ledger.failed_removals.append(f"{document_id}: {error}")
        ledger.expected[document_id] = passage
    else:
        ledger.removed[document_id] = passage


def _search(kb: KnowledgeBase, ledger: Ledger) -> None:
    try:
        search(kb, "Passage bridge harbour")
    except FootnoteError as error:
        ledger.failed_searches.append(str(error))


def _settle(kb: KnowledgeBase, ledger: Ledger) -> None:
    """Waits until everything is done, and compares it with what was acknowledged."""
    kb.jobs.resume_all(caller=OWNER)
    try:
        _wait_until(lambda: _is_done(kb), "the work did not end after there was room again")
    except TimeoutError as error:
        waiting = [
            document
            for document in kb.library.documents(limit=-1, caller=OWNER)
            if not document.state.is_final
        ]
        raise TimeoutError(
            f"{error}: {waiting}, {kb.jobs.of([document.id for document in waiting], caller=OWNER)}"
        ) from error
    documents = {document.id: document for document in kb.library.documents(limit=-1, caller=OWNER)}
    for document_id in ledger.expected:
        found = documents.get(document_id)
        if found is None or found.state is not DocumentState.READY:
            ledger.lost.append(f"{document_id}: {found and (found.state.value, found.reason)}")
    ledger.resurrected.extend(document_id for document_id in ledger.removed if document_id in documents)
    ledger.wrong.extend(
        f"{checked.name}: {checked.text}" for checked in kb.maintenance.check(caller=OWNER) if not checked.ok
    )
    for document_id in [entry.partition(":")[0] for entry in ledger.lost]:
        ledger.expected.pop(document_id, None)
    # the disk is small: what was verified makes room for the next point
    for document_id in sorted(ledger.expected)[:-6]:
        _remove(kb, ledger, document_id)
    _wait_until(lambda: _is_done(kb) and _reserve_is_kept(kb), "nothing was cleared away")


def _reserve_is_kept(kb: KnowledgeBase) -> bool:
    return Reserve(kb.settings.home, megabytes=RESERVE_MEGABYTES).is_kept


def _is_done(kb: KnowledgeBase) -> bool:
    return all(document.state.is_final for document in kb.library.documents(limit=-1, caller=OWNER))


def _wait_until(condition: object, complaint: str) -> None:
    assert callable(condition)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(complaint)
        time.sleep(0.05)
