"""Opening a data folder in which something may be wrong: nothing that was there is lost without a word."""

from __future__ import annotations

import logging
import shutil
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kb.errors import Conflict, Damaged
from kb.maintenance.backups import Backups
from kb.maintenance.copying import link_or_copy
from kb.maintenance.restore import copy_database, finish_restore
from kb.maintenance.unclaimed import take_in
from kb.state.blobs import BlobStore, sync_folder
from kb.state.db import Database, schema_version
from kb.state.deletion import delete_pending
from kb.state.documents import Documents
from kb.state.integrity import Salvaged, salvage
from kb.state.job_control import Control
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.migrations import MIGRATIONS
from kb.state.notices import Notices
from kb.system.folder_lock import FolderLock
from kb.system.home_layout import DATABASE, JOURNALS, HomeLayout
from kb.system.processes import new_owner
from kb.types import Backup

log = logging.getLogger(__name__)

_NAMED = 3
"""How many faults a sentence names."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What went into a library that was put together again."""

    back: int = 0
    queued: int = 0
    nameless: int = 0
    removed: int = 0
    without_file: int = 0


def open_database(home: Path, folder_lock: FolderLock) -> Database:
    """Returns the database of ``home``, whatever has to be done first: finish a restore, migrate, recover.

    Each of those needs the data folder to itself; without need of them it is opened beside its holder.

    Raises:
        Conflict: it was written by a newer version, or something has to be done and another process holds it.
        DiskFull: there is no room to open or to repair it.
    """
    path = HomeLayout(home).database
    if folder_lock.is_held_elsewhere():
        if _needs_work(home):
            raise Conflict(
                f"The data folder {home} has to be mended or brought up to date, and it is in use by "
                f"{folder_lock.holder()}. End that one first."
            )
        return Database(path)
    with folder_lock.briefly():
        finish_restore(home)
        if _is_lost(home):
            return recover(home, damage=f"{DATABASE} was missing")
        try:
            return _open(home)
        except Damaged as error:
            return recover(home, damage=str(error).rstrip("."))


def check_database(database: Database) -> None:
    """Reads the whole database; one that is damaged is mended, or replaced by the last backup, in place.

    For the process that holds the data folder, before anything else uses ``database``.
    """
    wrong = database.integrity_check()
    if not wrong:
        return
    problem = "; ".join(wrong[:_NAMED])
    if database.rebuild_indexes():
        log.error("indexes of the database were damaged and are made anew", extra={"problem": problem})
        Notices(database).add(
            f"{DATABASE} was damaged where it keeps its indexes ({problem}). They were made anew from its tables; no "
            "document was lost by it. Is the disk sound?"
        )
        return
    database.close()
    recover(database.path.parent, damage=f"{DATABASE} was damaged ({problem})").close()
    database.open()


