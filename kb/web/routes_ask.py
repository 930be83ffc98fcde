"""Searching, asking, and what the server runs on."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from kb.errors import FootnoteError
from kb.web.schemas import MAX_QUESTION, AskIn, ErrorEvent, HitOut, SearchOut, StatusOut, event_out

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

logger = logging.getLogger(__name__)


def ask_router(kb: KnowledgeBase) -> APIRouter:
    """``/api/search``, ``/api/ask`` and ``/api/status``."""
    router = APIRouter()

    @router.get("/api/search")
    async def search(
        q: str = Query(min_length=1, max_length=MAX_QUESTION),
        k: int = Query(10, ge=1, le=100),
        collection: str | None = None,
    ) -> SearchOut:
        hits = await run_in_threadpool(kb.search, q, k=k, collection=collection)
        return SearchOut(hits=[HitOut.of(hit) for hit in hits])

    @router.post("/api/ask")
    async def ask(asked: AskIn) -> StreamingResponse:
        return StreamingResponse(_lines(kb, asked), media_type="application/x-ndjson")

    @router.get("/api/status")
    async def status() -> StatusOut:
        model = await kb.model_status()
        return StatusOut(
            documents=await run_in_threadpool(kb.count),
            collections=await run_in_threadpool(kb.collections),
            embedder=kb.embedder_status(),
            model=model.name,
            model_why=model.why,
            model_better=model.better,
            models=await kb.models(),
        )

    return router


async def _lines(kb: KnowledgeBase, asked: AskIn) -> AsyncIterator[str]:
    """One JSON object a line; an error is the last line, since the status is sent by then.

    When the client goes away this generator is cancelled, which stops the model.
    """
    try:
        history = [turn.turn() for turn in asked.history]
        events = kb.ask(asked.question, collection=asked.collection, model=asked.model, history=history)
        async for event in events:
            yield event_out(event).model_dump_json() + "\n"
    except FootnoteError as error:
        yield ErrorEvent(error=str(error)).model_dump_json() + "\n"
    except Exception:
        # The connection would just break off: say that it went wrong, and leave the trace to the log.
        logger.exception("an answer failed")
        message = "Something went wrong inside Footnote; its log says what."
        yield ErrorEvent(error=message).model_dump_json() + "\n"
