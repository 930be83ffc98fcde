"""The backups of a data folder: made, listed, and removed in their turn."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from kb.config import expanded
from kb.errors import BadInput, Conflict, Damaged
from kb.maintenance.archive import write_zip
from kb.maintenance.copying import copy_library, copy_settings
from kb.maintenance.manifest import listed, verify, write_manifest
from kb.state.blobs import BlobStore, sync_folder
from kb.state.db import Database
from kb.system.disk import room_faults
from kb.system.home_layout import HomeLayout
from kb.types import Backup

DAILY = "daily"
_PATIENCE_SECONDS = 600


class Backups:
    """The backups kept in a data folder, and how one is made."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.folder = HomeLayout(home).backups

    def make(self, database: Database, blobs: BlobStore, *, reason: str, to: Path | None = None) -> Backup:
        """Makes a backup as of now and verifies it; the library may be used, and changed, meanwhile.

        ``to``: a folder in which the backup becomes a new folder, or the name of a ``.zip`` file;
        None keeps it in the data folder.

        Raises:
            BadInput: the file is there already, or ``to`` cannot be written.
            DiskFull: there is no room for it.
            Conflict: another process is making one.
            Damaged: what was written did not read back the same.
        """
        to = expanded(to) if to is not None else None
        file = to if to is not None and to.suffix.lower() == ".zip" else None
        folder = self.folder if to is None or file is not None else to
        if file is not None and file.exists():
            raise BadInput(f"{file} is there already. Name another file.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with room_faults("The backup cannot be made", folder), self._one_at_a_time():
                return self._make(database, blobs, reason=reason, folder=folder, file=file)
        except OSError as error:
            raise BadInput(
                f"The backup cannot be written to {to or folder}: {error.strerror or error}."
            ) from error

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Keeps other processes from making one, and clears away what one that died left behind."""
        self.folder.mkdir(exist_ok=True)
        try:
            with FileLock(self.folder / ".lock", thread_local=False).acquire(timeout=_PATIENCE_SECONDS):
                for path in self.folder.glob(".making-*"):
                    shutil.rmtree(path, ignore_errors=True)
                yield
        except Timeout:
            raise Conflict("Another backup is being made. Try again when it is done.") from None

    def _make(
        self, database: Database, blobs: BlobStore, *, reason: str, folder: Path, file: Path | None
    ) -> Backup:
        made = datetime.now(UTC)
        making = folder / f".making-{secrets.token_hex(6)}"
        making.mkdir()
        try:
            lacking = copy_library(
                database, blobs, making, earlier=[backup.path for backup in listed(folder)]
            )
            copy_settings(HomeLayout(self._home).settings, HomeLayout(making).settings)
            backup = write_manifest(making, made=made, reason=reason, lacking=lacking)
            verify(making, files=False)  # they were read just now
            if file is not None:
                return write_zip(backup, file)
            final = _free_name(folder, made)
            making.rename(final)
            sync_folder(folder)
            return replace(backup, path=final)
        finally:
            shutil.rmtree(making, ignore_errors=True)

    def all(self) -> list[Backup]:
        """Returns the finished backups in the data folder, newest first."""
        return listed(self.folder)

    def newest_sound(self) -> Backup | None:
        """Returns the newest backup that can be verified; None where there is none."""
        for backup in self.all():
            try:
                return verify(backup.path)
            except Damaged:
                continue
        return None

    def is_due(self, now: datetime) -> bool:
        """Returns whether the newest daily backup is older than a day."""
        made = [datetime.fromisoformat(backup.made) for backup in self.all() if backup.reason == DAILY]
        return not made or now - max(made) >= timedelta(days=1)

    def prune(self, keep: int) -> None:
        """Removes all but the newest ``keep`` daily backups; those made by hand or before a migration stay."""
        for backup in [backup for backup in self.all() if backup.reason == DAILY][keep:]:
            shutil.rmtree(backup.path, ignore_errors=True)


def _free_name(folder: Path, made: datetime) -> Path:
    name = f"footnote-{made:%Y%m%d-%H%M%S}"
    return next(
        path
        for number in count(1)
        if not (path := folder / (name if number == 1 else f"{name}-{number}")).exists()
    )
