"""The manifest of a backup: what it says of itself, and whether that is true."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from kb.errors import Damaged
from kb.state.blobs import BlobStore, hash_of, sync_folder
from kb.state.integrity import snapshot
from kb.system.home_layout import HomeLayout
from kb.types import BACKUP_FORMAT, Backup

MANIFEST = "backup.json"


def listed(folder: Path) -> list[Backup]:
    """Returns the finished backups in ``folder``, newest first; nothing is verified."""
    found = [
        _read_manifest(path.parent) for path in folder.glob(f"*/{MANIFEST}") if path.parent.name[0] != "."
    ]
    return sorted(
        (backup for backup in found if backup), key=lambda backup: (backup.made, backup.path), reverse=True
    )


def verify(folder: Path, *, files: bool = True) -> Backup:
    """Reads a whole backup and compares it with its manifest and its names; without ``files``, not those.

    Raises:
        Damaged: a file is missing or differs, or SQLite finds fault with the database.
    """
    backup = _read_manifest(folder)
    if backup is None:
        raise Damaged(f"{folder} is not a backup: it has no readable {MANIFEST}.")
    try:
        if hash_of(HomeLayout(folder).database) != backup.database_sha256:
            raise Damaged(f"{HomeLayout(folder).database} is not what was backed up.")
    except OSError as error:
        raise Damaged(f"{HomeLayout(folder).database} cannot be read: {error.strerror or error}.") from error
    contents = snapshot(HomeLayout(folder).database)
    if dict(contents.rows) != dict(backup.rows):
        raise Damaged(f"{HomeLayout(folder).database} does not hold the rows that were backed up.")
    store = blobs_of(folder)
    due = contents.blobs - set(backup.missing) if files else ()
    if wrong := sorted(sha256 for sha256 in due if not store.is_sound(sha256)):
        raise Damaged(f"{len(wrong)} files of {folder} are missing or damaged; the first is {wrong[0]}.")
    return backup


def _read_manifest(folder: Path) -> Backup | None:
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if said.pop("format") != BACKUP_FORMAT:
            return None
        return Backup(**{**said, "path": folder, "missing": tuple(said["missing"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None  # whatever is wrong with it, it is no manifest


def write_manifest(making: Path, *, made: datetime, reason: str, lacking: set[str]) -> Backup:
    """Reads what was written and puts it into a manifest beside it."""
    contents = snapshot(HomeLayout(making).database)
    store = blobs_of(making)
    unsound = {sha256 for sha256 in contents.blobs - lacking if not store.is_sound(sha256)}
    backup = Backup(
        path=making,
        made=made.isoformat(timespec="microseconds"),
        reason=reason,
        schema=contents.schema,
        database_sha256=hash_of(HomeLayout(making).database),
        rows=contents.rows,
        blobs=len(contents.blobs - lacking),
        blob_bytes=sum(store.path(sha256).stat().st_size for sha256 in contents.blobs - lacking),
        missing=tuple(sorted(lacking | unsound)),
    )
    with (making / MANIFEST).open("w", encoding="utf-8") as writer:
        manifest = backup.as_json()
        del manifest["path"]
        json.dump(manifest, writer, ensure_ascii=False, indent=2)
        writer.flush()
        os.fsync(writer.fileno())
    sync_folder(making)
    return backup


def blobs_of(folder: Path) -> BlobStore:
    """Returns the original files of the backup in ``folder``."""
    return BlobStore(HomeLayout(folder).blobs)
