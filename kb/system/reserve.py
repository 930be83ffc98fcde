"""Disk space reserved for a full disk: SQLite needs some to delete, and a person wants to delete exactly then."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from kb.errors import DiskFull
from kb.system.disk import free_bytes
from kb.system.home_layout import HomeLayout

_BLOCK = bytes(1 << 20)

T = TypeVar("T")


class Reserve:
    """A file of zeros in the data folder, removed where deleting needs its space, made again later."""

    def __init__(self, home: Path, *, megabytes: int) -> None:
        self._path = HomeLayout(home).reserve
        self._megabytes = megabytes

    @property
    def is_kept(self) -> bool:
        """Whether the space is reserved."""
        return self._path.exists()

    def keep(self) -> None:
        """Makes the file, if it is not there and twice its size is free; a smaller one of other settings is removed."""
        size = self._megabytes << 20
        if self._path.exists() and self._path.stat().st_size == size:
            return
        self.release()
        if size == 0 or free_bytes(self._path.parent) < 2 * size:
            return
        part = self._path.with_suffix(".part")
        try:
            with part.open("wb") as writer:  # written, not only declared: a hole would reserve no space
                for _ in range(self._megabytes):
                    writer.write(_BLOCK)
                writer.flush()
                os.fsync(writer.fileno())
            part.replace(self._path)
        except OSError:  # somebody else was quicker; there will be space another time
            part.unlink(missing_ok=True)

    def release(self) -> bool:
        """Frees the space; False where none was reserved."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True

    def with_reserve(self, write: Callable[[], T]) -> T:
        """Runs ``write``, which has to be possible on a full disk, if need be in the reserved space.

        Raises:
            DiskFull: there is no space even so.
        """
        try:
            return write()
        except DiskFull:
            if not self.release():
                raise
            return write()
