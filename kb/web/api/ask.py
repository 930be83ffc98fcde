"""Searching, asking, and what the server runs on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from kb.errors import FootnoteError
from kb.types import Answer, AnswerRun, Caller
from kb.web.api.answer_schemas import (
    AskIn,
    ConditionsOut,
    ErrorEvent,
    RequestEvent,
    SearchIn,
    SearchOut,
    StoppedEvent,
    event_out,
)
from kb.web.api.caller import By
from kb.web.api.fields import AddressText, Collection
from kb.web.api.loop_watch import LoopWatch
from kb.web.api.schemas import HitOut, StatusOut, StorageOut

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def ask_router(kb: KnowledgeBase, watch: LoopWatch) -> APIRouter:
    """Returns ``/api/search``, ``/api/ask``, ``/api/status`` and ``/api/storage``."""
    router = APIRouter()

    @router.get("/api/search")
    async def search(
        caller: By,
        q: Annotated[AddressText, Query(min_length=1)],
        k: int = Query(10, ge=1, le=100),
        collection: Collection | None = None,
        words: bool = False,
    ) -> SearchOut:
        return await found(SearchIn(question=q, k=k, collection=collection, words=words), caller)

    @router.post("/api/search")
    async def search_by_fields(asked: SearchIn, caller: By) -> SearchOut:
        return await found(asked, caller)

    async def found(asked: SearchIn, caller: Caller) -> SearchOut:
        question = await run_in_threadpool(asked.asked, caller, kb.known_value(caller))
        searched = await kb.query_engine.search(question, k=asked.k, tuning=asked.tuning)
        return SearchOut(
            hits=[HitOut.of(hit) for hit in searched.hits],
            question=question.text,
            filters=ConditionsOut.of(question.filters),
            notice=searched.notice,
            timings_ms=dict(searched.timings_ms),
        )

    @router.post("/api/ask")
    async def ask(asked: AskIn, caller: By) -> StreamingResponse:
        question = await run_in_threadpool(asked.asked, caller, kb.known_value(caller))
        request = await kb.conversations.start(
            question, conversation_id=asked.conversation, remember=asked.history is None
        )
        return streamed(kb, request, caller)

    @router.get("/api/status")
    async def status(caller: By) -> StatusOut:
        model = await kb.model_status()
        return StatusOut(
            documents=await run_in_threadpool(kb.library.count, caller=caller),
            collections=await run_in_threadpool(kb.library.collections, caller=caller),
            embedder=kb.embedder_status(),
            model=model.name,
            model_why=model.why,
            model_better=model.better,
            models=await kb.models(),
            loop_delay_ms=watch.delay_ms,
        )

    @router.get("/api/storage")
    def storage(caller: By) -> StorageOut:
        """Says how much the caller keeps, on the page and with all their keys, and how much they may."""
        use = kb.library.storage(caller=caller)
        return StorageOut(stored_bytes=use.stored_bytes, limit_bytes=use.limit_bytes)

    return router


def streamed(kb: KnowledgeBase, request: AnswerRun, caller: Caller) -> StreamingResponse:
    """Returns the events of a run from the first on, one JSON object a line; the first one names the run."""
    return StreamingResponse(_lines(kb, request, caller), media_type="application/x-ndjson")


async def _lines(kb: KnowledgeBase, request: AnswerRun, caller: Caller) -> AsyncIterator[str]:
    """Yields the lines; an error is the last one, since the status is sent by then. A reader that goes away stops
    nothing.
    """
    yield _line(
        RequestEvent(
            id=request.id,
            conversation=request.conversation_id,
            question=request.question.text,
            filters=ConditionsOut.of(request.question.filters),
        )
    )
    answered = False
    try:
        async with aclosing(kb.conversations.events(request.id, caller=caller)) as events:
            async for event in events:
                answered = answered or isinstance(event, Answer)
                yield _line(event_out(event))
        if not answered:
            yield _line(StoppedEvent())
    except FootnoteError as error:
        yield _line(ErrorEvent(error=str(error)))


def _line(event: BaseModel) -> str:
    return event.model_dump_json() + "\n"
