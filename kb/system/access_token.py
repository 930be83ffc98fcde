"""The secret by which a command proves that it may read the data folder of the app that it talks to."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from kb.system.home_layout import HomeLayout

TOKEN_HEADER = "X-Footnote-Token"  # noqa: S105  # its name, not its value
"""The header of a request that brings it."""


def make_token(home: Path) -> str:
    """A new secret, in a file that only the owner of ``home`` can read."""
    path = HomeLayout(home).token
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    token = secrets.token_urlsafe(32)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token)
    fresh.replace(path)
    return token


def read_token(home: Path) -> str | None:
    """The secret of the app that runs on ``home``; None where none was made."""
    try:
        return HomeLayout(home).token.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
