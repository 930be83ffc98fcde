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


class ModelPool:
    """The answering models of one process; for one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[str, ChatModel] = {}
        self._choices: dict[str | None, tuple[float, ChatModel | None, ModelStatus]] = {}
        self._lock = asyncio.Lock()

    async def choose(self, wanted: str | None = None) -> tuple[ChatModel | None, ModelStatus]:
        """Returns the model (None: the extractive one), and why it is that one; ``wanted=None``: that of the settings.

        The same model is the same object every time, so that what it has loaded stays loaded.

        Raises:
            BackendDown, NotFound, Misconfigured: ``wanted`` names a model that cannot be had.
        """
        async with self._lock:
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

    async def names(self) -> Mapping[str, str]:
        """Returns every model that can be chosen now: name -> what it is. The extractive one is always there."""
        found = dict(await available(self._settings))
        found.setdefault(EXTRACTIVE, "quotes the best sentences, invents nothing")
        return found

    async def close(self) -> None:
        """Closes the models, which frees connections and memory."""
        for model in self._open.values():
            await model.close()
        self._open.clear()
        self._choices.clear()
