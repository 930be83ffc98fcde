"""Looks at the cookie of whoever is signed in, where Footnote has accounts, and sends all others to sign in."""

from __future__ import annotations

import hmac
import logging
import re
from functools import partial
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from kb.system.access_token import TOKEN_HEADER
from kb.system.threads import Threads
from kb.types import AccessScope, Caller
from kb.web.door.callers import CALLER, CAME_WITH, Authenticate, CameWith
from kb.web.door.page_addresses import ADD, SIGN_IN, is_opened
from kb.web.door.refusals import refuse

log = logging.getLogger(__name__)

NOBODY = Caller("nobody", scope=AccessScope.READ, collections=frozenset())
"""Whom the routes are asked for that need no session: nothing is there for them."""
_LOOKING_UP = Threads("sessions", 4)
_OPEN = re.compile(
    r"/sign-in(?:/provider|/callback)?"
    r"|/ui/static/(?:mark\.svg|footnote\.webmanifest|(?:account|page)\.css|(?:early|sign_in|shared_text)\.js)|/ui/nothing-here|/favicon\.ico|/robots\.txt"
)
"""What somebody sees who is not signed in."""
_COOKIE = "footnote_session"
_LONGEST_SHARED = 32_768
"""Characters of a query that signing in passes on, behind the ``#`` of an address: no server sees it again."""


class SessionDoor:
    """Lets in who is signed in, and commands that prove that they may read the data folder; 401 for the rest.

    Whoever opens a page is sent to sign in, and back to it afterwards.
    """

    def __init__(self, app: ASGIApp, *, caller_with: Authenticate, token: str | None) -> None:
        """``token`` is what commands of this machine bring; None lets none of them in."""
        self._app = app
        self._caller_with = caller_with
        self._token = None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._has_token(scope):
            await self._app(scope, receive, send)
            return
        token = session_of(scope)
        caller = None if token is None else await _LOOKING_UP.run(partial(self._caller_with, token))
        if caller is not None and token is not None:
            scope = {**scope, CAME_WITH: CameWith(self._caller_with, token)}
        elif caller is None and _OPEN.fullmatch(scope["path"]):
            caller = NOBODY
        if caller is not None:
            await self._app({**scope, CALLER: caller}, receive, send)
        elif scope["type"] == "http" and scope["method"] == "GET" and is_opened(scope["path"]):
            after = quote(scope["path"], safe="/")
            place = SIGN_IN if after == "/" else f"{SIGN_IN}?next={after}{_behind(scope)}"
            await refuse(
                scope, send, 303, "Sign in first.", headers=[(b"location", place.encode()), _NOT_STORED]
            )
        else:
            await refuse(scope, send, 401, "Sign in first.")

    def _has_token(self, scope: Scope) -> bool:
        """Returns whether a command sent it; where somebody is signed in, the session decides."""
        name = TOKEN_HEADER.lower().encode()
        return self._token is not None and any(
            key == name and hmac.compare_digest(value, self._token) for key, value in scope["headers"]
        )


def _behind(scope: Scope) -> str:
    """Returns what stands behind the address of signing in: what was shared, which waits in the browser.

    Of a bookmark it stands behind the ``#`` already, and browsers take that along.
    """
    asked: bytes = scope.get("query_string", b"")
    is_shared = scope["path"] == ADD and 0 < len(asked) <= _LONGEST_SHARED
    return f"#{quote(asked, safe='%=&+,;:/?@!$()*')}" if is_shared else ""


_NOT_STORED = (b"cache-control", b"no-store")


def cookie_name(scheme: str, name: str = _COOKIE) -> str:
    """Returns the name of the cookie: over TLS browsers hold it to this host and to TLS by its name alone."""
    return f"__Host-{name}" if scheme == "https" else name


def session_of(scope: Scope) -> str | None:
    """Returns the token of a session that a request brings; None where it brings none, or several."""
    name = cookie_name(scope.get("scheme", "http"))
    cookies = b";".join(value for key, value in scope["headers"] if key == b"cookie").decode("latin-1")
    found = [part.strip() for part in cookies.split(";") if part.strip().startswith(f"{name}=")]
    return HTTPConnection(scope).cookies.get(name) if len(found) == 1 else None
