"""Addresses of servers: which of them are one, and how they are shown without what logs in to them."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, unquote, urlsplit

from kb.errors import BadInput, Misconfigured
from kb.system.redact import know_secret

_PORTS = {"http": 80, "https": 443}
_METADATA_HOSTS = {"metadata.google.internal", "metadata", "100.100.100.200"}


def split_url(url: str) -> SplitResult | None:
    """The parts of ``url``; None where it is none that a client could use."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without an address, a port that is no number
        return None
    return parts if valid and url.isprintable() and " " not in url else None


def server_of(url: str) -> str | None:
    """``scheme://host:port`` of ``url``, the same for whatever path it has; None for what is no address."""
    parts = split_url(url)
    if parts is None:
        return None
    return f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}:{parts.port or _PORTS[parts.scheme]}"


def login_of(url: str) -> tuple[str, ...]:
    """What stands in ``url`` before an ``@``, as it is and as it is meant: user, password; empty where nothing does."""
    head = url.partition("://")[2] or url
    login, at, _ = head.partition("/")[0].rpartition("@")
    if not at:
        return ()
    user, _, password = login.partition(":")
    return tuple(
        dict.fromkeys(part for each in (password or user, login) for part in (each, unquote(each)) if part)
    )


def secrets_of(url: str) -> tuple[str, ...]:
    """What may be a key in the address of a server: its login, and what stands behind a ``?`` or ``#``, as it is and as
    it is meant.
    """
    parts = split_url(url)
    behind = "&".join((parts.query, parts.fragment)) if parts else ""
    said = [part.partition("=")[2] or part for part in behind.split("&")]
    return tuple(
        dict.fromkeys((*login_of(url), *(each for one in said if one for each in (one, unquote(one)))))
    )


def require_no_login(url: str, *, key: str) -> None:
    """Makes sure that ``url``, which is written to a file, logs in nowhere; ``key``: the setting that does.

    Raises:
        BadInput: something stands before its ``@``, which is known as a secret from here on.
    """
    if not (login := login_of(url)):
        return
    for secret in login:
        know_secret(secret)
    raise BadInput(
        "The address holds a login, which would be written into footnote.toml with it. Give the address without what "
        f"stands before the @; a key for that server belongs into the setting {key}."
    )


def is_loopback(url: str) -> bool:
    """Returns whether ``url`` names this machine."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_url(url: str, *, setting: str, of_file: bool = False) -> str:
    """Returns ``url`` without a slash at its end. ``of_file``: it may ask for a file, by a question mark.

    Raises:
        Misconfigured: it is not http(s), names an address that serves a cloud machine's secrets, or is more than the
            place below which a server has its pages; the message does not repeat it, since it may hold a key.
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
        raise Misconfigured(
            f"The setting {setting!r} names {host}, which no server of models or vectors may have."
        )
    if not of_file and set(url) & set("?#"):
        raise Misconfigured(
            f"The setting {setting!r} must end before the ? or # in it: the names of pages are put behind an address. "
            "A key for that server belongs into the setting for its key."
        )
    return url.rstrip("/")
