"""The models that can answer: which one does now, and the sheet on which another is chosen."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from pydantic import BaseModel

from kb.errors import FootnoteError
from kb.types import EXTRACTIVE, AccessScope
from kb.web.api.caller import By
from kb.web.api.fields import ModelName
from kb.web.page.languages import strings_of, words_of
from kb.web.page.settings import render_models
from kb.web.page.words.models import EN, ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class ModelChoices(BaseModel):
    """Which models can be chosen, and which one answers now."""

    models: list[str]
    name: str
    """The one that answers; empty where none can be told."""
    quotes: str
    """The name of the way to answer that is no model."""
    why: str
    better: str
    fails: bool = False
    """Whether the one that is chosen cannot answer now; ``better`` says why."""


class ModelSheet(BaseModel):
    """The groups of models, ready to be shown."""

    html: str


def models_router(kb: KnowledgeBase) -> APIRouter:
    """Returns ``/ui/models``, ``/ui/models/sheet`` and ``/ui/words/models``."""
    router = APIRouter(prefix="/ui")

    @router.get("/words/models")
    def words(request: Request, _caller: By) -> dict[str, str]:
        return asdict(words_of(request.headers, EN, ZH))

    @router.get("/models")
    async def models(request: Request, _caller: By, model: ModelName = "") -> ModelChoices:
        """Answers where a server of models is away, too: without its models, and with the reason."""
        said = strings_of(request.headers).said
        try:
            names = list(await kb.models())
            status = await kb.model_status(model or None)
        except FootnoteError as error:
            return ModelChoices(
                models=[], name=model, quotes=EXTRACTIVE, why="", better=said(str(error)), fails=True
            )
        return ModelChoices(
            models=names,
            name=status.name,
            quotes=EXTRACTIVE,
            why=said(status.why),
            better=said(status.better or ""),
            fails=status.name != EXTRACTIVE and status.context_tokens is None,
        )

    @router.get("/models/sheet")
    async def sheet(request: Request, caller: By, model: ModelName | None = None) -> ModelSheet:
        """``model``: the one that is marked as chosen, empty for the best available; without it, none is."""
        caller.require_whole(AccessScope.READ)
        found = await kb.model_offers()
        return ModelSheet(
            html=render_models.model_sheet(
                found, model, words_of(request.headers, EN, ZH), strings_of(request.headers).said
            )
        )

    return router
