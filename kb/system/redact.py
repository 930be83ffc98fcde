"""Keeps keys out of everything that is shown, logged or sent: one list of all secrets of this process.

A secret is made known where it is read, before anything is done with it. Every way out passes through ``redacted``:
the log, what the command line prints, what the web server sends, the messages of errors.
"""

from __future__ import annotations

import base64
import html
import json
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from urllib.parse import quote, quote_plus

MASK = "***"
_LEAST = 4
_CERTAIN = 8
"""Shorter secrets are masked only where they stand as words of their own."""
_NO_SECRETS = frozenset(
    {"none", "null", "empty", "dummy", "ollama", "test", "true", "false", "key", "token", "secret"}
)
"""What people set where a server wants a key and looks at none."""
_LOOKS_SECRET = re.compile(r"key|token|secret|passw|pwd|credential|auth(?!or)|bearer|login", re.IGNORECASE)
_LOOKS_LIKE_NO_KEY = re.compile(r"tokens(?:$|[_.=])|keyword|tokeni[sz]er", re.IGNORECASE)
_LOOKS_LIKE_A_KEY = re.compile(
    r"(?:sk|pk|rk|gsk|hf|xai|nvapi|ghp|gho|glpat|pplx|r8|key|api)[-_][A-Za-z0-9_\-]{8,}"
    r"|AIza[\w-]{20,}|AKIA[0-9A-Z]{12,}"
    r"|(?<![\w-])(?:eyJ[\w-]{8,}\.[\w-]{8,}|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{28,})"
)
OURS = "fn_"
"""What the keys of our own begin with, so that scanners for secrets, and people, know one when they see it."""
_OUR_KEY = re.compile(rf"{OURS}[A-Za-z0-9_-]{{43}}")
"""32 random bytes in base64 behind what each begins with."""
OUR_KEY_IN_BYTES = re.compile(_OUR_KEY.pattern.encode())
_OUR_KEY_BEGUN = re.compile(rf"(?:f|fn|{OURS}[A-Za-z0-9_-]{{0,42}})\Z")
_OUR_KEY_CHARACTERS = len(OURS) + 43
_lock = threading.Lock()
_forms: tuple[str, ...] = ()
_words: tuple[str, ...] = ()
_plain: tuple[str, ...] = ()


def know_secret(secret: str) -> None:
    """From now on ``secret`` is masked wherever it would be seen, in whatever form."""
    global _forms, _words, _plain
    for each in dict.fromkeys((secret, secret.strip())):
        if len(each) < _LEAST or each.lower() in _NO_SECRETS:
            continue
        with _lock:
            if len(each) >= _CERTAIN:
                _forms = tuple(sorted({*_forms, *_forms_of(each)}, key=len, reverse=True))
                _plain = (*dict.fromkeys((*_plain, each)),)
            else:
                _words = tuple(sorted({*_words, each}, key=len, reverse=True))


@contextmanager
def secrets_apart() -> Iterator[None]:
    """Forgets at its end what became known within: for several programs in one process, as in tests."""
    global _forms, _words, _plain
    before = (_forms, _words, _plain)
    try:
        yield
    finally:
        _forms, _words, _plain = before


def without_our_keys(text: str) -> str:
    """``text`` with everything masked that has the shape of our keys, which this process need never have seen.

    What people write passes through it before it is kept. No other secret does: a short one may be a word of theirs.
    """
    return _OUR_KEY.sub(MASK, text) if OURS in text else text


def redacted(text: str) -> str:
    """``text`` with every known secret masked, and what has the shape of our keys."""
    for form in _forms:
        if form in text:
            text = text.replace(form, MASK)
    for word in _words:
        if word in text:
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", MASK, text)
    return without_our_keys(text)


def redacted_bytes(data: bytes) -> bytes:
    """``data`` with all that ``redacted`` masks as so many stars as it has bytes, so that its length stays."""
    for form in _forms:
        if (found := form.encode()) in data:
            data = data.replace(found, b"*" * len(found))
    for word in _words:
        if (found := word.encode()) in data:
            pattern = rb"(?<![A-Za-z0-9])" + re.escape(found) + rb"(?![A-Za-z0-9])"
            data = re.sub(pattern, b"*" * len(found), data)
    return OUR_KEY_IN_BYTES.sub(b"*" * _OUR_KEY_CHARACTERS, data)


class RedactedStream:
    """Masks secrets in text that comes in pieces, wherever it is cut."""

    def __init__(self) -> None:
        self._held = ""

    def push(self, piece: str) -> str:
        """Returns what is certain after ``piece``; may be empty."""
        text = redacted(self._held + piece)
        begun = _OUR_KEY_BEGUN.search(text, max(0, len(text) - _OUR_KEY_CHARACTERS))
        known = max((_overlap(text, secret) for secret in _plain), default=0)
        cut = min(begun.start() if begun else len(text), len(text) - known)
        self._held = text[cut:]
        return text[:cut]

    def finish(self) -> str:
        """Returns what was held back, at the end."""
        held, self._held = redacted(self._held), ""
        return held


def names_secret(name: str) -> bool:
    """Whether a setting called ``name``, one that is misspelt included, may hold a secret."""
    return bool(_LOOKS_SECRET.search(name)) and not _LOOKS_LIKE_NO_KEY.search(name)


def looks_secret(value: str) -> bool:
    """Whether ``value`` may be a key that stands where none belongs."""
    return bool(_LOOKS_LIKE_A_KEY.search(value)) or "@" in value


def _overlap(text: str, secret: str) -> int:
    longest = min(len(text), len(secret) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(secret[:n])), 0)


def _forms_of(secret: str) -> Iterator[str]:
    """``secret`` as it stands in text, in literals, in JSON, in pages, in URLs, and encoded as headers are."""
    plain = secret.encode("utf-8", "surrogatepass")
    candidates = [
        secret,
        repr(secret)[1:-1],
        repr(plain)[2:-1],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        plain.hex(),
    ]
    with suppress(UnicodeEncodeError):
        candidates += [quote(secret), quote(secret, safe=""), quote_plus(secret)]
    for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
        for shift in range(3):  # what stands before it decides where its first bit falls
            whole = encode(b"\0" * shift + plain).decode()
            start, end = (0, 2, 3)[shift], len(whole.rstrip("=")) - (1 if (shift + len(plain)) % 3 else 0)
            candidates.append(whole[start:end])
    for each in candidates:
        if len(each) >= _CERTAIN:
            with suppress(UnicodeEncodeError):
                each.encode("utf-8")
                yield each


# --- Ways out ---------------------------------------------------------------------------------


def guard_tracebacks() -> None:
    """From now on tracebacks of errors that nobody caught are printed without secrets."""
    sys.excepthook = _print_redacted
    threading.excepthook = _print_of_thread


def _print_redacted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))


def _print_of_thread(unhandled: threading.ExceptHookArgs) -> None:
    if unhandled.exc_value is not None and not issubclass(unhandled.exc_type, SystemExit):
        name = unhandled.thread.name if unhandled.thread else "?"
        sys.stderr.write(f"Exception in thread {name}:\n")
        _print_redacted(unhandled.exc_type, unhandled.exc_value, unhandled.exc_traceback)
