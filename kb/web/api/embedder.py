"""Routes of the embedder: which one is in use, what another one costs, changing to it, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints

from kb.errors import BadInput, Misconfigured
from kb.types import EmbedderChange, EmbedderSide, EmbedderStatus
from kb.web.api.caller import By
from kb.web.api.fields import Collection, Truth
from kb.web.api.refusal_sentences import asked_language, language_of
from kb.web.api.schemas import Wire
from kb.web.api.threads import MAINTENANCE
from kb.web.sentences.catalogue import said_in

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_T = TypeVar("_T")
_Name = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class SwitchIn(Wire):
    """What is to be another embedder's; None leaves a setting as it is."""

    model: _Name | None = None
    engine: Annotated[str, StringConstraints(max_length=40)] | None = None
    width: Annotated[int, Field(ge=0, le=65_536)] | None = None
    """0 is the model's own."""
    url: Annotated[str, StringConstraints(max_length=2000)] | None = None
    device: Annotated[str, StringConstraints(max_length=100)] | None = None
    instruction: Annotated[str, StringConstraints(max_length=2000)] | None = None
    """Empty is the model's own."""
    task: Annotated[str, StringConstraints(max_length=40)] | None = None
    """In place of an instruction, the name of one."""
    collection: Collection | None = None
    """Whose embedder it is to be; None is the library's."""
    dry_run: Truth = False
    """Only say what it would cost."""


class UndoIn(Wire):
    """What returns to what it had."""

    collection: Collection | None = None
    """None is the library."""


async def _asked(call: Callable[[], _T]) -> _T:
    """Returns what ``call`` does. A setting that cannot be is the fault of who asks for it, not of the file.

    Raises:
        BadInput: the embedder that was asked for cannot be had.
    """
    try:
        return await MAINTENANCE.run(call)
    except Misconfigured as error:
        raise BadInput(str(error)) from error


class EmbedderPlanOut(Wire):
    """What a change of the embedder would do."""

    source: EmbedderSide = Field(serialization_alias="from")
    target: EmbedderSide = Field(serialization_alias="to")
    passages: int
    tokens: int
    minutes: float
    megabytes: float
    model_run: bool
    measured: int
    tokens_a_second: float | None
    cut: int
    counted: int


class ForgottenOut(Wire):
    """What the vectors of other embedders took."""

    megabytes: float


def embedder_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/embedder")
    def show(request: Request, caller: By) -> EmbedderStatus:
        now = kb.embedding.status(caller=caller)
        said = partial(said_in, language_of(asked_language(request.headers)))
        return replace(
            now,
            text=said(now.text),
            problem=said(now.problem) if now.problem else None,
            collections=tuple(
                replace(own, problem=said(own.problem) if own.problem else None) for own in now.collections
            ),
        )

    @router.post("/api/embedder/switch")
    async def switch(asked: SwitchIn, caller: By) -> EmbedderStatus | EmbedderPlanOut:
        """Returns the plan with ``dry_run``; else begins, and returns how far it is, as ``GET`` does from then on."""
        change = EmbedderChange(**asked.model_dump(exclude={"dry_run"}))
        if asked.dry_run:
            plan = await _asked(partial(kb.embedding.plan, change, caller=caller))
            return EmbedderPlanOut.model_validate(plan)
        await _asked(partial(kb.embedding.begin, change, caller=caller))
        return kb.embedding.status(caller=caller)

    @router.post("/api/embedder/undo")
    async def undo(caller: By, asked: UndoIn | None = None) -> EmbedderStatus:
        """Stops a change that is under way, or returns to the embedder before the last one; then how it stands."""
        collection = asked.collection if asked else None
        await MAINTENANCE.run(partial(kb.embedding.undo, caller=caller, collection=collection))
        return kb.embedding.status(caller=caller)

    @router.post("/api/embedder/forget")
    async def forget(caller: By) -> ForgottenOut:
        """Deletes the vectors of other embedders; returns how many megabytes they took."""
        megabytes = await MAINTENANCE.run(partial(kb.embedding.forget, caller=caller))
        return ForgottenOut(megabytes=megabytes)

    return router
