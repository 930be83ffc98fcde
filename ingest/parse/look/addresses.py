"""The addresses behind link texts: ``travel form (https://intranet.example.org/forms/17b)``, for every format alike."""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit

_WEB = frozenset({"http", "https", "ftp", "ftps"})
_BARE = frozenset({"mailto", "tel", "sms", "callto", "xmpp"})
"""Schemes that a person does not write before the address: ``office@example.org``."""
_FILES = frozenset({"file", "smb"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20}):")
_LONGEST = 300
"""Characters; longer ones carry session keys and tracking, and nobody types or reads them."""
_PLAIN = re.compile(r"^(?:[a-z]{2,8}:(?://)?)?(?:www\.)?|[/\s]+$")
_SPACE = re.compile(r"\s+")
_QUOTES = re.compile(r"^(?:%22|[\"'<])+|(?:%22|[\"'>])+$", re.IGNORECASE)
_PATH = re.compile(r"(?=[^/.?]*[/.?])[\w./\\~%+@&=?#,:;!$*-]+")
"""What a relative address looks like; Markdown takes any words in brackets for one."""
_LETTERS = re.compile(r"(?:%[89A-F][0-9A-F])+", re.IGNORECASE)
"""The escapes of letters that are not ASCII."""


class Addresses:
    """Says what to write after the link texts of one document; each text with its address once."""

    def __init__(self, base: str = "") -> None:
        """Relative addresses are resolved against ``base``; without one they stay as they are."""
        self._base = base if urlsplit_or_none(base) else ""
        self._shown: set[tuple[str, str]] = set()

    def after(self, text: str, target: str) -> str:
        """Returns `` (address)`` for the link ``text`` that leads to ``target``; "" where it would say nothing.

        Nothing is said of a place in the same document, of an address that the text spells out, of programs in
        addresses (``javascript:``), and the second time.
        """
        address = readable(target, self._base)
        text = _SPACE.sub(" ", text).strip()
        if not text or not address or _bare(address) in _bare(text):
            return ""
        key = (text.casefold(), address)
        if key in self._shown:
            return ""
        self._shown.add(key)
        return f" ({address})"


def readable(target: str, base: str = "") -> str:
    """Returns ``target`` as people write an address; "" for one that leads nowhere outside of its document."""
    target = _QUOTES.sub("", target.strip())
    if not target or target.startswith("#") or len(target) > _LONGEST:
        return ""
    found = _SCHEME.match(target)
    scheme = found[1].lower() if found else ""
    if scheme in _BARE:
        return unquote(target.partition(":")[2].partition("?")[0]).strip("/ ")
    if not scheme and not base and not _PATH.fullmatch(target.replace(" ", "%20")):
        return ""
    if not scheme and base and "\\" not in target and urlsplit_or_none(target) is not None:
        target = urljoin(base, target)
    elif scheme and scheme not in _WEB | _FILES and "\\" not in target[:4]:
        return ""
    return _LETTERS.sub(_letters, target).replace(" ", "%20")


def _letters(found: re.Match[str]) -> str:
    """Returns escaped letters as they are read; escapes of an old encoding stay."""
    text = unquote(found[0], errors="replace")
    return found[0] if "\ufffd" in text or not text.isprintable() else text


def urlsplit_or_none(address: str) -> str | None:
    """Returns the host of ``address``, "" without one; None for what only looks like an address (``http://[``)."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return None


def _bare(text: str) -> str:
    """Returns ``text`` for a comparison, without scheme, ``www.``, closing slash and escapes."""
    return _PLAIN.sub("", unquote(text).casefold().strip())
