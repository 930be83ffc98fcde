"""Looks at the key that a request brings, before anything else behind the door sees the request."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from kb.system.threads import Threads
from kb.types import Caller
from kb.web.door.refusals import refuse

log = logging.getLogger(__name__)

CALLER = "footnote.caller"
"""Where a request carries whom its key stands for."""
_LOOKING_UP = Threads("keys", 4)
_BEARER = re.compile(rb"bearer +([\x21-\x7e]{1,200}) *", re.IGNORECASE)
_KEYED = re.compile(r"/(?:api|documents|v1)/.+|/mcp|/metrics")
"""What a key opens. The page is its owner's alone."""
_NO_KEY = "This key opens nothing. It may be mistyped or revoked; `app.py key add NAME` makes another."
_NOT_HERE = "A key opens /api, /documents, /v1, /mcp and /metrics, and not the page."

Authenticate = Callable[[str], Caller | None]
"""Returns whom a key stands for; None where it opens nothing."""


class KeyDoor:
    """Lets in whoever has a key; 401 for a key that opens nothing, whether it is wrong or revoked.

    Who brings none comes to ``without_key``. A key proves more than the account that a connection comes from, so that
    ``with_key`` need not ask for that.
    """

    def __init__(self, with_key: ASGIApp, *, without_key: ASGIApp, authenticate: Authenticate) -> None:
        self._with_key = with_key
        self._without_key = without_key
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        keys = _keys(scope)
        if not keys:
            await self._without_key(scope, receive, send)
            return
        caller = None
        if len(keys) == 1 and (match := _BEARER.fullmatch(keys[0])):
            caller = await _LOOKING_UP.run(partial(self._authenticate, match[1].decode("ascii")))
        if caller is None:
            log.warning("request refused", extra={"path": scope["path"], "reason": "the key opens nothing"})
            await refuse(scope, send, 401, _NO_KEY, headers=[(b"www-authenticate", b"Bearer")])
        elif not _KEYED.fullmatch(scope["path"]):
            await refuse(scope, send, 403, _NOT_HERE)
        else:
            await self._with_key({**scope, CALLER: caller}, receive, send)


def _keys(scope: Scope) -> list[bytes]:
    """Returns the keys of a request, each with its scheme; other schemes than ours say nothing here."""
    if scope["type"] == "lifespan":
        return []
    return [
        value
        for name, value in scope["headers"]
        if name == b"authorization" and value.lower().startswith(b"bearer")
    ]
