"""How much a key or an account may keep."""

from __future__ import annotations

from pathlib import Path

from kb.errors import OverLimit
from kb.state.facets import stored_bytes
from kb.state.sql import SqlDatabase
from kb.types import Caller


class StorageLimit:
    """Compares what is kept with ``limits.storage_megabytes``."""

    def __init__(self, database: SqlDatabase, *, megabytes: int) -> None:
        """``megabytes`` of each key and of each account; 0 sets no limit."""
        self._database = database
        self._most = megabytes

    def require_room(self, file: Path, *, caller: Caller) -> None:
        """Does nothing where ``caller`` may keep one more ``file``; the owner of the machine may always.

        What an account keeps are its own collections, and what a key keeps those that it is for. Files that are sent
        at the same time may go over the limit together.

        Raises:
            OverLimit: there would be too much.
        """
        if self._most == 0 or caller.counted_as is None or not file.is_file():
            return
        kept = caller.collections
        if kept is not None and caller.home:
            kept = frozenset(filter(caller.is_own, kept))
        stored = stored_bytes(self._database, owner=caller.id, collections=kept)
        if stored + file.stat().st_size > self._most << 20:
            raise OverLimit(
                f"There is room for {self._most} MB (limits.storage_megabytes), and {stored >> 20} MB are kept. "
                "Remove documents, or ask for more."
            )
