"""Refusals of requests that no route sees."""

from __future__ import annotations

import json
from collections.abc import Iterable

from starlette.types import Message, Scope, Send

_OURS = ("/api/", "/documents/", "/ui/")


async def refuse(
    scope: Scope,
    send: Send,
    status: int,
    sentence: str,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Answers ``status`` with ``sentence``: as our API, or OpenAI's, writes errors where it is asked, else as text.

    A WebSocket is closed before it opens, which servers send as 403.
    """
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": sentence})
        return
    is_openai = scope["path"].startswith("/v1/")
    is_ours = is_openai or scope["path"].startswith(_OURS)
    said: object = {"message": sentence, "type": "invalid_request_error", "param": None, "code": None}
    body = json.dumps({"error": said if is_openai else sentence}).encode() if is_ours else sentence.encode()
    kind = b"application/json" if is_ours else b"text/plain; charset=utf-8"
    # What is unread of the body would be taken for the next request, so the connection ends here.
    all_headers = [
        *headers,
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    start: Message = {"type": "http.response.start", "status": status, "headers": all_headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})
