"""Keeps the models that answer open between questions, and the choice among them fresh."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from kb.config import Settings
from kb.models.chat.choose import available, choose
from kb.ports import ChatModel
from kb.types import EXTRACTIVE, ModelStatus

_FRESH_SECONDS = 5.0
"""How long a choice holds before the servers are asked once more."""

_LONGEST_ANSWER_SECONDS = 900.0
"""After which a model that was replaced is closed: an answer about whole documents takes minutes."""


def _models_of(settings: Settings) -> tuple[object, ...]:
    """Returns what of ``settings`` decides what a model of some name is."""
    own = settings.answering.model_copy(update={"model": "", "answer_tokens": 16, "refusals": "balanced"})
    return own, settings.connections


class ModelPool:
    """The answering models of one process; for one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[str, ChatModel] = {}
        self._choices: dict[str | None, tuple[float, ChatModel | None, ModelStatus]] = {}
        self._lock = asyncio.Lock()
        self._wanted = settings
        self._replaced: list[tuple[float, ChatModel]] = []

    def change(self, settings: Settings) -> None:
        """Chooses by ``settings`` from the next question on; answers under way go on. May be called from any thread."""
        self._wanted = settings

    async def choose(self, wanted: str | None = None) -> tuple[ChatModel | None, ModelStatus]:
        """Returns the model (None: the extractive one), and why it is that one; ``wanted=None``: that of the settings.

        The same model is the same object every time, so that what it has loaded stays loaded.

        Raises:
            BackendDown, NotFound, Misconfigured: ``wanted`` names a model that cannot be had.
        """
        async with self._lock:
            await self._follow_settings()
            chosen_at, model, status = self._choices.get(wanted, (-_FRESH_SECONDS, None, None))
            if status is not None and time.monotonic() - chosen_at < _FRESH_SECONDS:
                return model, status
            model, status = await choose(self._settings, wanted)
            if model is not None:
                known = self._open.setdefault(model.name, model)
                if known is not model:
                    await model.close()
                model = known
            self._choices[wanted] = (time.monotonic(), model, status)
            return model, status

    async def _follow_settings(self) -> None:
        """Takes on settings that changed; models that may be other ones now are opened anew by the next choice."""
        now = time.monotonic()
        for since, model in [each for each in self._replaced if now - each[0] > _LONGEST_ANSWER_SECONDS]:
            self._replaced.remove((since, model))
            await model.close()
        if self._wanted is self._settings:
            return
        self._choices.clear()
        if _models_of(self._wanted) != _models_of(self._settings):
            self._replaced += [(now, model) for model in self._open.values()]
            self._open.clear()
        self._settings = self._wanted

    async def names(self) -> Mapping[str, str]:
        """Returns every model that can be chosen now: name -> what it is. The extractive one is always there."""
        found = dict(await available(self._wanted))
        found.setdefault(EXTRACTIVE, "quotes the best sentences, invents nothing")
        return found

    async def close(self) -> None:
        """Closes the models, which frees connections and memory."""
        for model in (*self._open.values(), *(replaced for _, replaced in self._replaced)):
            await model.close()
        self._replaced.clear()
        self._open.clear()
        self._choices.clear()
