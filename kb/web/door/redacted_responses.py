"""Masks secrets in all that the server sends of its own: answers of the API, the page, its events."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.config import Settings
from kb.system.redact import redacted_bytes
from kb.web.door.callers import CALLER
from kb.web.door.owner_places import without_places

_OURS = (
    "application/json",
    "application/problem+json",
    "application/x-ndjson",
    "text/csv",
    "text/event-stream",
    "text/html",
    "text/markdown",
    "text/plain",
)
"""What is written here, files to be saved included; a document as it was added is an octet stream, or a PDF."""
SHOWS_KEY = "x-footnote-shows-key"
"""The header of the one answer that shows a key: the one that made it."""


class RedactedResponses:
    """Wraps an application. A document that somebody downloads is sent as it is."""

    def __init__(self, app: ASGIApp, *, settings: Callable[[], Settings]) -> None:
        """``settings`` are those in force, whose places only owners read."""
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; the length of a body stays, since a secret gives way to as many stars."""
        ours = False

        async def send_redacted(message: Message) -> None:
            nonlocal ours
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                ours = headers.get("content-type", "").startswith(_OURS) and SHOWS_KEY not in headers
            elif ours and message["type"] == "http.response.body":
                body = redacted_bytes(message.get("body", b""))
                message = {**message, "body": without_places(body, scope.get(CALLER), self._settings())}
            await send(message)

        await self._app(scope, receive, send_redacted if scope["type"] == "http" else send)
