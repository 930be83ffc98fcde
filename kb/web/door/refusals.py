"""Refusals of requests that no route sees."""

from __future__ import annotations

import json
from collections.abc import Iterable

from starlette.types import Message, Scope, Send

_OURS = ("/api/", "/documents/", "/ui/", "/v1/")
_OPENAI = "/v1/"
_KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


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
    is_ours = scope["path"].startswith(_OURS)
    body = json.dumps(error_body(scope["path"], sentence, status)).encode() if is_ours else sentence.encode()
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


def error_body(path: str, sentence: str, status: int) -> dict[str, object]:
    """Returns the body of an error: ``{"error": sentence}``, below ``/v1`` what OpenAI's clients read."""
    if not path.startswith(_OPENAI):
        return {"error": sentence}
    kind = _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    code = "model_not_found" if status == 404 else None
    return {"error": {"message": sentence, "type": kind, "param": None, "code": code}}
