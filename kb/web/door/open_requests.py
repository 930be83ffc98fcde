"""Ends requests that are still answered when what they came with ends: the session, the key, the account, a share."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from functools import partial

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import FootnoteError
from kb.system.threads import Threads
from kb.types import Caller
from kb.web.door.callers import CALLER, CAME_WITH, CameWith
from kb.web.door.refusals import refuse

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.4
_LOOKS = 2
"""How many in a row have to say so: a request that ends its own session, with a new password, still gets its answer."""
_LOOKING_UP = Threads("open requests", 1)
_READS_ANEW = re.compile(r"/ui/(?:library|document/[^/]+)|/gradio_api/.+")
"""What the page waits for: it looks at what may be seen whenever it answers, and goes on where that is less."""
_ENDED = "What this request came with is not valid any more."
_LESS = "What you may see has changed meanwhile. Ask again."


@dataclass(slots=True, eq=False)
class _Open:
    """A request that is not answered whole."""

    caller: Caller
    came_with: CameWith
    reads_anew: bool
    cancel: anyio.CancelScope
    looks: int = 0
    """How many in a row found that it has to end."""
    refusal: tuple[int, str] = (401, _ENDED)

    def look(self, now: Caller | None) -> None:
        """Ends the request where ``now`` is nobody, or may less than when it came."""
        is_less = now is not None and not self.reads_anew and not now.covers(self.caller)
        self.looks = self.looks + 1 if now is None or is_less else 0
        if self.looks >= _LOOKS:
            self.refusal = (401, _ENDED) if now is None else (409, _LESS)
            self.cancel.cancel()


class OpenRequests:
    """Lets requests through, and ends them within a second of their key, session, account or share.

    One lookup for each key and session of which requests are open, whoever changed the database: another process, too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open: set[_Open] = set()
        self._watch: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        came_with: CameWith | None = scope.get(CAME_WITH)
        caller: Caller | None = scope.get(CALLER)
        if came_with is None or caller is None:
            await self._app(scope, receive, send)
            return
        sending = _Sending(send)
        reads_anew = _READS_ANEW.fullmatch(scope["path"]) is not None
        with anyio.CancelScope() as cancel:
            request = _Open(caller, came_with, reads_anew, cancel)
            self._open.add(request)
            self._begin_watch()
            try:
                await self._app(scope, receive, sending)
            finally:
                self._open.discard(request)
        if cancel.cancelled_caught:
            log.info("request ended", extra={"path": scope["path"], "status": request.refusal[0]})
            await sending.end(scope, *request.refusal)

    def _begin_watch(self) -> None:
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look_regularly())

    async def _look_regularly(self) -> None:
        while self._open:
            await asyncio.sleep(_LOOK_EVERY_S)
            came = {request.came_with for request in self._open}
            try:
                found = await _LOOKING_UP.run(partial(_callers, came))
            except FootnoteError:  # the database cannot be read now; requests fail by themselves
                continue
            for request in tuple(self._open):
                if request.came_with in found:
                    request.look(found[request.came_with])


def _callers(came: set[CameWith]) -> dict[CameWith, Caller | None]:
    return {each: each.caller() for each in came}


class _Sending:
    """The ``send`` of a request, which knows how far its answer has come."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._started = False
        self._has_length = False
        self._ended = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            self._has_length = any(name.lower() == b"content-length" for name, _ in message["headers"])
        elif message["type"] == "http.response.body":
            self._ended = not message.get("more_body", False)
        await self._send(message)

    async def end(self, scope: Scope, status: int, sentence: str) -> None:
        """Refuses the request, or ends its stream; a file that is on its way is cut off, as its length says."""
        if not self._started:
            await refuse(scope, self._send, status, sentence)
        elif not self._ended and not self._has_length:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
