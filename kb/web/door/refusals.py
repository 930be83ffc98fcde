"""How an error is written, wherever it is found: as problem details (RFC 9457), or as OpenAI's protocol has it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import quote

from starlette.types import Message, Scope, Send

PROBLEM = "application/problem+json"
"""The media type of RFC 9457."""
_OURS = ("/api/", "/documents/", "/ui/", "/v1/", "/metrics")
_OPENAI = re.compile(r"/v1(?:/.*)?", re.DOTALL)
_MISSING = (
    (re.compile(r"/v1/(?:models/.+|chat/completions|embeddings|rerank)", re.DOTALL), "model_not_found"),
    (re.compile(r"/v1/files(?:/.+)?", re.DOTALL), "file_not_found"),
    (re.compile(r"/v1/vector_stores/.+", re.DOTALL), "vector_store_not_found"),
)
"""What is missing where an address below ``/v1`` answers 404, as its ``code``."""
_MOST_OF_PATH = 1000
"""Characters of the address that an error repeats."""
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
    is_ours = scope["path"].startswith(_OURS) or _OPENAI.fullmatch(scope["path"]) is not None
    body = json.dumps(error_body(scope["path"], sentence, status)).encode() if is_ours else sentence.encode()
    kind = error_media_type(scope["path"]).encode() if is_ours else b"text/plain; charset=utf-8"
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


def error_media_type(path: str) -> str:
    return "application/json" if _OPENAI.fullmatch(path) else PROBLEM


def error_body(
    path: str, sentence: str, status: int, *, no_such_address: bool = False, field: str | None = None
) -> dict[str, object]:
    """Returns the body of an error: problem details, with the sentence as ``error``, too; below ``/v1`` OpenAI's.

    ``no_such_address`` where nothing takes the request, rather than that what it asks for is missing; ``field`` is the
    one that is not taken.
    """
    if not _OPENAI.fullmatch(path):
        return {
            "type": "about:blank",  # no more is to be said of the kind of problem than the status says
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": sentence,
            "instance": quote(path[:_MOST_OF_PATH], safe="/"),
            "error": sentence,
        }
    kind = _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    code = None
    if no_such_address or status in (404, 405):
        missing = (code for address, code in _MISSING if status == 404 and address.fullmatch(path))
        code = "unknown_url" if no_such_address else next(missing, "unknown_url")
    return {"error": {"message": sentence, "type": kind, "param": field, "code": code}}
