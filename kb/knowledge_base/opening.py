"""Opens a data folder: restores, recovers and migrates what is in it, then makes the services that stand on it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from kb.config import Settings
from kb.engine.loader import EngineLoader
from kb.errors import Conflict, DiskFull
from kb.knowledge_base.chunker_cost import CutFile
from kb.knowledge_base.facade import KnowledgeBase
from kb.knowledge_base.parts import Parts
from kb.knowledge_base.stored_settings import with_stored
from kb.maintenance.backups import Backups
from kb.maintenance.missing_originals import say_missing_originals
from kb.maintenance.recovery import check_database, open_database
from kb.maintenance.restore import restore
from kb.maintenance.unclaimed import claim_files
from kb.ports import Embedder, PageRenderer
from kb.state.blobs import BlobStore
from kb.state.chunks import Chunks
from kb.state.conversations import AnswerRuns
from kb.state.documents import Documents
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.notices import Notices
from kb.system.folder_lock import FolderLock
from kb.system.home_layout import HomeLayout
from kb.system.logs import tell
from kb.system.periodic import PeriodicTasks
from kb.system.private import make_private
from kb.system.processes import is_dead
from kb.system.reserve import Reserve
from kb.types import Backup, Restored

if TYPE_CHECKING:
    from kb.models.chat.pool import ModelPool

log = logging.getLogger(__name__)

_WAS_OPEN = (
    "Other accounts of this machine could read the data folder until now. It is closed to them from here on. "
    "Backups that you keep elsewhere are as you left them: look at who can read those."
)


def open_knowledge_base(
    settings: Settings,
    *,
    renderer: PageRenderer,
    suffixes: frozenset[str],
    announce: Callable[[str], None] = tell,
    embedder: Embedder | None = None,
    cutter: CutFile | None = None,
) -> KnowledgeBase:
    """Returns the knowledge base of ``settings.home``, its database restored, recovered and migrated if due.

    Reads no model and no index. ``suffixes``: endings of the files that can be read, in lower case, with their dots.
    ``announce`` is told in sentences what takes long: a model being unpacked or downloaded. ``embedder`` is one that is
    open already and serves others too; None opens that of the settings. ``cutter`` reads files where their passages
    are to be counted before anything is changed; None lets them be guessed.

    Raises:
        Conflict: the folder belongs to a newer version, or has to be recovered while another process holds it.
        DiskFull: there is no room for what opening writes.
    """
    parts = open_parts(settings)
    settings = parts.settings
    tasks = PeriodicTasks()

    @cache
    def models() -> ModelPool:
        from kb.models.chat.pool import ModelPool

        return ModelPool(settings)

    def lock_first() -> None:
        if not parts.folder_lock.is_locked_here:
            lock(parts)

    engines = EngineLoader(
        settings,
        parts.database,
        periodic_tasks=tasks,
        models=models,
        before=lock_first,
        announce=announce,
        embedder=embedder,
    )
    return KnowledgeBase(
        parts,
        lock=partial(lock, parts),
        engines=engines,
        models=models,
        tasks=tasks,
        renderer=renderer,
        suffixes=suffixes,
        cutter=cutter,
    )


def open_parts(settings: Settings) -> Parts:
    """Returns the parts of ``settings.home``; raises as ``open_knowledge_base`` does."""
    folder_lock = FolderLock(settings.home)
    had_library = HomeLayout(settings.home).database.exists()
    was_open = make_private(settings.home)
    reserve = Reserve(settings.home, megabytes=settings.storage.reserve_megabytes)
    database = reserve.with_reserve(lambda: open_database(settings.home, folder_lock))
    if was_open and had_library:
        log.warning("other accounts could read the data folder; it is closed to them now")
        with suppress(DiskFull):
            reserve.with_reserve(lambda: Notices(database).add(_WAS_OPEN))
    return Parts(
        settings=with_stored(settings, database),
        folder_lock=folder_lock,
        reserve=reserve,
        database=database,
        blobs=BlobStore(HomeLayout(settings.home).blobs),
        documents=Documents(database),
        chunks=Chunks(database),
        jobs=Jobs(database, clock=time.time),
        steps=Steps(database),
    )


def lock(parts: Parts) -> None:
    """Locks the folder and clears up after a process that died: its jobs, its answers, its stray files.

    Raises:
        Conflict: another process has it; the message names it.
    """
    parts.folder_lock.acquire()
    check_database(parts.database)
    parts.reserve.with_reserve(lambda: parts.jobs.release_dead(is_dead))
    parts.reserve.with_reserve(AnswerRuns(parts.database).end_interrupted)
    parts.blobs.remove_leftovers()
    parts.reserve.with_reserve(
        lambda: claim_files(parts.settings.home, parts.documents, parts.blobs, Notices(parts.database))
    )
    parts.reserve.with_reserve(
        lambda: say_missing_originals(parts.documents, parts.blobs, Notices(parts.database))
    )


# --- Of a folder that is not opened -----------------------------------------------------------


def list_backups(home: Path) -> list[Backup]:
    """Returns the finished backups in the data folder ``home``, newest first."""
    return Backups(home).all()


def restore_backup(home: Path, source: Path) -> Restored:
    """Makes the data folder ``home`` what it was when the backup ``source`` was made; what it replaces is kept.

    Raises:
        Conflict: a process works on the folder, or the backup was made by a newer version.
        BadInput: ``source`` is not a backup.
        Damaged: it does not verify; nothing was changed.
        DiskFull: there is no room for it; nothing was changed.
    """
    held = FolderLock(home)
    if held.is_held():
        raise Conflict(
            f"The data folder {home} is in use by {held.holder()}. A restore replaces everything that it works "
            "on: end it, then restore."
        )
    with held.briefly():
        return restore(source, home)
