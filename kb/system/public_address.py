"""Addresses of pages without what opened them for one person."""

from __future__ import annotations

import re
from urllib.parse import unquote

from kb.system.redact import names_secret

_LOGIN = re.compile(r"(?<=://)[^/?#\\\s]*@")
"""What stands before the host; browsers take a backslash for a slash. In an archive's address a second one follows."""
_BETWEEN_PARAMETERS = re.compile(r"([?&;#])")
_SECRET_PARAMETERS = frozenset(
    {"sig", "signature", "hmac", "jwt", "otp", "ticket", "x-amz-signature", "x-goog-signature"}
    | {"sid", "session", "sessionid", "session_id", "jsessionid", "phpsessid"}
)
"""Besides those whose names say it as names of settings do."""


def public_address(url: str) -> str:
    """Returns the address of a page without what opened it for one person, or a text as it is that holds no ``://``.

    These are the login before its host, and parameters, of its query or behind ``#``, that are named as passwords,
    keys, sessions and signatures are, or hold an address with a login.
    """
    if "://" not in url:
        return url
    first, *rest = _BETWEEN_PARAMETERS.split(_LOGIN.sub("", url))
    kept, owed = [first], ""
    for mark, parameter in zip(rest[::2], rest[1::2], strict=True):
        begins = mark if mark in "?#" else owed or mark
        if _is_secret(parameter):
            owed = begins if begins in "?#" else ""
        else:
            kept += [begins, parameter]
            owed = ""
    return "".join(kept)


def _is_secret(parameter: str) -> bool:
    name, equals, value = parameter.partition("=")
    name = unquote(name).lower()
    is_named_so = names_secret(name) or name in _SECRET_PARAMETERS
    return bool(equals) and (is_named_so or _LOGIN.search(unquote(value)) is not None)
