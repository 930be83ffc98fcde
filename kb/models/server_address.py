"""The addresses that model servers may have, and the key that is sent to one of them and to no other."""

from __future__ import annotations

import ipaddress
from collections.abc import Generator
from urllib.parse import urlsplit

import httpx

from kb.errors import Misconfigured
from kb.system.addresses import server_of, split_url

_METADATA_HOSTS = {"metadata.google.internal", "metadata", "100.100.100.200"}


def is_loopback(url: str) -> bool:
    """Returns whether ``url`` names this machine."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_url(url: str, *, setting: str) -> str:
    """Returns ``url`` without a slash at its end.

    Raises:
        Misconfigured: it is not http(s), or names an address that serves a cloud machine's secrets; the message does
            not repeat it, since it may hold a key.
    """
    parts = split_url(url)
    if parts is None:
        raise Misconfigured(
            f"The setting {setting!r} is no address of a server. It must begin with http:// or https://, "
            "as in http://127.0.0.1:8000/v1."
        )
    host = (parts.hostname or "").lower()
    try:
        link_local = ipaddress.ip_address(host).is_link_local
    except ValueError:
        link_local = False
    if link_local or host in _METADATA_HOSTS:
        raise Misconfigured(f"The setting {setting!r} names {host}, which no model server may have.")
    return url.rstrip("/")


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
