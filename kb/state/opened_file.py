"""Whether an open database file still is the one that was opened: removed, exchanged, or overwritten in its place."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path


class OpenedFile:
    """Knows which file it was, and how far it was when somebody looked last. Safe to use from several threads.

    A file that another was copied over keeps name and inode, so only its content tells. A checkpoint alone
    changes it, and makes it neither shorter nor older: that is looked at once it was changed. Its bytes cannot be read
    beside SQLite, since whoever closes a file loses all locks that the process has on it; so SQLite reads them.
    """

    def __init__(self, path: Path, last_numbers: Callable[[Path], Mapping[str, int] | None]) -> None:
        """``last_numbers`` reads the last number given in each table from the file alone, without its journal; numbers
        only grow, and each document takes some. None: they cannot be read now.
        """
        self._path = path
        self._last_numbers = last_numbers
        stat = _stat(path)
        self._number = None if stat is None else (stat.st_dev, stat.st_ino)
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        """Size and time of change."""
        self._numbers: Mapping[str, int] = {}

    def is_the_same(self) -> bool:
        """Returns whether the file is still there, and neither shorter nor older than before."""
        with self._lock:  # around the look as well: what another thread saw since would seem to go back
            stat = _stat(self._path)
            if stat is None or self._number is None:
                return stat is None and self._number is None
            return (stat.st_dev, stat.st_ino) == self._number and self._went_on(stat)

    def _went_on(self, stat: os.stat_result) -> bool:
        now = (stat.st_size, stat.st_mtime_ns)
        if now == self._seen:
            return True
        if self._seen is not None and now[0] < self._seen[0]:
            return False
        numbers = self._last_numbers(self._path)
        if numbers is None:  # a checkpoint is at work in this moment, or was never done: the next look tells
            return True
        if any(number < self._numbers.get(name, 0) for name, number in numbers.items()):
            return False
        self._seen, self._numbers = now, numbers
        return True


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
