"""Addresses of servers: which of them are one, and how they are shown without what logs in to them."""

from __future__ import annotations

from urllib.parse import SplitResult, unquote, urlsplit

_PORTS = {"http": 80, "https": 443}


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
