"""The SQLite file: connections, transactions, and bringing an older one up to the schema of this version."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import Conflict
from kb.state.migrations import MIGRATIONS


class Database:
    """One SQLite file: any number of readers, one writer at a time.

    Safe to use from several threads: each gets its own reading connection, writers take turns.
    Other processes may read and write too; they wait for each other for up to ten seconds.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.RLock()
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._watch_lock = threading.Lock()
        self._watcher: sqlite3.Connection | None = None
        self._writer = self._connect()
        self._migrate()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        with self._lock:
            self._connections.append(connection)
        return connection

    def _migrate(self) -> None:
        with self.write() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > len(MIGRATIONS):
                raise Conflict(
                    f"The data folder {self.path.parent} was written by a newer Footnote (schema {version}); "
                    f"this one knows schema {len(MIGRATIONS)}. Update Footnote, or name another folder with --home."
                )
            for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed, on disk and visible when the block ends, undone when it raises."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    def read(self) -> sqlite3.Connection:
        """This thread's connection for reading; every statement sees what is committed by then."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def data_version(self) -> int:
        """A number that changes whenever anybody, in any process, commits something.

        Asked on a connection of its own: SQLite counts the commits of other connections only.
        """
        with self._watch_lock:
            if self._watcher is None:
                self._watcher = self._connect()
            version: int = self._watcher.execute("PRAGMA data_version").fetchone()[0]
        return version

    def close(self) -> None:
        """Closes every connection; the last process to do so folds the write-ahead log into the file."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; ``executescript`` would commit between them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
