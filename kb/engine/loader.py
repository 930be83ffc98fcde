"""The parts that take seconds to open: embedder, derived indexes, and the query engine over them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb.answer.query_engine import QueryEngine
from kb.config import Settings
from kb.engine.collection_models import CollectionModels, LibrarySearch
from kb.engine.device_watch import WATCH_SECONDS, DeviceWatch
from kb.engine.former import opened_former
from kb.errors import Cancelled, DiskFull, FootnoteError
from kb.index.pair import IndexPair, former_search, streamed
from kb.ports import Embedder, LexicalIndex, VectorSearch
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.job_steps import Steps
from kb.state.server_proofs import ProvedAnew, ServerProofs
from kb.state.vectors import embedder_in_use
from kb.system.home_layout import HomeLayout
from kb.system.periodic import PeriodicTask, PeriodicTasks
from kb.system.retired import Retired

if TYPE_CHECKING:
    from kb.answer.answerer import Answerer
    from kb.answer.opening import Asking
    from kb.index.writer import IndexWriter
    from kb.models.chat.pool import ModelPool
    from kb.retrieval.retriever import Retriever

log = logging.getLogger(__name__)

_LONGEST_QUESTION_SECONDS = 900.0
"""After which what was replaced is closed; a question about whole documents takes minutes."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts that take seconds to open: embedder, derived indexes, and what uses them."""

    embedder: Embedder
    embedder_choice: str
    """A sentence: which embedding model is in use, and why."""
    indexes: IndexPair
    index: IndexWriter
    asked: Asking
    former: Embedder | None = None
    """The embedder that answers until everything is embedded with the new one; None when that does."""

    @property
    def retriever(self) -> Retriever:
        return self.asked.retriever

    @property
    def answerer(self) -> Answerer:
        return self.asked.answerer


