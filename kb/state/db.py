"""The SQLite file: connections, transactions, copies, and bringing an older one up to this version's schema."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from kb.errors import Conflict, Damaged, Misconfigured
from kb.state.commits import Commits
from kb.state.dialect import LAST_NUMBERS, OLDEST_SQLITE, REBUILD_INDEXES
from kb.state.migrations import MIGRATIONS
from kb.state.opened_file import OpenedFile
from kb.state.sql import Connection, scalar
from kb.state.sqlite_faults import exchanged, sqlite_faults, unusable
from kb.state.watched_connection import WatchedConnection


class Database:
    """One SQLite file: any number of readers, one writer at a time. A ``kb.state.sql.SqlDatabase``.

    Safe to use from several threads: each gets its own reading connection, writers take turns.
    Other processes may read and write too; they wait for each other for up to ten seconds.
    """

    def __init__(
        self,
        path: Path,
        *,
        create: bool = True,
        migrations: Sequence[str] = MIGRATIONS,
        before_migration: Callable[[int], None] | None = None,
    ) -> None:
        """Opens the file; makes it where ``create`` says so and there is none.

        ``before_migration`` is called with the version of an older file before that is changed; what
        it raises leaves the file as it is.

        Raises:
            Conflict: the file was written by a newer version.
            Misconfigured: Python came with too old a SQLite.
            Damaged: it is not a database that can be read, or there is none.
            DiskFull: there is no room even to open it.
        """
        require_sqlite(sqlite3.sqlite_version_info)
        self.path = path
        self._migrations = migrations
        self._before_migration = before_migration
        self._lock = threading.RLock()
        """Held while somebody writes."""
        self._listing = threading.RLock()
        """Held while a connection is listed or struck off: a reader that comes must not wait for a writer."""
        self._watch_lock = threading.Lock()
        self.commits = Commits()
        if create and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        self.open()

    def open(self) -> None:
        """Opens the file again after ``close``; raises what the constructor raises."""
        self._opened = OpenedFile(self.path, _last_numbers)
        self._identity: str | None = None
        self._fault: str | None = None
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._readers: dict[threading.Thread, sqlite3.Connection] = {}
        self._closed = False
        self._watcher: sqlite3.Connection | None = None
        try:
            with sqlite_faults(self.path):
                self._writer = self._connect()
                self._migrate()
                self._identity = _identity_of(self._writer)
        except BaseException:
            self.close()
            raise

    def _connect(self) -> sqlite3.Connection:
        # never made here: a file that vanished must not come back empty
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(
            address,
            uri=True,
            timeout=10,
            isolation_level=None,
            check_same_thread=False,
            factory=WatchedConnection,
        )
        connection.faults = self._faults
        connection.row_factory = sqlite3.Row
        with self._listing:
            self._connections.append(connection)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turns SQLite's errors into ours; what shows that the open file is another one, or broken, is kept."""
        try:
            with sqlite_faults(self.path):
                yield
        except (Damaged, sqlite3.OperationalError) as error:
            # before it is open whoever opens it mends it; a statement that fails on the same file is our own fault
            if self._identity is None or (not isinstance(error, Damaged) and self.is_the_same()):
                raise
            self._fault = (
                unusable(self.path, str(error.__cause__)) if self.is_the_same() else exchanged(self.path)
            )
            raise Damaged(self._fault) from error

    def fault(self) -> str | None:
        """Returns the sentence about why nothing can be stored or read until the next start; None while all can."""
        return self._fault or (None if self.is_the_same() else exchanged(self.path))

    @contextmanager
    def _passing(self) -> Iterator[sqlite3.Connection]:
        """Opens a connection for one long reading, closed after it: it must not hold up this thread's own."""
        connection = self._connect()
        try:
            yield connection
        finally:
            with self._listing:
                self._close(connection)

    def _migrate(self) -> None:
        version = version_of(self._writer)
        newest = len(self._migrations)
        if version > newest:
            raise Conflict(
                f"The data folder {self.path.parent} was written by a newer Footnote (schema {version}); "
                f"this one knows schema {newest}. Update Footnote, or name another folder with --home."
            )
        if 0 < version < newest and self._before_migration is not None:
            self._before_migration(version)
        with self.write() as connection:
            version = version_of(connection)  # another process may have been quicker
            for number, script in enumerate(self._migrations[version:], start=version + 1):
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Opens a transaction: committed, on disk and visible when the block ends, undone when it raises.

        Raises:
            DiskFull: there is no room for it; nothing was changed.
            Damaged: the file cannot be read as a database, or was removed or exchanged since it was opened.
        """
        with self._lock, self._faults():
            self._writer.execute("BEGIN IMMEDIATE")
            before = self._writer.total_changes
            try:
                self._require_the_same()
                yield self._writer
                self._require_the_same()
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk makes SQLite roll back by itself
                    self._writer.execute("ROLLBACK")
                raise
            if self._writer.total_changes != before:
                self.commits.note()

    def is_the_same(self) -> bool:
        """Returns whether the file that was opened still is where it was, and as far as it was."""
        return self._opened.is_the_same()

    def _require_the_same(self) -> None:
        """What is written to a file that somebody removed or exchanged goes with it: nobody may be told otherwise."""
        if self._fault is not None:
            raise Damaged(self._fault)
        same = self.is_the_same()
        if same and self._identity is not None:
            same = _identity_of(self._writer) == self._identity
        if not same:
            self._fault = exchanged(self.path)
            raise Damaged(self._fault)

    def read(self) -> Connection:
        """Returns this thread's connection for reading; every statement sees what is committed by then.

        Statements on it raise what ``write`` does.
        """
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with self._faults():
                connection = self._local.connection = self._connect()
            with self._listing:
                self._close_readers_of_dead_threads()
                self._readers[threading.current_thread()] = connection
        return connection

    def _close_readers_of_dead_threads(self) -> None:
        """Closes connections that hold up to 2 MB and three files each: pools begin and end threads all the time."""
        for thread in [thread for thread in self._readers if not thread.is_alive()]:
            self._close(self._readers.pop(thread))

    def _close(self, connection: sqlite3.Connection) -> None:
        connection.close()
        self._connections.remove(connection)

    def data_version(self) -> int:
        """Returns a number that changes whenever anybody, in any process, commits something.

        Asked on a connection of its own: SQLite counts the commits of other connections only. -1 once it is closed.
        """
        with self._watch_lock:
            if self._closed:
                return -1
            if self._watcher is None:
                self._watcher = self._connect()
            version: int = scalar(self._watcher, "PRAGMA data_version")
        return version

    def integrity_check(self, *, limit: int = 20) -> list[str]:
        """Returns at most ``limit`` things that SQLite finds wrong, in its words; reads all of it, indexes compared."""
        return self._check(f"PRAGMA integrity_check({limit})")

    def rebuild_indexes(self) -> bool:
        """Makes every index of the file anew from its table; whether nothing is wrong with it afterwards."""
        self._fault = None  # what it was told by may be the indexes alone
        try:
            with self.write() as connection:
                connection.execute(REBUILD_INDEXES)
        except (
            Damaged,
            sqlite3.DatabaseError,
        ):  # the tables themselves cannot be read, or contradict themselves
            return False
        return not self.integrity_check(limit=1)

    def _check(self, statement: str) -> list[str]:
        try:
            with self._passing() as connection:
                return [row[0] for row in connection.execute(statement) if row[0] != "ok"]
        except (Damaged, sqlite3.DatabaseError) as error:
            return [str(error)]

    def copy_to(self, path: Path) -> None:
        """Writes a copy as of now to ``path``, a new file, while others go on reading and writing.

        Taken in one step, so that a writer cannot make it start over. One file without a journal.

        Raises:
            DiskFull: there is no room for it.
        """
        with sqlite_faults(path), self._passing() as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")

    def close(self) -> None:
        """Closes every connection; the last process to do so folds the write-ahead log into the file."""
        # closed while a thread asks on it, a connection ends the process: those that wait for changes come first
        with self._watch_lock, self._lock, self._listing:
            self._closed = True
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._readers.clear()


@contextmanager
def read_only(path: Path, *, alone: bool = False) -> Iterator[Connection]:
    """Opens the file at ``path`` for reading, as it is: neither migrated nor changed.

    ``alone`` says that nobody has it open, so that no journal is made beside it.

    Raises:
        Damaged: it is not a database, or the part that is read is not sound; what was read before that is.
    """
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{path.name} cannot be read: {error}.") from error


def _last_numbers(path: Path) -> dict[str, int] | None:
    """Returns the numbers in the file without its journal; None where they cannot be read now."""
    with suppress(Damaged), read_only(path, alone=True) as connection:
        return {row["name"]: row["seq"] for row in connection.execute(LAST_NUMBERS)}
    return None


def schema_version(path: Path) -> int:
    """Returns the schema version of the file at ``path``; 0 where there is none yet.

    Raises:
        Damaged: it is not a database.
    """
    if not path.exists():
        return 0
    with read_only(path) as connection:
        return version_of(connection)


def version_of(connection: Connection) -> int:
    """Returns the schema version of what ``connection`` reads."""
    return int(scalar(connection, "PRAGMA user_version"))


def integrity_findings(connection: Connection) -> list[str]:
    """Returns what SQLite finds wrong, in its words; indexes are compared with their tables, which its quick check does
    not.
    """
    rows = connection.execute("PRAGMA integrity_check(5)").fetchall()
    return [row["integrity_check"] for row in rows if row["integrity_check"] != "ok"]


def _identity_of(connection: Connection) -> str | None:
    """Returns which library it is; None for one of an older schema."""
    known = scalar(connection, "SELECT 1 FROM sqlite_master WHERE name = 'library'")
    return str(scalar(connection, "SELECT identity FROM library")) if known else None


def require_sqlite(version: tuple[int, ...]) -> None:
    """Raises Misconfigured where SQLite is older than what the statements need."""
    if version < OLDEST_SQLITE:
        have, need = (".".join(map(str, numbers)) for numbers in (version, OLDEST_SQLITE))
        raise Misconfigured(
            f"This Python came with SQLite {have}; Footnote needs {need}. Use a newer Python."
        )


def _statements(script: str) -> Iterator[str]:
    """Yields the statements of a script; ``executescript`` would commit between them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
