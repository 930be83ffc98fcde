"""The SQLite file: connections, transactions, numbered migrations."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import Conflict

MIGRATIONS = (
    """
    CREATE TABLE documents (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        collection TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        added TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        title TEXT,
        pages INTEGER,
        chunks INTEGER NOT NULL DEFAULT 0,
        chunks_done INTEGER NOT NULL DEFAULT 0,
        live INTEGER NOT NULL DEFAULT 0,      -- 1 once its chunks may be found; stays while it is embedded anew
        replaces TEXT
    );
    CREATE UNIQUE INDEX documents_by_bytes ON documents (collection, sha256)
        WHERE state NOT IN ('failed', 'cancelled');
    CREATE INDEX documents_by_name ON documents (collection, name);
    CREATE INDEX documents_by_age ON documents (added DESC, id DESC);
    CREATE INDEX documents_by_blob ON documents (sha256);

    CREATE TABLE chunks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: the derived indexes rely on it
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        text TEXT NOT NULL,
        heading_path TEXT NOT NULL,
        spans TEXT NOT NULL,
        tokens INTEGER NOT NULL,
        text_hash BLOB NOT NULL,               -- of what is embedded; the key of its vectors
        UNIQUE (document_id, position)
    );
    CREATE INDEX chunks_by_hash ON chunks (text_hash);

    CREATE TABLE embedders (
        id INTEGER PRIMARY KEY,
        stored_key TEXT NOT NULL UNIQUE
    );
    CREATE TABLE vectors (
        embedder_id INTEGER NOT NULL REFERENCES embedders (id) ON DELETE CASCADE,
        text_hash BLOB NOT NULL,
        vector BLOB NOT NULL,                  -- float16, native width
        PRIMARY KEY (embedder_id, text_hash)
    );

    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        attempts INTEGER NOT NULL DEFAULT 0,
        lease_owner TEXT,
        lease_until REAL NOT NULL DEFAULT 0,   -- seconds since 1970, UTC
        UNIQUE (kind, document_id)
    );

    CREATE TABLE tombstones (                  -- removed chunks that the derived indexes may still hold
        chunk_id INTEGER PRIMARY KEY,
        collection TEXT NOT NULL
    );
    """,
)
"""One script a schema version, in order; a released one is never changed."""


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
