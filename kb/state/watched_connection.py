"""A connection to SQLite whose errors are turned into ours, wherever its statements run and its rows are read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias, cast

Faults: TypeAlias = Callable[[], AbstractContextManager[None]]
"""Makes the block that turns the errors raised within it."""


class WatchedConnection(sqlite3.Connection):
    """Runs every statement, and reads every row, within a block that turns its errors."""

    faults: Faults = staticmethod(nullcontext)

    def execute(self, statement: str, values: Any = (), /) -> sqlite3.Cursor:
        """Runs one statement; raises what the block turns errors into, as all methods do."""
        return self.cursor(_WatchedCursor).execute(statement, values)

    def executemany(self, statement: str, values: Iterable[Any], /) -> sqlite3.Cursor:
        return self.cursor(_WatchedCursor).executemany(statement, values)


class _WatchedCursor(sqlite3.Cursor):
    """SQLite finds most of a broken file only while rows are read."""

    def _faults(self) -> AbstractContextManager[None]:
        return cast(WatchedConnection, self.connection).faults()

    def execute(self, statement: str, values: Any = (), /) -> _WatchedCursor:
        with self._faults():
            return super().execute(statement, values)

    def executemany(self, statement: str, values: Iterable[Any], /) -> _WatchedCursor:
        with self._faults():
            return super().executemany(statement, values)

    def fetchone(self) -> Any:
        with self._faults():
            return super().fetchone()

    def fetchall(self) -> list[Any]:
        with self._faults():
            return super().fetchall()

    def __next__(self) -> Any:
        # no block for each row: of the errors there is at most one, of the rows there are many
        try:
            return super().__next__()
        except sqlite3.DatabaseError:
            with self._faults():
                raise