def recover(home: Path, *, damage: str) -> Database:
    """Sets a damaged database aside, opens the newest sound backup in its place and takes in all files since.

    What happened, what came back and what did not is kept as a notice.
    """
    log.error("the library is being put together again", extra={"reason": str(damage)})
    layout = HomeLayout(home)
    path = layout.database
    aside = layout.damaged_database(f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
    kept = aside if path.exists() else None
    for derived in layout.indexes:  # they belong to the lost database, whose ids are given out again
        shutil.rmtree(derived, ignore_errors=True)
    made = _put_together(home, damage=damage, kept=kept)
    # journals that a lost database left would be taken for those of the new one
    _move_database(path, aside)
    _move_database(made, path)
    sync_folder(home)
    return _open(home)


def _put_together(home: Path, *, damage: str, kept: Path | None) -> Path:
    """Returns a database made of the newest backup and the stored files, under another name until it is whole."""
    path = HomeLayout(home).recovering_database
    for ending in ("", *JOURNALS):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    blobs = BlobStore(HomeLayout(home).blobs)
    had_files = bool(blobs.hashes())
    backup = Backups(home).newest_sound()
    if backup is not None:
        copy_database(backup.path, path)
    known = _salvaged(home)
    with closing(Database(path)) as database:
        documents = Documents(database)
        removed = _forget_removed(database, blobs, backup, known=known, had_files=had_files)
        without_file = _take_files_back(documents, blobs, backup)
        back = len(documents.all())
        taken = take_in(documents, blobs, blobs.hashes() - documents.blobs_in_use(), names=known.names)
        found = _Found(back, len(taken.names), taken.nameless, removed, without_file)
        Notices(database).add(_story(damage, kept, backup, found))
    return path


def _open(home: Path) -> Database:
    def back_up(version: int) -> None:
        _back_up_older(home, version)

    return Database(HomeLayout(home).database, before_migration=back_up)


def _back_up_older(home: Path, version: int) -> None:
    """Makes a verified backup of an older folder before it is changed; opened without migrating it."""
    older = Database(HomeLayout(home).database, migrations=MIGRATIONS[:version])
    try:
        backup = Backups(home).make(
            older, BlobStore(HomeLayout(home).blobs), reason=f"before schema {len(MIGRATIONS)}"
        )
    finally:
        older.close()
    log.warning(
        "the data folder is brought to the schema of today",
        extra={"found": version, "wanted": len(MIGRATIONS), "backup": str(backup.path)},
    )


def _needs_work(home: Path) -> bool:
    try:
        return _is_lost(home) or 0 < schema_version(HomeLayout(home).database) < len(MIGRATIONS)
    except Damaged:
        return True


def _is_lost(home: Path) -> bool:
    """Returns whether there is no database where there must have been one."""
    path = HomeLayout(home).database
    if path.exists() and path.stat().st_size > 0:
        return False
    layout = HomeLayout(home)
    left = (
        layout.blobs.glob("??/*"),
        layout.names.glob("*"),
        layout.damaged_databases(),
        Backups(home).all(),
    )
    return any(any(True for _ in what) for what in left)


def _move_database(path: Path, target: Path) -> None:
    """Renames a database that nobody has open, and its journals first: SQLite finds them by its name."""
    for ending in JOURNALS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(target.with_name(target.name + ending))
    with suppress(FileNotFoundError):
        path.rename(target)


def _salvaged(home: Path) -> Salvaged:
    """Returns what the database, or the last one that was set aside, still tells of its files."""
    damaged = [HomeLayout(home).database, *HomeLayout(home).damaged_databases()]
    return next((salvage(path) for path in damaged if path.exists()), Salvaged())


# --- What the files say -----------------------------------------------------------------------


def _forget_removed(
    database: Database, blobs: BlobStore, backup: Backup | None, *, known: Salvaged, had_files: bool
) -> int:
    """Deletes the documents of the backup that were deleted after it was made; returns how many.

    Their file and its note are gone, or the damaged database still says that they are to go. Where
    no file is there at all the whole folder was lost, which is not a removal.
    """
    for sha256 in known.deleted:
        blobs.remove(sha256)
    if backup is None or not had_files:
        return 0
    present = blobs.hashes()
    gone = [
        document.id
        for document in Documents(database).all()
        if document.sha256 not in present
        and document.sha256 not in backup.missing
        and not blobs.was_remembered(document.sha256)
    ]
    Control(database).remove(gone)
    delete_pending(Jobs(database, clock=time.time), Steps(database), blobs, owner=new_owner("recovery"))
    return len(gone)


def _take_files_back(documents: Documents, blobs: BlobStore, backup: Backup | None) -> int:
    """Brings files that are missing back from the backup; returns how many documents stay without theirs."""
    lacking = documents.blobs_in_use() - blobs.hashes()
    source = BlobStore(HomeLayout(backup.path).blobs) if backup else None
    still = set()
    for sha256 in lacking:
        blobs.path(sha256).parent.mkdir(exist_ok=True)
        if source is None or not link_or_copy(source.path(sha256), blobs.path(sha256)):
            still.add(sha256)
    return sum(1 for document in documents.all() if document.sha256 in still)


def _story(damage: str, kept: Path | None, backup: Backup | None, found: _Found) -> str:
    """Returns what happened to the library, in sentences."""
    when = f"{datetime.fromisoformat(backup.made):%Y-%m-%d %H:%M} UTC" if backup else ""
    story = [f"{damage}."]
    if kept is not None:
        story.append(f"It was set aside as {kept.name}.")
    story.append(
        f"The library was put together again from the backup of {when}: {found.back} documents came back."
        if backup
        else "There was no backup to go back to."
    )
    if found.queued:
        story.append(f"{found.queued} documents are being imported anew from their stored files.")
    if found.nameless:
        story.append(f"{found.nameless} of them lost their names and are called recovered-….")
    if found.without_file:
        story.append(f"{found.without_file} documents can be searched, but their original files are missing.")
    if found.removed:
        story.append(f"{found.removed} documents that were removed after the backup stay removed.")
    story.append(
        f"Whatever else was done after {when} is missing." if backup else "Anything but the files is missing."
    )
    return " ".join(story)
