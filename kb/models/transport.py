"""How HTTP clients of model servers are made, and the translation of what can go wrong with them."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from kb.errors import BackendDown, Misconfigured

CONNECT_SECONDS = 2.0
"""A server that takes longer to accept a connection is down, so that the person hears of it within 3 s."""
LOOPBACK_CONNECT_SECONDS = 1.0
"""The same on this machine, where Windows tries a closed port for two seconds before it gives up."""

ANSWER_SECONDS = 600.0
"""The longest silence in a stream: a large model is loaded and a long prompt read within it."""

QUICK_SECONDS = 5.0
"""For questions that a server answers from memory: its models, a model's context, a count of tokens."""

_METADATA_HOSTS = {"metadata.google.internal", "metadata", "100.100.100.200"}


def is_loopback(url: str) -> bool:
    """Whether ``url`` names this machine."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_url(url: str, *, setting: str) -> str:
    """``url`` without a slash at its end.

    Raises:
        Misconfigured: it is not http(s), or names an address that serves a cloud machine's secrets.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host:
        raise Misconfigured(f"The setting {setting!r} must begin with http:// or https:// (given: {url!r}).")
    try:
        link_local = ipaddress.ip_address(host).is_link_local
    except ValueError:
        link_local = False
    if link_local or host in _METADATA_HOSTS:
        raise Misconfigured(f"The setting {setting!r} names {host}, which no model server may have.")
    return url.rstrip("/")


def timeout(url: str, read_seconds: float) -> httpx.Timeout:
    """``read_seconds`` of silence at most, and a short wait for the connection."""
    connect = LOOPBACK_CONNECT_SECONDS if is_loopback(url) else CONNECT_SECONDS
    return httpx.Timeout(read_seconds, connect=connect)


def client_options(url: str, *, read_seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
    """How every client is made: redirects are not followed (a prompt goes where the owner said and
    nowhere else), and a proxy from the environment is not used for this machine.
    """
    return {
        "timeout": timeout(url, read_seconds),
        "follow_redirects": False,
        "trust_env": not is_loopback(url),
        "verify": _certificates()
        if urlsplit(url).scheme == "https"
        else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    }


@cache
def _certificates() -> ssl.SSLContext:
    """The authorities that https servers are checked against. Reading them takes 20 to 300 ms, which httpx
    would spend for every client, for plain http too; a context that trusts nobody serves for that.
    """
    return httpx.create_ssl_context()


@contextmanager
def transport_errors(who: str, *, start: str) -> Iterator[None]:
    """Translates what httpx raises.

    ``who`` is the server as a message names it, with its URL; ``start`` the sentence that says how to get it
    running.

    Raises:
        BackendDown: no connection, silence, or a connection that broke off.
    """
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, ConnectionError) as error:
        raise BackendDown(f"{who} does not answer. {start}") from error
    except httpx.TimeoutException as error:
        raise BackendDown(f"{who} has been silent for too long. Ask once more, or restart it.") from error
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
        raise BackendDown(f"{who} broke off in the middle of the answer. Ask once more.") from error
    except httpx.HTTPError as error:
        raise BackendDown(f"{who} cannot be reached: {error}. {start}") from error
