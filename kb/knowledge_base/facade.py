"""The one object that every surface holds: a few services, searching and asking."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from kb.answer.query_engine import QueryEngine
from kb.answer.running_answers import RunningAnswers
from kb.config import Settings
from kb.engine.loader import EngineLoader
from kb.knowledge_base.accounts import AccountsService
from kb.knowledge_base.chunker import ChunkerService
from kb.knowledge_base.chunker_cost import CutFile
from kb.knowledge_base.conversations import ConversationsService
from kb.knowledge_base.embedder import EmbedderService
from kb.knowledge_base.evaluations import EvaluationsService
from kb.knowledge_base.identities import IdentitiesService
from kb.knowledge_base.inference import InferenceService
from kb.knowledge_base.jobs import JobsService
from kb.knowledge_base.kept_replies import KeptRepliesService
from kb.knowledge_base.keys import KeysService
from kb.knowledge_base.library import LibraryService
from kb.knowledge_base.listing import ListingService
from kb.knowledge_base.maintenance import MaintenanceService
from kb.knowledge_base.models import ModelsService
from kb.knowledge_base.parts import IngestParts, Parts
from kb.knowledge_base.passage_edits import PassageEditsService
from kb.knowledge_base.ratings import RatingsService
from kb.knowledge_base.request_log import RequestLogService
from kb.knowledge_base.settings import SettingsService
from kb.knowledge_base.sharing import SharingService
from kb.knowledge_base.signing_in import SigningIn
from kb.knowledge_base.vectors import VectorsService
from kb.knowledge_base.words_alone import WordsAlone
from kb.models.embed.recorded import engine_of
from kb.ports import Embedder, PageRenderer
from kb.state.conversations import AnswerRuns
from kb.state.facets import known_value
from kb.state.ratings import Ratings
from kb.system.periodic import PeriodicTasks
from kb.text.query_syntax import KnownValue
from kb.types import Caller, Finding, ModelOffers, ModelStatus

if TYPE_CHECKING:
    from kb.models.chat.pool import ModelPool


class KnowledgeBase:
    """The documents of one data folder, how to search them and how to ask.

    ``open_knowledge_base`` makes it. It reads no model and no index before the first call that needs them.
    Safe to use from several threads.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        lock: Callable[[], None],
        engines: EngineLoader,
        models: Callable[[], ModelPool],
        tasks: PeriodicTasks,
        renderer: PageRenderer,
        suffixes: frozenset[str],
        cutter: CutFile | None = None,
    ) -> None:
        """``models`` gives the same pool each time; ``lock`` takes hold of the folder; ``cutter`` tells costs."""
        self.suffixes = suffixes
        self.library = LibraryService(parts, renderer=renderer, opened_engine=lambda: engines.opened)
        self.listing = ListingService(parts, opened_engine=lambda: engines.opened)
        self.passage_edits = PassageEditsService(parts, open_engine=engines.engine)
        self.jobs = JobsService(parts)
        self.replies = KeptRepliesService(parts)
        words = WordsAlone(engines, parts.database, models=models, tasks=tasks)
        self.requests = RequestLogService(parts)
        signing_in = SigningIn(parts)
        self.accounts = AccountsService(parts, signing_in)
        self.identities = IdentitiesService(parts, signing_in)
        self.sharing = SharingService(parts)
        self.keys = KeysService(parts, self.accounts)
        self.inference = InferenceService(
            open_engine=engines.engine,
            engine=lambda: engines.settings.embedding.engine,
            record=self.requests.record,
        )
        running = RunningAnswers(parts.settings.limits.running_answers)
        self.query_engine = QueryEngine(
            words.answerer, models, record=self.requests.record, running=running, library=self.library
        )
        self.conversations = ConversationsService(
            AnswerRuns(parts.database),
            ask=partial(self.query_engine.ask, counted=True),
            requests=self.requests,
            running=running,
            refreshed=self.keys.refreshed,
        )
        self.ratings = RatingsService(Ratings(parts.database))
        self.evaluations = EvaluationsService(parts, engines=engines, stopped=tasks.is_stopped)
        own = engines.collections
        self.maintenance = MaintenanceService(
            parts, lock=lock, open_engine=engines.engine, own=own, tasks=tasks
        )
        self.catalogue = ModelsService(parts, models=models, settings=lambda: engines.settings)
        self.configuration = SettingsService(parts, engines=engines, models=models)
        self.vectors, self.embedding, self.chunker = _services_of_changes(
            parts, engines, tasks.is_stopped, self.configuration, cutter
        )
        self._parts = parts
        self._engines = engines
        self._models = models
        self._tasks = tasks

    @property
    def settings(self) -> Settings:
        """The settings in force: what was set on the page, and an embedder that took over, included."""
        return self._engines.settings

    # --- Searching and asking -----------------------------------------------------------------

    def asked_with(self, settings: Settings) -> QueryEngine:
        """Returns the same documents and indexes, searched and asked with other settings.

        Only settings that say how to search and answer can differ; the documents stay as they were chunked.
        """
        from kb.models.chat.pool import ModelPool

        models = ModelPool(settings)
        answerer = self._engines.asked_with(settings, models, engine=self._engines.engine())
        return QueryEngine(lambda: answerer, lambda: models, record=self.requests.record)

    def query_engine_beside_holder(self) -> QueryEngine:
        """Searches and answers what is ready while another process holds the data folder; writes nothing.

        Raises:
            Misconfigured, BackendDown: the embedding model cannot be had.
            Conflict: there is nothing to search yet.
        """
        return self._engines.query_engine_beside_holder()

    def known_value(self, caller: Caller) -> KnownValue:
        """Returns what tells which values a condition in a question of ``caller`` can have: a document has them."""
        return partial(known_value, self._parts.database, owner=caller.id, collections=caller.collections)

    # --- The models ---------------------------------------------------------------------------

    async def model_status(self, wanted: str | None = None) -> ModelStatus:
        """Returns which model answers, why it, and how to get a better one."""
        return (await self._models().choose(wanted))[1]

    async def models(self) -> Mapping[str, str]:
        """Returns every model that can be chosen now: name -> what it is."""
        return await self._models().names()

    async def model_offers(self) -> ModelOffers:
        """Returns every place where models that answer are, or could be."""
        from kb.models.chat.offers import model_offers

        return await model_offers(self.settings)

    async def close_models(self) -> None:
        """Frees the answering models; in the event loop that used them, before ``close``."""
        await self.query_engine.close_models()

    def warm_up(self) -> None:
        """Opens the indexes and loads the embedding model; what prevents it goes to ``embedder_status``.

        Then goes on with a change of the embedder, or of the length of passages, that was broken off.
        """
        self._engines.warm_up()
        self.embedding.resume()
        self.chunker.resume()

    def embedder(self) -> Embedder:
        """Returns the embedder in use, its index opened too by the first call, which takes seconds.

        Raises:
            Conflict: another process holds the data folder.
            Misconfigured: the embedding model cannot be had.
        """
        return self._engines.engine().embedder

    def choose_embedder(self, *, prove_again: bool = False) -> tuple[Embedder, str]:
        """Returns the embedder for the settings, weights not loaded, and a sentence that says why it is that one.

        ``prove_again``: what a server computes now is taken on, though it be something else than before.

        Raises:
            Misconfigured, BackendDown: it cannot be had; the message says what to do.
        """
        return self._engines.choose_embedder(prove_again=prove_again)

    def require_embedder(self, embedder: Embedder | None = None) -> None:
        """Makes sure that what embeds may write, as far as can be told now.

        ``embedder`` is one that was chosen already; None chooses one.

        Raises:
            Misconfigured: it may not, or cannot be had; the sentence says why.
            BackendDown: it is away, which the jobs wait for.
        """
        self._engines.require_embedder(embedder)

    def embedder_status(self) -> str:
        """Returns which embedding model is in use and why, in a sentence; or that it is not open yet, or cannot be."""
        return self._engines.status()

    def unused_gpu(self) -> str | None:
        """Returns the name of a GPU that the installed build of PyTorch cannot use; None where there is none."""
        from kb.models.hardware import unused_gpu

        return unused_gpu()

    async def engine_findings(self) -> list[Finding]:
        """Returns what can compute here: each engine, store, server and connection, with its state; and what each
        collection is searched with that has something of its own.
        """
        from kb.knowledge_base.engine_findings import engine_findings

        of_collections = await asyncio.to_thread(lambda: list(self.embedding.collections.findings()))
        return [*await engine_findings(self.settings), *of_collections]

    def reranker_finding(self) -> Finding:
        """Returns which model reranks the passages, and whether its server or file does; it is asked."""
        from kb.retrieval.model_rerank import finding

        return finding(self.settings)

    # --- What is made of it -------------------------------------------------------------------

    def ingest_parts(self) -> IngestParts:
        """Returns what the ingest worker needs of the library."""
        parts = self._parts
        return IngestParts(
            parts.documents,
            parts.jobs,
            parts.steps,
            parts.blobs,
            self._engines.engine,
            self.requests.record,
            self._engine_name,
        )

    def _engine_name(self) -> str:
        return engine_of(self._engines.engine().embedder, self._engines.settings.embedding.engine)

    def close(self) -> None:
        """Closes everything that is open and lets go of the data folder."""
        self._tasks.stop()
        self.embedding.close()
        self.chunker.close()
        self._engines.close()
        self.requests.close()
        self._parts.database.close()
        self._parts.folder_lock.release()


def _services_of_changes(
    parts: Parts,
    engines: EngineLoader,
    stopped: Callable[[], bool],
    configuration: SettingsService,
    cutter: CutFile | None,
) -> tuple[VectorsService, EmbedderService, ChunkerService]:
    """Returns what changes the store of vectors, the embedder and the passages' length; two of them take turns."""
    changing = threading.Lock()
    return (
        VectorsService(
            parts,
            open_engine=engines.engine,
            opened=lambda: engines.opened,
            stopped=stopped,
            changing=changing,
        ),
        EmbedderService(parts, engines=engines, stopped=stopped, changing=changing),
        ChunkerService(parts, engines=engines, configuration=configuration, cutter=cutter, stopped=stopped),
    )
