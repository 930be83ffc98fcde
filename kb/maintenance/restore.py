"""Restores a backup in the place of a data folder: verified first, and what it replaces is kept."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from kb.errors import Conflict, Damaged
from kb.maintenance.archive import unpacked
from kb.maintenance.copying import link_or_copy
from kb.maintenance.manifest import verify
from kb.state.blobs import BlobStore, sync_folder
from kb.state.migrations import MIGRATIONS
from kb.system.disk import require_room, room_faults
from kb.system.home_layout import LIBRARY, RESTORED, HomeLayout
from kb.types import Backup, Restored

_PLAN = "plan.json"


def restore(source: Path, home: Path) -> Restored:
    """Makes ``home`` what it was when ``source`` was made. The caller holds the data folder, and nothing of it is open.

    A death in the middle does no harm: the next start finishes it or, if it had only been prepared, forgets it.
    Raises as ``prepare_restore`` does.
    """
    return Restored(prepare_restore(source, home), finish_restore(home))


def prepare_restore(source: Path, home: Path) -> Backup:
    """Verifies a backup and lays out beside the library what the next start puts in its place; returns the backup.

    The library may be used meanwhile: whatever is written into it until that start goes aside with it.

    Raises:
        BadInput: ``source`` is not a backup.
        Conflict: it was made by a newer version.
        Damaged: it does not verify; nothing was changed.
        DiskFull: there is no room for it; nothing was changed.
    """
    finish_restore(home)
    staged = HomeLayout(home).restoring
    with (
        unpacked(source, HomeLayout(home).unpacked_backup) as folder,
        room_faults("The backup cannot be restored", home),
    ):
        backup = verify(folder)
        if backup.schema > len(MIGRATIONS):
            raise Conflict(
                f"The backup was made by a newer Footnote (schema {backup.schema}); this one knows schema "
                f"{len(MIGRATIONS)}. Update Footnote, then restore."
            )
        try:
            _stage(folder, staged, home)
            plan = {"aside": f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"}
            _write_synced(staged / _PLAN, json.dumps(plan))
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
    return backup


def finish_restore(home: Path) -> Path | None:
    """Finishes a restore that was prepared, however far it came; returns the folder with what it replaced.

    Safe to repeat: each step leaves a state from which the next one goes on.
    """
    staged = HomeLayout(home).restoring
    if not (staged / _PLAN).is_file():
        shutil.rmtree(staged, ignore_errors=True)  # one that died while it was prepared
        return None
    aside = home / str(json.loads((staged / _PLAN).read_text(encoding="utf-8"))["aside"])
    aside.mkdir(exist_ok=True)
    for name in LIBRARY:
        coming = name in RESTORED
        if (
            (home / name).exists()
            and not (aside / name).exists()
            and ((staged / name).exists() or not coming)
        ):
            (home / name).rename(aside / name)
        if coming and (staged / name).exists():
            (staged / name).rename(home / name)
    for folder in (aside, home):
        sync_folder(folder)
    shutil.rmtree(staged)
    if not any(aside.iterdir()):
        aside.rmdir()
        return None
    return aside


def copy_database(backup: Path, target: Path) -> None:
    """Writes a copy of the backup's database, for ``target`` to be opened and changed; on disk when it returns."""
    source = HomeLayout(backup).database
    size = source.stat().st_size
    require_room("The backup cannot be restored", target.parent, needed=size)
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, part)
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(target)
    sync_folder(target.parent)


def _stage(folder: Path, staged: Path, home: Path) -> None:
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    copy_database(folder, HomeLayout(staged).database)
    source, target = BlobStore(HomeLayout(folder).blobs), BlobStore(HomeLayout(staged).blobs)
    for sha256 in source.hashes():
        path = target.path(sha256)
        path.parent.mkdir(exist_ok=True)
        if not link_or_copy(source.path(sha256), path):
            raise Damaged(f"{folder} changes while it is read. Copy it elsewhere first.")
        sync_folder(path.parent)
    # settings that are there are kept: those of a backup have no keys
    settings, theirs = HomeLayout(home).settings, HomeLayout(folder).settings
    if theirs.is_file() and not settings.exists():
        shutil.copyfile(theirs, settings)


def _write_synced(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as writer:
        writer.write(text)
        writer.flush()
        os.fsync(writer.fileno())
    part.replace(path)
    sync_folder(path.parent)
