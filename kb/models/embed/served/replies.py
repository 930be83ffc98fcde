"""How the replies of embedding servers are read, whichever protocol they speak: errors by what is to be done next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from kb.errors import BackendDown, Busy, Misconfigured, NotFound
from kb.models.embed.served.protocol import NotVectors, ServerFault, TextsRefused
from kb.models.replies import Reply
from kb.models.transport import ModelServer

MOST_TEXTS = 64
"""Of one request."""
MOST_BYTES = 8 << 20
"""Of one reply: 64 vectors of 4,096 figures of 20 characters, and half as much again."""
_MOST_WIDTH = 8192
"""No embedding model in use is wider, and no reply has more numbers than that for each of its texts."""
_REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)
_AWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
"""What stands before the server does not reach it."""
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_DEFAULT_WAIT = 1
_LONGEST_WAIT = 3600


def success(server: ModelServer, reply: Reply, *, texts: int) -> Mapping[str, Any]:
    """Returns the JSON object of a reply with ``texts`` vectors.

    Raises:
        TextsRefused: 400, 413, 422.
        Busy: 429, 503.
        BackendDown: 502, 504.
        ServerFault: every other error of the server's own.
        Misconfigured: it refuses the key, redirects, has no such page, or does not embed.
        NotVectors: it is a success, and no JSON object of that size.
    """
    status = reply.status
    if status in _REFUSED:
        raise TextsRefused(f"{server.who} refuses it ({status}): {reply.words()}")
    if status in _BUSY:
        raise Busy(
            f"{server.who} has no time now ({status}): {reply.words()}",
            retry_after_s=retry_after(reply.retry_after),
        )
    if status == HTTPStatus.NOT_IMPLEMENTED:
        raise Misconfigured(f"{server.who} does not embed: {reply.words()}")
    require_sound(server, reply)
    try:
        server.refuse(reply)
    except NotFound as error:
        raise Misconfigured(str(error)) from error
    # what is packed with brackets takes thirty times its size once it is read, with short numbers ten times
    lists, objects, values = (reply.content.count(sign) for sign in (b"[", b"{", b","))
    if lists > texts + MOST_TEXTS or objects > 2 * texts + MOST_TEXTS or values > (texts + 1) * _MOST_WIDTH:
        raise NotVectors(f"{server.who} sent something that is not a vector for each text.")
    found = parsed(server, reply)
    if not isinstance(found, dict):
        raise NotVectors(f"{server.who} sent something that is not a reply with vectors.")
    return found


def require_sound(server: ModelServer, reply: Reply) -> None:
    """Raises the error that fits where ``reply`` tells of a fault that is not ours.

    Raises:
        BackendDown: 502, 503, 504: the server is away.
        ServerFault: it stumbled.
    """
    if reply.status in (*_AWAY, HTTPStatus.SERVICE_UNAVAILABLE):
        raise BackendDown(f"{server.who} is away ({reply.status}): {reply.words()}")
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ServerFault(f"{server.who} answered with an error ({reply.status}): {reply.words()}")


def parsed(server: ModelServer, reply: Reply) -> Any:
    """Returns the JSON of ``reply``; raises NotVectors where it is none, as where a page for people stands there."""
    try:
        return server.parsed(reply.text)
    except BackendDown as error:
        raise NotVectors(str(error)) from error


def retry_after(value: str, now: datetime | None = None) -> int:
    """Returns the seconds that a header Retry-After asks for (seconds or a date); 1 where it says nothing sensible."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return min(_LONGEST_WAIT, int(value))
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return _DEFAULT_WAIT
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return max(0, min(_LONGEST_WAIT, int(seconds + 0.999)))


def whole_number(value: Any) -> int | None:
    """Returns ``value`` where it can be a number of tokens; None for all else."""
    return value if type(value) is int and 0 <= value < 1 << 31 else None


def at(found: Any, *keys: str) -> Any:
    """Returns what stands at ``keys`` of nested JSON; None where nothing does."""
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def said(value: Any) -> str:
    """Returns ``value`` where it is a word that a server may use for a version or a name; else an empty string."""
    return value if isinstance(value, str) and len(value) <= 200 and value.isprintable() else ""
