"""Who sends a request: made here, once, for every route and for the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from starlette.concurrency import run_in_threadpool

from kb.system.access_token import TOKEN_HEADER
from kb.types import OWNER, Caller
from kb.web.door.callers import CALLER, CAME_WITH, CameWith


async def caller_of(request: Request) -> Caller:
    """Returns whom the request's key stands for, else the owner of the machine: the server listens on loopback.

    A browser says that our own page sent it, a command brings the token of the data folder.
    """
    with_key: Caller | None = request.scope.get(CALLER)
    if with_key is not None:
        return with_key
    if TOKEN_HEADER in request.headers:
        return replace(OWNER, origin="command")
    if request.headers.get("sec-fetch-site") == "same-origin":
        return replace(OWNER, origin="page")
    return replace(OWNER, origin="api")


By = Annotated[Caller, Depends(caller_of)]
"""A parameter of a route: who sends the request."""


async def caller_now(request: Request, caller: Caller) -> Caller:
    """Returns ``caller`` with what may be seen by now, for a request that waited; 401 where its session has ended."""
    came_with: CameWith | None = request.scope.get(CAME_WITH)
    if came_with is None:
        return caller
    now = await run_in_threadpool(came_with.caller)
    if now is None:
        raise HTTPException(401, "Sign in first.")
    return now
