"""Opens all parts from the settings; the one object that every surface receives."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kb.answer.query_engine import QueryEngine
from kb.config import DEFAULT_COLLECTION, Settings
from kb.engine import Engine, EngineLoader
from kb.errors import BadInput, Conflict, DiskFull, NotFound
from kb.maintenance.backups import Backups
from kb.maintenance.check import Check
from kb.maintenance.chores import MaintenanceTasks
from kb.maintenance.recovery import check_database, open_database
from kb.ports import Embedder, PageRenderer
from kb.state.blobs import BlobStore
from kb.state.chunks import Chunks
from kb.state.conversations import AnswerRuns
from kb.state.deletion import delete_pending
from kb.state.documents import Documents
from kb.state.evaluations import Evaluations
from kb.state.facets import facets
from kb.state.job_control import Control
from kb.state.job_progress import WorkProgress
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.labelled_questions import LabelledQuestions
from kb.state.notices import Notices
from kb.state.tags import Labels
from kb.system.folder_lock import FolderLock
from kb.system.home_layout import HomeLayout
from kb.system.periodic import PeriodicTasks
from kb.system.processes import is_dead, new_owner
from kb.system.reserve import Reserve
from kb.types import (
    Added,
    Backup,
    Chunk,
    Document,
    Facets,
    Finding,
    LabelledQuestion,
    ModelStatus,
    Rect,
)

if TYPE_CHECKING:
    from kb.answer.runs import AnswerRunner
    from kb.models.chat.pool import ModelPool

log = logging.getLogger(__name__)

_CHANGE_POLL_SECONDS = 0.2


class KnowledgeBase:
    """The documents of one data folder, how to search them and how to ask.

    Opening it reads no model and no index; ``engine`` does, once, for the first call that needs it.
    Safe to use from several threads.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        renderer: PageRenderer,
        suffixes: frozenset[str],
        announce: Callable[[str], None] = log.info,
        embedder: Embedder | None = None,
    ) -> None:
        """``suffixes``: endings of the files that can be read, in lower case, with their dots.

        ``announce`` is told in sentences what takes long: a model being unpacked or downloaded.
        ``embedder`` is one that is open already and serves others too; None opens that of the settings.
        """
        self.settings = settings
        self.suffixes = suffixes
        self.folder_lock = FolderLock(settings.home)
        self._renderer = renderer
        self.reserve = Reserve(settings.home, megabytes=settings.storage.reserve_megabytes)
        self._database = self.reserve.with_reserve(lambda: open_database(settings.home, self.folder_lock))
        self.blobs = BlobStore(HomeLayout(settings.home).blobs)
        self.state = Documents(self._database)
        self.chunks = Chunks(self._database)
        self.jobs = Jobs(self._database, clock=time.time)
        self.steps = Steps(self._database)
        self.control = Control(self._database)
        self.labels = Labels(self._database)
        self.progress = WorkProgress(self._database, clock=time.time)
        self.kept = LabelledQuestions(self._database)
        self.evaluations = Evaluations(self._database)
        self.notices = Notices(self._database)
        self.backups = Backups(settings.home)
        self.periodic_tasks = PeriodicTasks()
        self.requests = AnswerRuns(self._database)
        self._maintenance_tasks = MaintenanceTasks(
            settings, self._database, jobs=self.jobs, blobs=self.blobs, reserve=self.reserve
        )
        self._engines = EngineLoader(
            settings,
            self._database,
            periodic_tasks=self.periodic_tasks,
            models=lambda: self._models,
            before=self._lock_first,
            announce=announce,
            embedder=embedder,
        )
        self._checking = threading.Lock()

    def lock(self) -> None:
        """Takes hold of the data folder: needed before ``engine`` is opened or a worker started.

        Raises:
            Conflict: another process has it; the message names it.
        """
        self.folder_lock.acquire()
        check_database(self._database)
        self.reserve.with_reserve(lambda: self.jobs.release_dead(is_dead))
        self.reserve.with_reserve(self.requests.end_interrupted)
        self._remove_orphans()

    def _remove_orphans(self) -> None:
        """Removes files that an interrupted copy or an interrupted removal left behind."""
        self.blobs.remove_leftovers()
        for sha256 in self.blobs.hashes() - self.state.blobs_in_use():
            self.blobs.remove(sha256)

    # --- The library --------------------------------------------------------------------------

    def add_file(self, source: Path, name: str, collection: str = DEFAULT_COLLECTION) -> Added:
        """Takes a copy of ``source`` and queues its import; both are on disk when this returns.

        Raises:
            BadInput: the file cannot be read, or is larger than the limit.
            DiskFull: there is no room for it; nothing of it is left.
        """
        limit = self.settings.parsing.max_file_megabytes << 20
        blob = self.blobs.put(source, name=name, max_bytes=limit)
        collection = collection or DEFAULT_COLLECTION
        try:
            self.blobs.remember(blob.sha256, name=name, collection=collection)
            added = self.state.add(blob, name=name, collection=collection)
        except DiskFull:
            if blob.sha256 not in self.state.blobs_in_use():
                # whoever adds the same bytes just now looks for them afterwards
                self.blobs.remove(blob.sha256)
            raise
        while not self.blobs.path(blob.sha256).is_file():
            # The last other document with these bytes was buried in between, and the file with it.
            self.blobs.put(source, name=name, max_bytes=limit)
            self.blobs.remember(blob.sha256, name=name, collection=collection)
        return added

    def documents(
        self, *, collection: str | None = None, limit: int = 200, offset: int = 0
    ) -> list[Document]:
        """Documents, newest first; ``collection=None`` lists all."""
        return self.state.page(collection=collection, limit=limit, offset=offset)

    def count(self, *, collection: str | None = None) -> int:
        """How many documents there are."""
        return self.state.count(collection=collection)

    def document(self, document_id: str) -> Document:
        """One document; raises NotFound."""
        return self.state.get(document_id)

    def collections(self) -> list[str]:
        """The names of all collections that hold documents."""
        return self.state.collections()

    def facets(self) -> Facets:
        """What questions can be narrowed down by."""
        return facets(self._database)

    def remove(self, document_ids: Sequence[str]) -> None:
        """Deletes documents: from here on nothing finds them. The worker takes them apart.

        Raises:
            NotFound: one of them does not exist, and then none is deleted.
        """
        self.reserve.with_reserve(lambda: self.control.remove(document_ids))

    def delete_pending(self) -> None:
        """Takes deleted documents apart where no worker does; the indexes follow when they are next opened."""
        delete_pending(self.jobs, self.steps, self.blobs, owner=new_owner("burials"))
        if (engine := self._engines.opened) is not None:
            engine.index.sweep()

    def back_up(self, to: Path | None = None) -> Backup:
        """Makes a backup and verifies it, while the library goes on; ``to`` as for ``Backups.make``."""
        return self.backups.make(self._database, self.blobs, reason="by hand", to=to)

    def check(self, *, repair: bool = False, report: Callable[[str], None] = lambda _: None) -> list[Finding]:
        """Verifies everything that is stored; with ``repair`` mends what is wrong and verifies again.

        Takes as long as reading every file and asking for every passage does. ``report`` is told how far it is.

        Raises:
            Conflict: one is under way already, or another process holds the data folder.
        """
        if not self._checking.acquire(blocking=False):
            raise Conflict("The library is being checked already. Try again when that is done.")
        try:
            indexes = self.engine.indexes
            check = Check(
                self.settings.home,
                self._database,
                self.blobs,
                indexes,
                stopped=self.periodic_tasks.is_stopped,
            )
            found = check.run(report)
            if repair and not all(finding.ok for finding in found):
                report("repairing")
                check.repair()
                found = check.run(report)
            return found
        finally:
            self._checking.release()

    def warnings(self) -> list[str]:
        """What is wrong just now and goes away by itself once it is put right, in sentences."""
        return self._maintenance_tasks.warnings()

    def keep_up(self) -> None:
        """Begins what is done in the background while the app runs: a backup a day, and room for a full disk."""
        for task in self._maintenance_tasks.tasks():
            self.periodic_tasks.add(task)

    def original(self, document_id: str) -> Path:
        """The file as it was added; its name is its hash. Raises NotFound."""
        path = self.blobs.path(self.state.get(document_id).sha256)
        if not path.is_file():
            raise NotFound("The file of this document is missing from the data folder. Add it again.")
        return path

    def chunk(self, chunk_id: int) -> Chunk:
        """One passage; raises NotFound."""
        return self.chunks.get(chunk_id)

    def page_picture(
        self, document_id: str, page: int, *, rects: Sequence[Rect] = (), width: int = 900
    ) -> bytes:
        """A page of a PDF as a PNG with ``rects`` highlighted; raises NotFound, BadInput."""
        return self._renderer.render(self.original(document_id), page, rects=rects, width=width)

    def wait_for_change(self, seen: int, timeout: float) -> int:
        """Waits until the library differs from when this returned ``seen``; gives the new number, or the same."""
        deadline = time.monotonic() + timeout
        while (version := self._database.data_version()) == seen and time.monotonic() < deadline:
            time.sleep(_CHANGE_POLL_SECONDS)
        return version

    def label_question(self, question: str, chunk_id: int, *, quote: str = "") -> LabelledQuestion:
        """Keeps ``question`` with the passage that answers it, or with the words of it that do.

        Raises:
            NotFound: there is no such passage any more.
            BadInput: the question is empty.
        """
        if not question.strip():
            raise BadInput("There is no question to keep.")
        chunk = self.chunk(chunk_id)
        document = self.document(chunk.document_id)
        return self.kept.keep(
            question.strip(),
            sha256=document.sha256,
            document=document.name,
            page=chunk.anchor.page,
            quote=quote.strip() or chunk.text,
        )

    # --- Searching and asking -----------------------------------------------------------------

    @cached_property
    def query_engine(self) -> QueryEngine:
        """What searches and answers; its first call opens the engine, which takes seconds."""
        return QueryEngine(lambda: self.engine.answerer, lambda: self._models)

    def asked_with(self, settings: Settings) -> QueryEngine:
        """The same documents and indexes, searched and asked with other settings.

        Only settings that say how to search and answer can differ; the documents stay as they were cut.
        """
        from kb.models.chat.pool import ModelPool

        return self._engines.asked_with(settings, ModelPool(settings), engine=self.engine)

    @cached_property
    def answers(self) -> AnswerRunner:
        """What makes answers that outlive whoever asked, for a process that serves."""
        from kb.answer.runs import AnswerRunner

        return AnswerRunner(self.requests, self.query_engine.ask)

    async def model_status(self, wanted: str | None = None) -> ModelStatus:
        """Which model answers, why it, and how to get a better one."""
        return (await self._models.choose(wanted))[1]

    async def models(self) -> Mapping[str, str]:
        """Every model that can be chosen now: name -> what it is."""
        return await self._models.names()

    async def close_models(self) -> None:
        """Frees the answering models; in the event loop that used them, before ``close``."""
        await self.query_engine.close_models()

    @cached_property
    def _models(self) -> ModelPool:
        from kb.models.chat.pool import ModelPool

        return ModelPool(self.settings)

    # --- The parts ----------------------------------------------------------------------------

    @property
    def engine(self) -> Engine:
        """The embedder and the indexes, opened by the first call, which takes seconds.

        Raises:
            Conflict: another process holds the data folder.
            Misconfigured: the embedding model cannot be had.
        """
        return self._engines.engine()

    def _lock_first(self) -> None:
        if not self.folder_lock.is_locked_here:
            self.lock()

    def warm_up(self) -> None:
        """Opens the engine and loads the embedding model; what prevents it goes to ``embedder_status``."""
        self._engines.warm_up()

    def choose_embedder(self) -> tuple[Embedder, str]:
        """The embedder for the settings, weights not loaded, and a sentence that says why it is that one.

        Raises:
            Misconfigured, BackendDown: it cannot be had; the message says what to do.
        """
        return self._engines.choose_embedder()

    def embedder_status(self) -> str:
        """Which embedding model is in use and why, in a sentence; or that it is not open yet, or cannot be."""
        return self._engines.status()

    def reranker_status(self) -> str:
        """Which model orders what was found once more, in a sentence."""
        from kb.retrieval.model_rerank import description

        return description(self.settings)

    def close(self) -> None:
        """Closes everything that is open and lets go of the data folder."""
        self.periodic_tasks.stop()
        self._engines.close()
        self._database.close()
        self.folder_lock.release()
