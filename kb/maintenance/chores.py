"""Periodic maintenance of a library in use: a backup a day, room for a full disk, memory given back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from kb.config import Settings
from kb.maintenance.backups import DAILY, Backups
from kb.state.blobs import BlobStore
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.jobs import CLEANUPS, Jobs
from kb.state.notices import Notices
from kb.system.disk import LITTLE_ROOM, NEXT_TO_NOTHING, free_bytes, megabytes
from kb.system.malloc import give_back
from kb.system.periodic import PeriodicTask
from kb.system.reserve import Reserve

_LOOK_FOR_BACKUP_SECONDS = 600.0
_GIVE_MEMORY_BACK_SECONDS = 60.0


class MaintenanceTasks:
    """The periodic tasks of one data folder, and what a person should know of its disk."""

    def __init__(
        self, settings: Settings, database: Database, *, jobs: Jobs, blobs: BlobStore, reserve: Reserve
    ) -> None:
        self._settings = settings
        self._database = database
        self._jobs = jobs
        self._blobs = blobs
        self._reserve = reserve
        self._documents = Documents(database)
        self._notices = Notices(database)
        self._backups = Backups(settings.home)

    def tasks(self) -> Iterator[PeriodicTask]:
        """Yields the periodic tasks of a running app."""
        yield PeriodicTask(self._keep_room)
        yield PeriodicTask(lambda _stopped: give_back(), every_seconds=_GIVE_MEMORY_BACK_SECONDS)
        if self._settings.backup.kept:
            yield PeriodicTask(self._back_up_daily, every_seconds=_LOOK_FOR_BACKUP_SECONDS)

    def warnings(self) -> list[str]:
        """Returns sentences about faults of the moment, which go away once their cause does."""
        fault = self._database.fault()
        said = [] if fault is None else [fault]
        free = free_bytes(self._settings.home)
        if free >= LITTLE_ROOM:
            return said
        return [
            *said,
            f"The disk is nearly full: {megabytes(free)} MB are free. Imports wait until there is room; searching and "
            "removing documents go on.",
        ]

    def _keep_room(self, _stopped: Callable[[], bool]) -> None:
        removing = self._jobs.waiting(kinds=CLEANUPS)
        if not removing:
            self._reserve.keep()
        elif free_bytes(self._settings.home) < NEXT_TO_NOTHING:
            self._reserve.release()

    def _back_up_daily(self, _stopped: Callable[[], bool]) -> None:
        if self._documents.blobs_in_use() and self._backups.is_due(datetime.now(UTC)):
            made = self._backups.make(self._database, self._blobs, reason=DAILY)
            if made.missing:
                self._notices.add(
                    f"{len(made.missing)} original files are missing or damaged, so backups cannot have them either. "
                    "`app.py check` names them."
                )
            self._backups.prune(self._settings.backup.kept)
