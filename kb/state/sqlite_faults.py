"""What SQLite's errors about a database file mean to a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import BackendDown, Damaged, Misconfigured
from kb.system.disk import NEXT_TO_NOTHING, disk_full, free_bytes

_PRIMARY = 0xFF
"""SQLite's extended result codes carry the primary one in their low byte."""
_REFUSED_BY_THE_SYSTEM = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
)


@contextmanager
def sqlite_faults(path: Path) -> Iterator[None]:
    """Turns SQLite's errors about the file at ``path`` into DiskFull or Damaged; passes all others on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise Damaged(f"{path.name} is damaged: {error}.") from error
        if code == sqlite3.SQLITE_CANTOPEN and not path.exists():
            raise Damaged(exchanged(path)) from error
        # a full disk also shows as a journal or a map of it that cannot be made or grown
        blocked = (
            code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and free_bytes(path) < NEXT_TO_NOTHING
        )
        if code == sqlite3.SQLITE_FULL or blocked:
            raise disk_full("Nothing more can be written", path) from error
        if code in _REFUSED_BY_THE_SYSTEM:
            raise Misconfigured(
                f"{path} cannot be opened or written: {error}. Allow the user who runs Footnote to write it and its "
                "folder, or name another data folder with --home or FOOTNOTE_HOME."
            ) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BackendDown(
                f"{path.name} is being written by another program ({error}). Try again when that is done."
            ) from error
        raise


def exchanged(path: Path) -> str:
    """Returns the sentence about a database that was removed or exchanged while it was open."""
    what = "was replaced by another file" if path.exists() else "was removed"
    return (
        f"{path.name} {what} while Footnote was running, so nothing can be stored. End Footnote and start it again: "
        "it mends the library from its backups and takes every original file in that the database does not know."
    )


def unusable(path: Path, problem: str) -> str:
    """Returns the sentence about a database that can no longer be read, whatever was done to its file."""
    return (
        f"{path.name} cannot be read any more ({problem}): it was damaged, or another file was copied over it, while "
        "Footnote was running. End Footnote and start it again: it mends the library from its backups and takes every "
        "original file in that the database does not know."
    )
