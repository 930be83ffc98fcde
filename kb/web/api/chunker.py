"""Routes of the chunker: how long passages are, what another length costs, changing to it, and back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter
from pydantic import Field

from kb.types import ChunkerStatus
from kb.web.api.caller import By
from kb.web.api.fields import Truth
from kb.web.api.schemas import Wire
from kb.web.api.threads import MAINTENANCE

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class ChunkerSwitchIn(Wire):
    """How long passages are to be."""

    chunk_tokens: Annotated[int, Field(ge=1, le=1_000_000)]
    dry_run: Truth = False
    """Only say what it would cost."""


class ChunkerPlanOut(Wire):
    """What another length would do."""

    source: int = Field(serialization_alias="from")
    target: int = Field(serialization_alias="to")
    documents: int
    kept: int
    passages: int
    passages_after: int
    tokens: int
    minutes: float
    megabytes: float
    measured: int
    tokens_a_second: float | None


class ChunksForgottenOut(Wire):
    """What former passages took."""

    megabytes: float


def chunker_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/chunker")
    def show(caller: By) -> ChunkerStatus:
        return kb.chunker.status(caller=caller)

    @router.post("/api/chunker/switch")
    async def switch(asked: ChunkerSwitchIn, caller: By) -> ChunkerStatus | ChunkerPlanOut:
        """Returns the plan with ``dry_run``; else begins, and returns how far it is, as ``GET`` does from then on."""
        if asked.dry_run:
            plan = await MAINTENANCE.run(partial(kb.chunker.plan, asked.chunk_tokens, caller=caller))
            return ChunkerPlanOut.model_validate(plan)
        await MAINTENANCE.run(partial(kb.chunker.begin, asked.chunk_tokens, caller=caller))
        return kb.chunker.status(caller=caller)

    @router.post("/api/chunker/undo")
    async def undo(caller: By) -> ChunkerStatus:
        """Stops a change that is under way, or begins to return to the length before; then how it stands."""
        await MAINTENANCE.run(partial(kb.chunker.undo, caller=caller))
        return kb.chunker.status(caller=caller)

    @router.post("/api/chunker/forget")
    async def forget(caller: By) -> ChunksForgottenOut:
        """Deletes what the last change replaced; returns how many megabytes that took."""
        return ChunksForgottenOut(megabytes=await MAINTENANCE.run(partial(kb.chunker.forget, caller=caller)))

    return router
