"""Free space on the disk, and errors of libraries about a full disk or broken files, translated to ours."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import Damaged, DiskFull

NEXT_TO_NOTHING = 1 << 20
"""Free bytes below which a write that failed for no stated reason is taken to have failed because the disk is full."""

LITTLE_ROOM = 16 << 20
"""Free bytes below which the owner is told."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_RUST_PANIC = "PanicException"
"""What Rust code raises where it finds a broken invariant; by name, since each extension has a class of its own."""


@contextmanager
def engine_faults(what: str, folder: Path, *kinds: type[Exception]) -> Iterator[None]:
    """Turns ``kinds`` of errors, and panics, of an engine that works on ``folder`` into DiskFull or Damaged.

    ``what``: the engine's index in words, the begin of the sentence.
    """
    caught: tuple[type[Exception], ...] = (OSError, *kinds)
    try:
        yield
    except caught as error:
        if free_bytes(folder) < NEXT_TO_NOTHING:
            raise disk_full(f"{what} cannot be written", folder) from error
        raise Damaged(f"{what} is damaged: {error}.") from error
    except BaseException as error:
        if type(error).__name__ != _RUST_PANIC:
            raise
        raise Damaged(f"{what} is damaged: {error}.") from error


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
    """Returns the error that says how many megabytes are free and, where that is known, how many are needed."""
    free = megabytes(free_bytes(path))
    if needed is None:
        return DiskFull(
            f"{what}: the disk is full, {free} MB are free. Make room, or remove documents; work goes on by itself."
        )
    return DiskFull(
        f"{what}: it needs {megabytes(needed)} MB on the disk, and {free} MB are free. Make room, then try again."
    )


def require_room(what: str, path: Path, *, needed: int) -> None:
    """Raises DiskFull, as ``disk_full`` words it, unless ``needed`` bytes are free where ``path`` is."""
    if free_bytes(path) < needed:
        raise disk_full(what, path, needed=needed)


def free_bytes(path: Path) -> int:
    """Returns how many bytes may still be written to the disk of ``path``, which need not exist yet."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def megabytes(size: int) -> int:
    """Returns whole megabytes, rounded up."""
    return -(-size // (1 << 20))
