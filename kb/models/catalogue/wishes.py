"""What is asked for when a model is added, before anything is done for it."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from kb.errors import BadInput

_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")


def is_address(what: str) -> bool:
    """Whether ``what`` is the address of a file or a server, and no path or name."""
    return what.lower().startswith(("http://", "https://"))


def names_a_file(url: str, name: str | None = None) -> bool:
    """Whether an address is that of a GGUF file, by its name or by ``name``, which it is to have here; else it may be
    that of a server.
    """
    return bool(name) or unquote(urlsplit(url).path).lower().endswith(".gguf")


def require_fitting_wishes(what: str, *, name: str | None, sha256: str | None) -> None:
    """Raises BadInput where ``sha256`` is none, or would not be compared with anything that comes."""
    if sha256 is None:
        return
    if not _SHA256.fullmatch(sha256.strip()):
        raise BadInput(
            "That is no SHA-256: it has 64 digits, 0 to 9 and a to f. Copy it whole from where the file is offered."
        )
    if not (is_address(what) and names_a_file(what, name)):
        raise BadInput(
            "A SHA-256 is compared with what comes from the address of a GGUF file, and this is none. Leave it out."
        )


def require_no_name(name: str | None) -> None:
    """Raises BadInput where a model of the hub, whose name says what it is, is to be called otherwise."""
    if name:
        raise BadInput("A model of the hub keeps its name: leave --as out.")
