"""Keeping a data folder whole: its lock, backups, the check, notices, and periodic tasks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import Conflict, NotFound
from kb.knowledge_base.parts import Parts
from kb.maintenance.backups import Backups
from kb.maintenance.check import Check, OwnVectors
from kb.maintenance.chores import MaintenanceTasks
from kb.maintenance.restore import prepare_restore
from kb.maintenance.space import space_used
from kb.state.notices import Notices
from kb.system.access_token import make_token, read_token
from kb.system.periodic import PeriodicTasks
from kb.types import AccessScope, Backup, Caller, Finding, SpaceUsed, StoredNotice

if TYPE_CHECKING:
    from kb.engine.loader import Engine

log = logging.getLogger(__name__)


class MaintenanceService:
    """The maintenance of one data folder. No caller is named for what a process does for itself."""

    def __init__(
        self,
        parts: Parts,
        *,
        lock: Callable[[], None],
        open_engine: Callable[[], Engine],
        own: OwnVectors,
        tasks: PeriodicTasks,
    ) -> None:
        """``lock`` locks the folder; ``open_engine`` opens the indexes where they are not open yet.

        ``own``: what collections have of an embedder of their own.
        """
        self._parts = parts
        self._lock = lock
        self._open_engine = open_engine
        self._own = own
        self._tasks = tasks
        self._notices = Notices(parts.database)
        self._backups = Backups(parts.settings.home)
        self._maintenance_tasks = MaintenanceTasks(
            parts.settings, parts.database, jobs=parts.jobs, blobs=parts.blobs, reserve=parts.reserve
        )
        self._checking = threading.Lock()
        self._end_serving: Callable[[], None] | None = None
        self.is_restarting = False
        """Whether the process is to start once more when it has ended."""

    # --- Who works on the folder --------------------------------------------------------------

    def lock(self) -> None:
        """Locks the data folder: needed before anything is imported or the indexes are opened.

        Raises:
            Conflict: another process has it; the message names it.
        """
        self._lock()

    @property
    def is_locked_here(self) -> bool:
        return self._parts.folder_lock.is_locked_here

    def is_held(self) -> bool:
        """Returns whether some process, this one included, holds the folder."""
        return self._parts.folder_lock.is_held()

    def holder(self) -> str:
        """Returns the process that holds the folder, in words."""
        return self._parts.folder_lock.holder()

    def address(self) -> str | None:
        """Returns where the process that holds the folder listens; None if it does not, or nobody holds it."""
        return self._parts.folder_lock.address()

    def announce(self, address: str) -> None:
        """Leaves a note for other processes where this one listens."""
        self._parts.folder_lock.announce(address)

    def new_token(self) -> str:
        """Returns a new secret for commands of the same owner to prove themselves with, kept in the folder."""
        return make_token(self._parts.settings.home)

    def token(self) -> str | None:
        """Returns the secret of the process that serves the folder; None where none was made."""
        return read_token(self._parts.settings.home)

    # --- Keeping it whole ---------------------------------------------------------------------

    def start_periodic_tasks(self) -> None:
        """Starts the periodic tasks of a running app: a backup a day, and the disk reserve."""
        for task in self._maintenance_tasks.tasks():
            self._tasks.add(task)

    def back_up(self, to: Path | None = None, *, caller: Caller) -> Backup:
        """Makes a backup and verifies it, while the library goes on; ``to`` as for ``Backups.make``, which raises."""
        caller.require_whole()
        log.info("a backup is made", extra={"caller": caller.id})
        return self._backups.make(self._parts.database, self._parts.blobs, reason="by hand", to=to)

    def backups(self, *, caller: Caller) -> list[Backup]:
        """Returns the finished backups in the data folder, newest first."""
        caller.require_whole()
        return self._backups.all()

    def prepare_restore(self, path: Path, *, caller: Caller) -> Backup:
        """Verifies a backup of the data folder's own, which the next start puts in the place of the library.

        Raises:
            NotFound: there is no such backup.
            Conflict, Damaged, DiskFull: it cannot be restored; nothing was changed.
        """
        caller.require_whole()
        found = next((each for each in self._backups.all() if each.path == path), None)
        if found is None:
            raise NotFound(f"There is no backup at {path}. It may have been removed in its turn.")
        log.info("a backup is restored", extra={"made": found.made, "caller": caller.id})
        return prepare_restore(found.path, self._parts.settings.home)

    def restart(self, *, caller: Caller) -> None:
        """Ends what serves the folder, so that its process starts once more as it was started.

        Raises:
            Conflict: this process does not serve.
        """
        caller.require_whole()
        if self._end_serving is None:
            raise Conflict("This process does not serve the page: end it and start it again.")
        log.info("Footnote starts again", extra={"caller": caller.id})
        self.is_restarting = True
        self._end_serving()

    def serves(self, end: Callable[[], None]) -> None:
        """Says that this process serves the folder until ``end`` is called, from any thread."""
        self._end_serving = end

    def space(self, *, caller: Caller) -> list[SpaceUsed]:
        """Returns how much room the data folder takes, by what takes it."""
        caller.require_whole()
        return space_used(self._parts.settings.home)

    def check(
        self, *, caller: Caller, repair: bool = False, report: Callable[[str], None] = lambda _: None
    ) -> list[Finding]:
        """Verifies everything that is stored; with ``repair`` repairs what is wrong and verifies again.

        Takes as long as reading every file and asking for every passage does. ``report`` is told how far it is.

        Raises:
            Conflict: one is under way already, or another process holds the data folder.
        """
        caller.require_whole()
        if not self._checking.acquire(blocking=False):
            raise Conflict("The library is being checked already. Try again when that is done.")
        log.info("the library is checked", extra={"repair": repair, "caller": caller.id})
        try:
            check = Check(
                self._parts.settings.home,
                self._parts.database,
                self._parts.blobs,
                self._open_engine().indexes,
                own=self._own,
                stopped=self._tasks.is_stopped,
            )
            found = check.run(report)
            if repair and not all(finding.ok for finding in found):
                report("repairing")
                check.repair()
                found = check.run(report)
            return found
        finally:
            self._checking.release()

    # --- What a person should know ------------------------------------------------------------

    def warnings(self) -> list[str]:
        """Returns sentences about faults of the moment, which go away once their cause does."""
        return self._maintenance_tasks.warnings()

    def notices(self, *, caller: Caller) -> list[StoredNotice]:
        """Returns the notices that have not been dismissed, newest first."""
        caller.require_whole(AccessScope.READ)
        return self._notices.all(owner=caller.id)

    def dismiss(self, notice_id: int, *, caller: Caller) -> None:
        caller.require_whole()
        self._notices.dismiss(notice_id, owner=caller.id)
