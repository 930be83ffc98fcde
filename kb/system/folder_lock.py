"""One process at a time works on a data folder; the others learn which one it is and where it listens."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from kb.errors import Conflict
from kb.system.home_layout import HomeLayout
from kb.system.usable_home import make_usable_home


class FolderLock:
    """The lock on a data folder, which the system releases when the process dies, and a note beside it."""

    def __init__(self, home: Path) -> None:
        make_usable_home(home)
        self._home = home
        self._lock = FileLock(HomeLayout(home).lock, thread_local=False)  # held by the process, not a thread
        self._note = HomeLayout(home).instance

    def acquire(self) -> None:
        """Locks the folder.

        Raises:
            Conflict: another process has it; the message names its id and, if it serves, its address.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise Conflict(
                f"The data folder {self._home} is in use by {self.holder()}. "
                "Use that one, end it, or name another folder with --home."
            ) from None
        self.announce(None)

    @contextmanager
    def briefly(self) -> Iterator[None]:
        """Locks the folder within the block, unless this process has it locked anyway.

        Raises:
            Conflict: another process has it.
        """
        mine = self.is_locked_here
        if not mine:
            self.acquire()
        try:
            yield
        finally:
            if not mine:
                self.release()

    def announce(self, address: str | None) -> None:
        """Notes where this process listens; None while it does not."""
        temporary = self._note.with_suffix(".new")
        temporary.write_text(json.dumps({"pid": os.getpid(), "address": address}), encoding="utf-8")
        temporary.replace(self._note)

    def address(self) -> str | None:
        """Returns where the process that has the lock listens; None if it does not, or there is none."""
        found = self._read().get("address")
        return str(found) if found and self.is_held() else None

    @property
    def is_locked_here(self) -> bool:
        return bool(self._lock.is_locked)

    def is_held(self) -> bool:
        """Returns whether some process, this one included, has the lock."""
        if self._lock.is_locked:
            return True
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return True
        self._lock.release()
        return False

    def is_held_elsewhere(self) -> bool:
        return not self.is_locked_here and self.is_held()

    def holder(self) -> str:
        """Returns the process that has the lock, in words."""
        note = self._read()
        where = f", which listens on {note['address']}" if note.get("address") else ""
        return f"process {note.get('pid', 'unknown')}{where}"

    def release(self) -> None:
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()

    def _read(self) -> dict[str, object]:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return note if isinstance(note, dict) else {}
