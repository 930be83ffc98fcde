"""Routes of the settings: what is in force and where it stands, changing it, and asking a model something real."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from kb.types import AccessScope, ModelTest, SettingsChanged, SettingState
from kb.web.api.caller import By
from kb.web.api.fields import ModelName, SettingName, SettingValue
from kb.web.api.refusal_sentences import asked_language, language_of
from kb.web.api.schemas import Wire
from kb.web.api.threads import MAINTENANCE
from kb.web.sentences.catalogue import said_in

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class SettingsIn(Wire):
    """What is to be set."""

    values: Annotated[
        dict[SettingName, SettingValue | bool | int | Annotated[float, Field(allow_inf_nan=False)] | None],
        Field(min_length=1, max_length=100),
    ]
    """By ``section.name``; null takes back what was set here."""


class ModelIn(Wire):
    """Which model is to be asked something."""

    name: ModelName


class SettingsOut(Wire):
    """Every setting as it is in force."""

    settings: list[SettingState]
    waiting: list[str]
    """Names of those that count after a restart."""
    notes: list[str]


class AnsweringOut(Wire):
    """The models that can answer, each with a sentence."""

    models: dict[str, str]
    in_use: str
    why: str
    better: str | None


def settings_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/settings")
    def show(caller: By) -> SettingsOut:
        """Returns every setting with its value and where it stands; of keys only whether there is one."""
        return SettingsOut(
            settings=list(kb.configuration.all(caller=caller)),
            waiting=list(kb.configuration.waiting(caller=caller)),
            notes=list(kb.settings.notes),
        )

    @router.patch("/api/settings")
    async def change(asked: SettingsIn, caller: By) -> SettingsChanged:
        """Sets values, all or none, and returns what is another now and what waits for a restart."""
        return await run_in_threadpool(partial(kb.configuration.change, asked.values, caller=caller))

    @router.get("/api/models/answering")
    async def answering(caller: By) -> AnsweringOut:
        """Returns the models that can be chosen to answer, servers asked; ``in_use`` is the one that answers now."""
        caller.require_whole(AccessScope.READ)
        status = await kb.model_status()
        return AnsweringOut(
            models=dict(await kb.models()), in_use=status.name, why=status.why, better=status.better
        )

    @router.post("/api/models/test")
    async def test(request: Request, asked: ModelIn, caller: By) -> ModelTest:
        """Sends one real request, and returns what came of it with its times."""

        def tested() -> (
            ModelTest
        ):  # in a loop of its own: a model that computes here would hold up every page
            return asyncio.run(kb.catalogue.test(asked.name, caller=caller))

        done = await MAINTENANCE.run(tested)
        language = language_of(asked_language(request.headers))
        return replace(done, text=said_in(language, done.text))

    return router
