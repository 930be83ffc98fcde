"""What SQLite and the system say when something is wrong, as errors of ours: one place for all of it."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import Damaged, DiskFull

_NEXT_TO_NOTHING = 1 << 20
"""Free bytes below which a write that failed for no stated reason is taken to have failed for want of room."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
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
            code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and free_bytes(path) < _NEXT_TO_NOTHING
        )
        if code == sqlite3.SQLITE_FULL or blocked:
            raise disk_full("Nothing more can be written", path) from error
        raise


@contextmanager
def room_faults(what: str, path: Path) -> Iterator[None]:
    """Turns the system's "no space left" while something is written near ``path`` into DiskFull.

    ``what``: the begin of the sentence, as in "report.pdf cannot be stored".
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise disk_full(what, path) from error


def disk_full(what: str, path: Path, *, needed: int | None = None) -> DiskFull:
    """The error that says how many megabytes there are and, where that is known, how many are needed."""
    free = megabytes(free_bytes(path))
    if needed is None:
        return DiskFull(
            f"{what}: the disk is full, {free} MB are free. Make room, or remove documents; work goes on by itself."
        )
    return DiskFull(
        f"{what}: it needs {megabytes(needed)} MB on the disk, and {free} MB are free. Make room, then try again."
    )


def free_bytes(path: Path) -> int:
    """How much may still be written to the disk of ``path``, which need not exist yet."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def megabytes(size: int) -> int:
    """Whole megabytes, rounded up."""
    return -(-size // (1 << 20))
