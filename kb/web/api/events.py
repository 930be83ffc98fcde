"""Tells programs when a document is ready or failed: server-sent events, as browsers' ``EventSource`` reads them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from kb.types import Caller, ImportEnd
from kb.web.api.caller import By, caller_now
from kb.web.api.changes import ChangeFeed

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_SILENCE_S = 15.0
"""After which a stream says that it is still there: connections on which nothing comes are cut by what lies between."""
_LONGEST_S = 600.0
"""After which a stream ends, and the client asks again by itself: with a key that was revoked meanwhile it gets 401."""
_AT_ONCE = 100


def events_router(kb: KnowledgeBase, changes: ChangeFeed) -> APIRouter:
    router = APIRouter()

    @router.get("/api/events")
    async def follow(
        request: Request,
        caller: By,
        last_event_id: Annotated[
            str | None,
            Header(max_length=64, description="The last event that came; left out for new ones alone."),
        ] = None,
    ) -> StreamingResponse:
        """Sends an event `ready` or `failed` when an import has ended, from now on or behind the last that came."""
        begin = await run_in_threadpool(partial(kb.jobs.end_number, last_event_id, caller=caller))
        return StreamingResponse(
            _events(kb, changes, request, caller, begin),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    return router


async def _events(
    kb: KnowledgeBase, changes: ChangeFeed, request: Request, caller: Caller, after: int
) -> AsyncGenerator[str, None]:
    yield ": here\n\n"  # so that the client knows at once that it is connected
    end = changes.clock() + _LONGEST_S
    while not changes.ended and changes.clock() < end:
        seen = changes.now
        try:
            caller = await caller_now(request, caller)
        except HTTPException:
            return
        found, after = await run_in_threadpool(partial(kb.jobs.ends, after, caller=caller, limit=_AT_ONCE))
        for ended in found:
            yield _event(ended)
        if found:
            continue
        if await changes.wait(seen, _SILENCE_S) == seen:
            yield ": still here\n\n"


def _event(ended: ImportEnd) -> str:
    data = asdict(ended)
    del data["event"]
    written = json.dumps(data, ensure_ascii=False)
    return f"id: {ended.event}\nevent: {ended.state}\ndata: {written}\n\n"
