"""What the repositories need of a database, whichever it is, and the pieces of SQL that they share.

Statements are standard SQL with ``?`` for values, which another database's connection translates to its own
mark; the few that only one database understands are in ``dialect.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from kb.state.commits import Commits

AT_ONCE = 500
"""Values of one IN list: what every database takes, and what a plan for it still is quick with."""

_NO_LIMIT = 2**63 - 1

T = TypeVar("T")


class Row(Protocol):
    """One row, its values by the names of their columns; ``dict(row)`` works."""

    def __getitem__(self, name: str, /) -> Any:
        """Returns the value of a column; raises KeyError or IndexError for one that was not selected."""
        ...

    def keys(self) -> Iterable[str]:
        """Returns the names of the columns, in order."""
        ...


class Rows(Protocol):
    """What a statement gives back."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed or deleted."""
        ...

    def fetchone(self) -> Row | None:
        """Returns the next row; None after the last."""
        ...

    def fetchall(self) -> list[Row]:
        """Returns all rows that are left."""
        ...

    def __iter__(self) -> Iterator[Row]: ...


class Connection(Protocol):
    """One that reads, or a transaction that writes. An id that the database gave out comes back by RETURNING."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Rows:
        """Runs one statement."""
        ...

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> object:
        """Runs one statement for each of ``values``; it gives no rows back."""
        ...


class SqlDatabase(Protocol):
    """Where the tables are. May be used from several threads."""

    @property
    def commits(self) -> Commits:
        """What this process has committed there: for whoever waits for work."""
        ...

    def read(self) -> Connection:
        """Returns this thread's connection for reading; every statement sees what is committed by then."""
        ...

    def write(self) -> AbstractContextManager[Connection]:
        """Returns a transaction: committed, on disk and visible when the block ends, undone when it raises.

        What was read within it still holds when it commits: nobody else wrote in between.

        Raises:
            DiskFull: there is no room for it; nothing was changed.
            Damaged: what is stored cannot be read.
        """
        ...


def scalar(connection: Connection, statement: str, values: Sequence[Any] = ()) -> Any:
    """Returns the first column of the first row; None where there is no row."""
    row = connection.execute(statement, values).fetchone()
    return None if row is None else row[next(iter(row.keys()))]


def one(connection: Connection, statement: str, values: Sequence[Any] = ()) -> Row:
    """Returns the row of a statement that always gives one.

    Raises:
        LookupError: it gave none.
    """
    row = connection.execute(statement, values).fetchone()
    if row is None:
        raise LookupError(f"no row: {statement}")
    return row


def marks(values: Sequence[object]) -> str:
    """Returns the inside of an IN list: a ``?`` for each of ``values``."""
    return ",".join("?" * len(values))


def seen(column: str, collections: Collection[str] | None) -> tuple[str, tuple[str, ...]]:
    """Returns an SQL condition that ``column`` is one of the collections that somebody sees; None sees all."""
    if collections is None:
        return "1 = 1", ()
    if not collections:
        return "1 = 0", ()
    names = tuple(sorted(collections))
    return f"{column} IN ({marks(names)})", names


def in_lists(values: Iterable[T]) -> Iterator[tuple[str, tuple[T, ...]]]:
    """Yields ``values`` in parts of ``AT_ONCE``, each with its marks; nothing for no values, as ``IN ()`` is no SQL."""
    found = tuple(values)
    for start in range(0, len(found), AT_ONCE):
        part = found[start : start + AT_ONCE]
        yield marks(part), part


def at_most(limit: int) -> int:
    """Returns the value of a LIMIT; a negative one is none."""
    return limit if limit >= 0 else _NO_LIMIT


def literal(text: str) -> str:
    """Returns ``text`` as a part of a pattern for ``LIKE ... ESCAPE '!'`` that means nothing but itself."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