class EngineLoader:
    """Opens the engine of a library once, and closes it; what it needs of the library is open already."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        periodic_tasks: PeriodicTasks,
        models: Callable[[], ModelPool],
        before: Callable[[], None],
        announce: Callable[[str], None],
        embedder: Embedder | None = None,
    ) -> None:
        """``before`` is called before anything is opened: it locks the data folder, or raises.

        ``embedder`` is one that is open already and serves others too; None opens that of the settings.
        """
        self._settings = settings
        self._database = database
        self._chunks = Chunks(database)
        self._documents = Documents(database)
        self._periodic_tasks = periodic_tasks
        self._models = models
        self._before = before
        self._announce = announce
        self._embedder = embedder
        self._engine: Engine | None = None
        self._problem: str | None = None
        self._lock = threading.Lock()
        self._retired = Retired(_LONGEST_QUESTION_SECONDS)
        self.collections = CollectionModels(
            database, settings=lambda: self._settings, choose=self.choose_embedder, retired=self._retired
        )

    @property
    def opened(self) -> Engine | None:
        """The engine; None until it is first needed."""
        return self._engine

    def engine(self) -> Engine:
        """Returns the engine, opened by the first call, which takes seconds.

        Raises:
            Misconfigured, BackendDown: the embedding model cannot be had.
        """
        with self._lock:
            if self._engine is None:
                self._before()
                self._engine = self._open()
                self._problem = None
        return self._engine

    def note_problem(self, sentence: str) -> None:
        """Notes why the engine cannot be opened, for ``status``, until it is."""
        self._problem = sentence

    def warm_up(self) -> None:
        """Opens the engine and loads the embedding model; if it cannot, ``status`` says why."""
        try:
            engine = self.engine()
            engine.embedder.warm_up()
            engine.retriever.warm_up()
        except Cancelled:
            return  # the app ends while its model is being loaded
        except FootnoteError as error:
            log.warning("the embedding model cannot be used", extra={"reason": str(error)})
            self._problem = str(error)
        else:
            self._problem = None

    @property
    def settings(self) -> Settings:
        """The settings in force: those it was made with, and the embedder that took over since."""
        return self._settings

    @property
    def is_shared(self) -> bool:
        """Whether the embedder serves other libraries too, and is not this one's to change."""
        return self._embedder is not None

    def choose_embedder(
        self, settings: Settings | None = None, *, prove_again: bool = False
    ) -> tuple[Embedder, str]:
        """Returns the embedder for the settings, weights not loaded, and a sentence that says why it is that one.

        ``settings`` are others than those in force; ``prove_again``: what a server computes now is taken on, though
        it be something else than before.

        Raises:
            Misconfigured, BackendDown: it cannot be had; the message says what to do.
        """
        from kb.models.embed.choose import choose

        if self._embedder is not None:
            return self._embedder, f"{self._embedder.fingerprint.model}, shared with other libraries."
        in_use = embedder_in_use(self._database)
        keep = in_use.partition("@")[0] if in_use else None
        kept = ServerProofs(self._database)
        proofs = ProvedAnew(kept) if prove_again else kept
        return choose(settings or self._settings, announce=self._announce, keep=keep, proofs=proofs)

    def beside(self, settings: Settings, embedder: Embedder, choice: str, indexes: IndexPair) -> Engine:
        """Returns the engine with another embedder and its indexes, which answers nobody yet."""
        asked = self._asking(embedder, indexes.store, indexes.lexical, settings)
        return Engine(embedder, choice, indexes, indexes.index, asked)

    def take_over(self, settings: Settings, new: Engine) -> None:
        """Lets ``new`` answer from here on; questions under way end with the one before, which is closed later."""
        with self._lock:
            self._settings = self._settings.model_copy(update={"embedding": settings.embedding})
            asked = new.asked.with_settings(self._settings, self._models())
            old, self._engine = self._engine, replace(new, asked=asked)
        if old is None:
            return
        self._retired.add(old.embedder, old.retriever)
        if old.indexes.store is not new.indexes.store:
            old.indexes.store.retire()

    def look_at_collections(self) -> None:
        """Takes notice of what collections have of their own now, where the engine is open."""
        if (engine := self._engine) is not None:
            self.collections.look(
                LibrarySearch(engine.embedder, engine.indexes.store, engine.indexes.lexical)
            )

    def ask_with(self, settings: Settings) -> None:
        """Searches and answers with other settings from here on. Embedder and store stay: changing them takes a run."""
        with self._lock:
            kept = {"embedding": self._settings.embedding, "storage": self._settings.storage}
            self._settings = settings.model_copy(update=kept)
            if (engine := self._engine) is None:
                return
            asked = engine.asked.with_settings(self._settings, self._models())
            self._engine = replace(engine, asked=asked)
        if asked.retriever is not engine.retriever:
            self._retired.add(engine.retriever)  # questions under way still use it
            asked.retriever.warm_up()

    def require_embedder(self, embedder: Embedder | None = None) -> None:
        """Makes sure that a server that embeds may write, as far as can be told now; does nothing for others.

        ``embedder`` is one that was chosen already; None chooses one, and closes it.

        Raises:
            Misconfigured: it may not, or cannot be used; the sentence says why.
            BackendDown: it is away, which the jobs wait for.
        """
        from kb.models.embed.choose import has_to_be_proved, require_fitting
        from kb.models.embed.served.protocol import ProvedEmbedder

        require_fitting(self._settings)
        if self._embedder is not None or not has_to_be_proved(self._settings):
            return
        chosen = embedder or self.choose_embedder()[0]
        try:
            if isinstance(chosen, ProvedEmbedder):
                chosen.require_proof()
        finally:
            if embedder is None:
                chosen.close()

    def status(self) -> str:
        """Returns a sentence: which embedding model is in use and why, or that it is not open yet, or cannot be."""
        if self._problem is not None:
            return self._problem
        if (engine := self._engine) is None:
            return "The embedding model is being opened."
        if engine.former is not None:
            return (
                f"{engine.embedder_choice} The passages are being embedded with it; until they are, "
                f"{engine.former.fingerprint.model} answers."
            )
        said = (engine.embedder_choice, engine.embedder.engine_status, engine.indexes.status())
        return " ".join(filter(None, said))

    def close(self) -> None:
        with self._lock:
            self._retired.close()
            self.collections.close()
            if self._engine is None:
                return
            self._engine.retriever.close()
            for opened in (self._engine.former, self._engine.embedder):
                if opened is not None:
                    opened.close()
            self._engine.indexes.close()
            self._engine = None

    def asked_with(self, settings: Settings, models: ModelPool, *, engine: Engine) -> Answerer:
        """Returns what answers with other settings over the indexes of ``engine``."""
        return engine.asked.with_settings(settings, models).answerer

    def query_engine_beside_holder(self) -> QueryEngine:
        """Searches and answers while another process holds the folder: what is ready, by exact comparison.

        Raises:
            Misconfigured, BackendDown: the embedding model cannot be had.
            Conflict: there is nothing to search yet.
        """
        from kb.index.lifecycles import words_beside_holder

        words = words_beside_holder(HomeLayout(self._settings.home))
        embedder, _ = self.choose_embedder()
        if self._embedder is None:
            self._retired.add(embedder)
        store = streamed(self._database, embedder.fingerprint)
        answerer = self._asking(embedder, store, words).answerer
        return QueryEngine(lambda: answerer, self._models)

    def _open(self) -> Engine:
        embedder, choice = self.choose_embedder()
        indexes = IndexPair(
            self._settings.home,
            embedder.fingerprint,
            store=self._settings.storage,
            database=self._database,
            steps=Steps(self._database),
            chunks=self._chunks,
        )
        indexes.open_up()
        with suppress(DiskFull):  # then the languages are told the next time
            self._documents.fill_languages()
        self._add_tasks()
        former = None
        if not indexes.is_whole:
            former = opened_former(self._settings, self._database, embedder.fingerprint)
        store: VectorSearch = indexes.store
        if former is not None:
            home, storage = self._settings.home, self._settings.storage
            store = former_search(home, former.fingerprint, store=storage, database=self._database)
            self._periodic_tasks.add(PeriodicTask(self._take_over))
        asked = self._asking(former or embedder, store, indexes.lexical)
        self.collections.look(LibrarySearch(embedder, indexes.store, indexes.lexical))
        return Engine(embedder, choice, indexes, indexes.index, asked, former)

    def _add_tasks(self) -> None:
        """Has whichever engine is in use repaired, and what was replaced closed once no question can be using it."""

        def repair(stopped: Callable[[], bool]) -> None:
            if (engine := self._engine) is not None:
                engine.indexes.repair(stopped)

        def watch(_stopped: Callable[[], bool]) -> None:
            if (engine := self._engine) is not None:
                devices.look(engine.embedder)

        devices = DeviceWatch(self._database)
        self._periodic_tasks.add(PeriodicTask(repair))
        self._periodic_tasks.add(self._retired.task())
        self._periodic_tasks.add(PeriodicTask(watch, every_seconds=WATCH_SECONDS))
        self._periodic_tasks.add(PeriodicTask(self._tend_collections))

    def _tend_collections(self, stopped: Callable[[], bool]) -> None:
        self.look_at_collections()
        self.collections.complete(stopped=stopped)

    def _take_over(self, _stopped: Callable[[], bool]) -> None:
        """Switches to the new embedder once its index holds everything. The former one is freed at the end."""
        with self._lock:
            engine = self._engine
            if engine is None or engine.former is None or not engine.indexes.is_whole:
                return
            asked = self._asking(engine.embedder, engine.indexes.store, engine.indexes.lexical)
            self._retired.add(engine.former, engine.retriever)  # questions under way still use them
            self._engine = replace(engine, asked=asked, former=None)

    def _asking(
        self,
        embedder: Embedder,
        store: VectorSearch,
        lexical: LexicalIndex,
        settings: Settings | None = None,
    ) -> Asking:
        from kb.answer.opening import Searched, asking

        searched = Searched(embedder, store, lexical, self._database, self.collections.ready)
        return asking(settings or self._settings, self._models(), searched)
