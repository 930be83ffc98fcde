"""The document that a browser gets: Gradio's, with our rail, styles and scripts in it, in the reader's language.

Gradio's own way to add to the head is a script that does it when its page is drawn: too late for colours (a white flash
in the dark), and for a rail that should not come in from the side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.types import Caller
from kb.web.door.callers import CALLER
from kb.web.page.frame import render_rail
from kb.web.page.languages import words_of
from kb.web.page.screens import Screen
from kb.web.page.words.frame import EN, ZH

_BASE = b'<base href="./" />'
_LANGUAGE = b'lang="en"'


class ServedPage:
    """Completes the document at ``/``; whatever else is asked for passes as it is."""

    def __init__(self, app: ASGIApp, *, head: str, screens: Sequence[Screen]) -> None:
        self._app = app
        self._head = head.encode()
        self._screens = screens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        # asked for as it is, since something is put into it
        plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        collected: list[Message] = []

        async def collect(message: Message) -> None:
            collected.append(message)

        # what follows the address is for the router: Gradio would look for a page of its own by the same name
        await self._app({**scope, "headers": plain, "query_string": b""}, receive, collect)
        start, body = collected[0], b"".join(message.get("body", b"") for message in collected[1:])
        body = self._completed(body, Headers(scope=scope), scope.get(CALLER))
        MutableHeaders(scope=start)["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def _completed(self, body: bytes, headers: Any, caller: Caller | None) -> bytes:
        words = words_of(headers, EN, ZH)
        is_owner = caller is None or caller.collections is None
        screens = [screen for screen in self._screens if is_owner or not screen.of_owner]
        rail = render_rail.rail(screens, words, person="" if caller is None else caller.person).encode()
        body = body.replace(_BASE, b'<base href="/" />', 1)
        body = body.replace(_LANGUAGE, f'lang="{words.language}"'.encode(), 1)
        body = body.replace(b"</head>", self._head + b"</head>", 1)
        return body.replace(b"<gradio-app", rail + b"<gradio-app", 1)
