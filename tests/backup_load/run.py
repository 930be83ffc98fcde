"""Takes backups while documents come and go, restores each into a folder of its own, and compares."""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

from kb.errors import FootnoteError
from kb.maintenance.backups import Backups
from kb.maintenance.restore import restore
from kb.state.blobs import BlobStore
from kb.state.integrity import snapshot
from kb.system.home_layout import DATABASE
from tests.kb.library import Library, sentence


@dataclass
class Outcome:
    """What happened."""

    added: int = 0
    removed: int = 0
    restored: int = 0
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    library_bytes: int = 0
    extra_bytes: int = 0


def run(folder: Path, *, backups: int, documents: int) -> Outcome:
    """Everything below ``folder``; nothing wrong is what is hoped for."""
    outcome = Outcome()
    made: list[Path] = []
    with closing(Library(folder / "home")) as library:
        library.fill(documents)
        outcome.library_bytes = _bytes_on_disk(folder)
        stopped = threading.Event()
        load = threading.Thread(target=_come_and_go, args=(library, outcome, stopped))
        load.start()
        try:
            for _ in range(backups):
                started = time.monotonic()
                backup = Backups(library.home).make(library.database, library.blobs, reason="by hand")
                outcome.seconds.append(time.monotonic() - started)
                made.append(backup.path)
                outcome.wrong.extend(f"{backup.path.name} lacks {sha256}" for sha256 in backup.missing)
        finally:
            stopped.set()
            load.join()
    outcome.extra_bytes = _bytes_on_disk(folder) - outcome.library_bytes
    for number, path in enumerate(made):
        home = folder / f"restored-{number}"
        home.mkdir()
        try:
            restore(path, home)
        except FootnoteError as error:
            outcome.wrong.append(f"{path.name}: {error}")
            continue
        needed, blobs = snapshot(home / DATABASE).blobs, BlobStore(home / "blobs")
        unsound = [sha256 for sha256 in needed if not blobs.is_sound(sha256)]
        outcome.wrong.extend(f"{path.name}: {sha256} differs" for sha256 in unsound)
        outcome.restored += not unsound and blobs.hashes() == needed
    return outcome


def _come_and_go(library: Library, outcome: Outcome, stopped: threading.Event) -> None:
    ids: list[str] = []
    while not stopped.is_set():
        ids.append(library.add(f"new {outcome.added}.txt", [sentence(10_000 + outcome.added)]))
        outcome.added += 1
        if len(ids) > 3:
            library.remove(ids.pop(0))
            outcome.removed += 1


def _bytes_on_disk(folder: Path) -> int:
    """What the files take, each counted once however many names it has."""
    sizes = {}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            stat = path.stat()
            if S_ISREG(stat.st_mode):
                sizes[stat.st_ino] = stat.st_size
    return sum(sizes.values())
