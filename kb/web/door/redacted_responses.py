"""Masks secrets in all that the server sends of its own: answers of the API, the page, its events."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.system.redact import redacted_bytes

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

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; the length of a body stays, since a secret gives way to as many stars."""
        ours = False

        async def send_redacted(message: Message) -> None:
            nonlocal ours
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                ours = headers.get("content-type", "").startswith(_OURS) and SHOWS_KEY not in headers
            elif ours and message["type"] == "http.response.body":
                message = {**message, "body": redacted_bytes(message.get("body", b""))}
            await send(message)

        await self._app(scope, receive, send_redacted if scope["type"] == "http" else send)
