"""Keeps what Gradio holds of an open page for whoever opened it.

Gradio knows a page by a number that its browser made up: whoever names it reads the answers that are streamed to it.
So the first who names one is whose it is, and for all others it is not there.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.types import Caller
from kb.web.door.callers import CALLER
from kb.web.door.refusals import refuse

_GRADIO = "/gradio_api/"
_HEARTBEAT = re.compile(r"/gradio_api/heartbeat/(\w+)")
_MOST_KEPT = 50_000
"""Pages; beyond it the one that was named longest ago is forgotten, and asks nothing any more."""


class PageSessions:
    """Answers 404 to who names a page of somebody else. Bodies have been read whole by then."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._whose: OrderedDict[str, int] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller | None = scope.get(CALLER)
        if caller is None or scope["type"] != "http" or not scope["path"].startswith(_GRADIO):
            await self._app(scope, receive, send)
            return
        named = _in_address(scope)
        if scope["method"] == "POST":
            message = await receive()
            named |= _in_body(message.get("body", b""))
            receive = _first(message, receive)
        if all(self._is_theirs(each, caller.person_id) for each in named):
            await self._app(scope, receive, send)
        else:
            await refuse(scope, send, 404, "There is nothing here.")

    def _is_theirs(self, page: str, person_id: int) -> bool:
        whose = self._whose.setdefault(page, person_id)
        self._whose.move_to_end(page)
        if len(self._whose) > _MOST_KEPT:
            self._whose.popitem(last=False)
        return whose == person_id


def _in_address(scope: Scope) -> set[str]:
    named = set(parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", ()))
    if heartbeat := _HEARTBEAT.fullmatch(scope["path"]):
        named.add(heartbeat[1])
    return named


def _in_body(body: bytes) -> set[str]:
    try:
        said = json.loads(body)
    except ValueError:
        return set()
    page = said.get("session_hash") if isinstance(said, dict) else None
    return {page} if isinstance(page, str) else set()


def _first(message: Message, receive: Receive) -> Receive:
    """Returns ``receive`` with ``message`` in front of what comes after it."""
    waiting = [message]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received
