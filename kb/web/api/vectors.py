"""Routes of the vector store: which one is in use, what moving to another costs, and the move."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Request
from pydantic import StringConstraints

from kb.types import VectorStoreStatus
from kb.web.api.caller import By
from kb.web.api.fields import Truth
from kb.web.api.refusal_sentences import asked_language, language_of
from kb.web.api.schemas import Wire
from kb.web.api.threads import MAINTENANCE
from kb.web.sentences.catalogue import said_in

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class MoveIn(Wire):
    """Where the vectors are to go."""

    to: Annotated[str, StringConstraints(max_length=40)]
    url: Annotated[str, StringConstraints(max_length=2000)] | None = None
    """The address of the server, for a store that has one; None takes that of the settings."""
    dry_run: Truth = False
    """Only say what it would cost."""


class MoveOut(Wire):
    """What a move of the vectors does, or would do."""

    source: str
    target: str
    url: str | None
    passages: int
    megabytes: float
    seconds: float
    model_runs: int
    is_removed: bool | None = None
    """Whether the old index is gone; null before the move."""


def vectors_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/vectors")
    def show(request: Request, caller: By) -> VectorStoreStatus:
        now = kb.vectors.status(caller=caller)
        said = partial(said_in, language_of(asked_language(request.headers)))
        return replace(now, text=said(now.text), problem=said(now.problem) if now.problem else None)

    @router.post("/api/vectors/move")
    async def move(asked: MoveIn, caller: By) -> MoveOut:
        """Returns the plan; without ``dry_run`` when the new store answers, and whether the old index is removed."""
        plan = await MAINTENANCE.run(partial(kb.vectors.plan, asked.to, asked.url, caller=caller))
        if asked.dry_run:
            return MoveOut(**plan.as_json())
        is_removed = await MAINTENANCE.run(partial(kb.vectors.move, asked.to, asked.url, caller=caller))
        return MoveOut(**plan.as_json(), is_removed=is_removed)

    return router
