"""What answers until a server that embeds was reached for the first time: the words that are indexed already."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from kb.backends import EMBEDDERS
from kb.config import Settings
from kb.engine.loader import EngineLoader
from kb.errors import BackendDown, Conflict, FootnoteError
from kb.state.db import Database
from kb.system.home_layout import HomeLayout
from kb.system.periodic import PeriodicTask, PeriodicTasks

if TYPE_CHECKING:
    from kb.answer.answerer import Answerer
    from kb.models.chat.pool import ModelPool

_TRY_AGAIN_SECONDS = 5.0
"""How often the server is asked meanwhile."""


class WordsAlone:
    """Gives the answerer of the engine, or one that searches words alone while no engine can be opened."""

    def __init__(
        self,
        engines: EngineLoader,
        database: Database,
        *,
        models: Callable[[], ModelPool],
        tasks: PeriodicTasks,
    ) -> None:
        self._engines = engines
        self._database = database
        self._models = models
        self._tasks = tasks
        self._answerer: Answerer | None = None
        self._made_with: Settings | None = None
        self._falling_back = threading.Lock()

    def answerer(self) -> Answerer:
        """Returns what answers: by words alone until a server that embeds was reached and proved for the first time.

        Raises:
            Misconfigured, BackendDown: the embedding model cannot be had, nor is there a word to search.
        """
        if (opened := self._engines.opened) is not None:
            return opened.answerer
        from kb.models.embed.served.protocol import ProofFailed

        with self._falling_back:
            is_current = self._made_with is self._engines.settings
            if self._answerer is not None and is_current and self._engines.opened is None:
                return self._answerer  # the engine is opened by the task below, and by imports
            try:
                return self._engines.engine().answerer
            except (BackendDown, ProofFailed) as error:
                if self._engines.settings.embedding.engine not in EMBEDDERS:
                    raise
                is_first = self._answerer is None
                self._made_with = self._engines.settings
                self._answerer = self._by_words(error)
                self._engines.note_problem(f"{error} Until then questions are answered by words alone.")
                if is_first:
                    self._tasks.add(PeriodicTask(self._try_again, every_seconds=_TRY_AGAIN_SECONDS))
                return self._answerer

    def _by_words(self, reason: FootnoteError) -> Answerer:
        """Returns what answers by the words that are indexed; raises ``reason`` where none are."""
        from kb.answer.opening import Searched, asking
        from kb.index.lifecycles import words_beside_holder
        from kb.models.embed.unreached import Unreached

        settings = self._engines.settings
        unreached = Unreached(settings.embedding.model, reason)
        try:
            words = words_beside_holder(HomeLayout(settings.home))
        except Conflict:
            raise reason from None
        return asking(
            settings, self._models(), Searched(unreached, unreached, words, self._database)
        ).answerer

    def _try_again(self, _stopped: Callable[[], bool]) -> None:
        """Opens the engine where the server answers by now."""
        if self._engines.opened is None:
            with suppress(FootnoteError):
                self._engines.engine()
