"""Bounds the bodies of requests: how large, how deep, and how long they may take to come."""

from __future__ import annotations

import asyncio
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.web.door.refusals import refuse

MAX_BODY_BYTES = 2**21
"""The longest request that is not an upload: a question with its conversation."""
MAX_DEPTH = 32
"""Lists and objects within each other; ours are four deep, those of the page's framework a few more."""
BODY_SECONDS = 20.0
"""For how long a body may be on its way; of an upload, for how long none of it may come."""
SLOWEST_UPLOAD = 1024
"""Bytes a second, taken over all that came, that an upload must reach after ``BODY_SECONDS``."""

_UPLOADS = {("POST", "/api/documents"), ("POST", "/v1/files")}
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")


class BodyLimits:
    """Reads every body but those of uploads before anything else sees it; 413, 408 or 400 for what is over."""

    def __init__(self, app: ASGIApp, *, body_seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif (scope["method"], scope["path"]) in _UPLOADS:
            await self._app(scope, self._paced(receive), send)
        else:
            await self._bounded(scope, receive, send)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                body = await _whole(receive)
        except TimeoutError:
            await refuse(scope, send, 408, "The request did not come to its end in time.")
            return
        if body is None:  # the client left
            return
        if len(body) > MAX_BODY_BYTES:
            await refuse(
                scope, send, 413, f"A request may hold {MAX_BODY_BYTES >> 20} MB; this one is larger."
            )
        elif _is_too_deep(body):
            await refuse(scope, send, 400, f"The body is nested more than {MAX_DEPTH} levels deep.")
        else:
            await self._app(scope, _replayed(body, receive), send)

    def _paced(self, receive: Receive) -> Receive:
        """Returns ``receive`` with a time limit; a client that stops sending counts as gone."""
        clock = asyncio.get_running_loop().time
        begun, came, whole = clock(), 0, False

        async def paced() -> Message:
            nonlocal came, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout(self._seconds):
                    message = await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}
            came += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            took = clock() - begun
            if not whole and took > self._seconds and came / took < SLOWEST_UPLOAD:
                return {"type": "http.disconnect"}
            return message

        return paced


async def _whole(receive: Receive) -> bytes | None:
    """Returns the body, or its beginning where that is over the limit already; None where the client left."""
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > MAX_BODY_BYTES or not message.get("more_body", False):
            return b"".join(pieces)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Returns ``receive``, with ``body`` in front of what comes after it."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _is_too_deep(body: bytes) -> bool:
    """Returns whether lists and objects of a JSON body stand in each other beyond ``MAX_DEPTH``."""
    depth = 0
    for match in _BRACKETS.finditer(_STRING.sub(b"", body)):
        depth += 1 if match[0] in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False
