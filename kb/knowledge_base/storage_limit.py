"""How much a person, or a key of an owner, may keep."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kb.errors import OverLimit
from kb.state.facets import added_bytes, stored_bytes
from kb.state.people import People
from kb.state.sql import SqlDatabase
from kb.types import Caller, Role


@dataclass(frozen=True, slots=True)
class StorageUse:
    """What somebody keeps."""

    stored_bytes: int
    limit_bytes: int | None
    """None is no limit."""


class StorageLimit:
    """Compares what is kept with ``limits.storage_megabytes``; safe to use from several threads.

    What a person keeps is what they added, on the page and with all their keys. Owners have no limit; a key of theirs
    may keep so much in the collections that it is for.
    """

    def __init__(self, database: SqlDatabase, *, megabytes: int) -> None:
        """``megabytes`` of each person and of each key of an owner; 0 sets no limit."""
        self._database = database
        self._people = People(database)
        self._most = megabytes << 20
        self._lock = threading.Lock()
        self._coming: Counter[tuple[int, int]] = Counter()
        """Bytes of files that are being taken in."""

    @contextmanager
    def room_for(self, file: Path, *, caller: Caller) -> Iterator[None]:
        """Holds room for ``file`` while the caller takes it in: of files that come at the same time none goes over.

        Raises:
            OverLimit: there would be too much.
        """
        who = self._counted_as(caller)
        if who is None or self._most == 0 or not file.is_file():
            yield
            return
        size = file.stat().st_size
        with self._lock:
            kept = self._kept(who, caller)
            if kept + self._coming[who] + size > self._most:
                raise OverLimit(
                    f"This file of {megabytes(size)} MB finds no room: {megabytes(kept)} MB of "
                    f"{megabytes(self._most)} MB are kept (limits.storage_megabytes), so remove documents, or ask the "
                    "owner for more."
                )
            self._coming[who] += size
        try:
            yield
        finally:
            with self._lock:
                self._coming[who] -= size
                if not self._coming[who]:
                    del self._coming[who]

    def use(self, *, caller: Caller) -> StorageUse:
        """Returns what the caller keeps, and how much they may; of a key for some collections what is in these."""
        who = self._counted_as(caller)
        is_narrow = bool(caller.key) and caller.collections is not None and not caller.home
        if who is None or is_narrow:  # what its person keeps elsewhere is not there for such a key
            kept = stored_bytes(self._database, owner=caller.id, collections=caller.collections)
        else:
            kept = self._kept(who, caller)
        return StorageUse(kept, None if who is None else self._most or None)

    def _counted_as(self, caller: Caller) -> tuple[int, int] | None:
        """Returns (person, key), one of which is 0, of whom files are counted together; None for who has no limit."""
        person = self._people.of_id(caller.person_id) if caller.person_id else None
        if person is not None and person.role is not Role.OWNER:
            return person.id, 0
        return (0, caller.key_id) if caller.key else None

    def _kept(self, who: tuple[int, int], caller: Caller) -> int:
        if who[0]:
            return added_bytes(self._database, who[0])
        return stored_bytes(self._database, owner=caller.id, collections=caller.collections)


def megabytes(size: int) -> str:
    """Returns so many bytes as they are said to people, with one digit behind the point."""
    return f"{size / 2**20:,.1f}".removesuffix(".0")
