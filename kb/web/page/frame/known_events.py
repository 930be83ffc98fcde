"""Refuses requests for events that the page does not have: Gradio answers them with a fault, or breaks off."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.web.door.refusals import refuse

_JOIN = ("POST", "/gradio_api/queue/join")
_DATA = ("GET", "/gradio_api/queue/data")
_NO_EVENT = "The page has no such event. Load it anew."
_NO_STREAM = "Nothing is under way for this page. Load it anew."


class KnownEvents:
    """Answers 404 for an event, or a stream of answers, that is not there."""

    def __init__(self, app: ASGIApp, *, page: Any) -> None:
        """``page`` is the ``gr.Blocks`` that is served."""
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = (scope.get("method"), scope.get("path"))
        if asked == _JOIN:
            messages = await _whole(receive)
            if not self._has_event(b"".join(message.get("body", b"") for message in messages)):
                await refuse(scope, send, 404, _NO_EVENT)
                return
            receive = _in_front(messages, receive)
        elif asked == _DATA and not self._has_stream(scope["query_string"]):
            await refuse(scope, send, 404, _NO_STREAM)
            return
        await self._app(scope, receive, send)

    def _has_event(self, body: bytes) -> bool:
        """Returns whether an event is named that there is; of what cannot be read Gradio says so itself."""
        try:
            said = json.loads(body)
        except ValueError:
            return True
        return not isinstance(said, dict) or said.get("fn_index") in self._page.fns

    def _has_stream(self, query: bytes) -> bool:
        named = parse_qs(query.decode("latin-1")).get("session_hash", [""])[-1]
        return not named or named in self._page._queue.pending_messages_per_session


async def _whole(receive: Receive) -> list[Message]:
    """Returns the messages of the body, which is bounded by then."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _in_front(messages: list[Message], receive: Receive) -> Receive:
    waiting = list(reversed(messages))

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received
