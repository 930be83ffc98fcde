"""The key that is sent to one server and to no other."""

from __future__ import annotations

from collections.abc import Generator

import httpx

from kb.system.addresses import server_of


class BoundKey(httpx.Auth):
    """Sends a key to its server alone: scheme, host and port. A user's name in the URL serves where there is no key."""

    def __init__(self, url: str, key: str | None) -> None:
        self._server = server_of(url)
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Puts the key into a request to its server, and takes any other out of it."""
        request.headers.pop("Authorization", None)
        own = server_of(str(request.url)) == self._server
        if own and self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        elif own and request.url.username:
            login = httpx.BasicAuth(request.url.username, request.url.password)
            yield from login.auth_flow(request)
            return
        yield request
