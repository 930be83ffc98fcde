"""Files that hold bytes, and what else may stand in a folder: reading a pipe waits for somebody who never writes."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from kb.errors import BadInput

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def other_than_file(mode: int) -> str | None:
    """What a thing with this ``st_mode`` is, as in "a named pipe"; None for a file."""
    if stat.S_ISREG(mode):
        return None
    return next((words for is_it, words in _KINDS if is_it(mode)), "something else")


def open_regular(path: Path, *, name: str) -> BinaryIO:
    """``path``, opened to be read; never waits. ``name`` is what messages call it.

    Raises:
        BadInput: it is not a file.
        OSError: it cannot be opened.
    """
    require_regular(path.stat().st_mode, name=name)  # first: opening alone may rewind a tape
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        require_regular(os.fstat(descriptor).st_mode, name=name)  # it may have been exchanged
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def require_regular(mode: int, *, name: str) -> None:
    """Raises BadInput for the ``st_mode`` of anything but a file."""
    if kind := other_than_file(mode):
        raise BadInput(f"{name} is {kind}, not a file. Save what it holds in a file, and name that.")
