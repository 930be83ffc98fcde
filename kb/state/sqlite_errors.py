"""What SQLite says when something is wrong, as errors of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import Damaged
from kb.system.disk import NEXT_TO_NOTHING, disk_full, free_bytes

_PRIMARY = 0xFF
"""SQLite's extended result codes carry the primary one in their low byte."""


@contextmanager
def sqlite_faults(path: Path) -> Iterator[None]:
    """Turns SQLite's errors about the file at ``path`` into DiskFull or Damaged; passes all others on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise Damaged(f"{path.name} is damaged: {error}.") from error
        # a full disk also shows as a journal or a map of it that cannot be made or grown
        blocked = (
            code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and free_bytes(path) < NEXT_TO_NOTHING
        )
        if code == sqlite3.SQLITE_FULL or blocked:
            raise disk_full("Nothing more can be written", path) from error
        raise
