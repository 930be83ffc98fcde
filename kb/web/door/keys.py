"""Looks at the key that a request brings, before anything else behind the door sees the request."""

from __future__ import annotations

import logging
import re
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from kb.system.redact import OUR_KEY_IN_BYTES
from kb.system.threads import Threads
from kb.web.door.callers import CALLER, CAME_WITH, Authenticate, CameWith
from kb.web.door.refusals import refuse

log = logging.getLogger(__name__)

_LOOKING_UP = Threads("keys", 4)
_BEARER = re.compile(rb"bearer +([\x21-\x7e]{1,200}) *", re.IGNORECASE)
_NAMES = re.compile(rb"(?:^|-)(?:api-?key|authorization|(?:access|auth)-token)$")
"""Of headers in which programs send keys."""
_KEYED = re.compile(r"/(?:api|documents)/.+|/v1(?:/.*)?|/mcp|/metrics")
"""What a key opens. The page is its owner's alone."""
_NO_KEY = (
    "This key opens nothing. It may be mistyped or revoked, or not sent as `Authorization: Bearer KEY`; "
    "`app.py key add NAME` makes another."
)
_NOT_HERE = "A key opens /api, /documents, /v1, /mcp and /metrics, and not the page."


class KeyDoor:
    """Lets in whoever has a key; 401 for one that opens nothing: wrong, revoked, or sent in another way than ours.

    Who brings none comes to ``without_key``. A key proves more than the account that a connection comes from, so that
    ``with_key`` need not ask for that.
    """

    def __init__(self, with_key: ASGIApp, *, without_key: ASGIApp, authenticate: Authenticate) -> None:
        self._with_key = with_key
        self._without_key = without_key
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        brought = _brought(scope)
        if not brought:
            await self._without_key(scope, receive, send)
            return
        caller = None
        key = _key_of(brought)
        if key is not None:
            caller = await _LOOKING_UP.run(partial(self._authenticate, key))
        if caller is None or key is None:
            log.warning("request refused", extra={"path": scope["path"], "reason": "the key opens nothing"})
            await refuse(scope, send, 401, _NO_KEY, headers=[(b"www-authenticate", b"Bearer")])
        elif not _KEYED.fullmatch(scope["path"]):
            await refuse(scope, send, 403, _NOT_HERE)
        else:
            came_with = CameWith(self._authenticate, key)
            await self._with_key({**scope, CALLER: caller, CAME_WITH: came_with}, receive, send)


def _brought(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Returns what brings a key, or looks as if: who sends one in another way is not the page's owner.

    (name, value) of headers, and of the address, where a key would stand in logs and histories.
    """
    if scope["type"] == "lifespan":
        return []
    asked = scope["query_string"]
    address = [(b"", asked)] if OUR_KEY_IN_BYTES.search(asked) else []
    headers = scope["headers"]
    return address + [(n, v) for n, v in headers if _NAMES.search(n.lower()) or OUR_KEY_IN_BYTES.search(v)]


def _key_of(brought: list[tuple[bytes, bytes]]) -> str | None:
    """Returns the key of a request; None where it is not one ``Authorization: Bearer KEY``, and nothing else."""
    if len(brought) != 1 or brought[0][0].lower() != b"authorization":
        return None
    match = _BEARER.fullmatch(brought[0][1])
    return match[1].decode("ascii") if match else None
