"""Who sends a request: made here, once, for every route and for the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request

from kb.config import DEFAULT_COLLECTION
from kb.system.access_token import TOKEN_HEADER
from kb.types import OWNER, Caller
from kb.web.door.keys import CALLER


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


def own_collection(caller: Caller) -> str:
    """Returns where a file goes that names no collection: the one of a key that is for one."""
    only = caller.collections or frozenset()
    return next(iter(only)) if len(only) == 1 else DEFAULT_COLLECTION
