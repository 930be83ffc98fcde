"""SQL that every database has in its own way: here for SQLite. All other SQL in ``kb/state`` is standard.

Another database gets a module of this shape, a ``SqlDatabase`` and migrations of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from kb.state.sql import Connection, scalar

OLDEST_SQLITE = (3, 35, 0)
"""RETURNING came with it. Python's own installers bring a newer one; Ubuntu 22.04 has 3.37, Debian 12 has 3.40."""

SKIP_LOCKED = ""
"""Ends the query for jobs to claim; SQLite has one writer, so nobody else's claim can be under way."""

LAST_NUMBERS = "SELECT name, seq FROM sqlite_sequence"
"""The last number that was given in each table that numbers its rows."""
REBUILD_INDEXES = "REINDEX"

FROM_TABLE = "NOT INDEXED"
"""Behind the name of a table: its rows are read, and no index of it. With one wrong bit in an index entry a
question that is answered from the index misses a row; what decides that a file goes must not."""

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"


@dataclass(frozen=True, slots=True)
class Dangling:
    """A row that refers to one which does not exist."""

    table: str
    parent: str
    rowid: int


def concat_rows(column: str, separator: str, source: str) -> str:
    """Returns the expression joining ``column`` of the rows of ``source``, a query, in its order; NULL without rows."""
    return f"(SELECT group_concat({column}, '{separator}') FROM ({source}))"


def newest_id(connection: Connection, table: str) -> int:
    """Returns the highest id that ``table`` ever gave out, removed rows included; 0 before the first."""
    return int(scalar(connection, "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)) or 0)


def reserve_ids(connection: Connection, table: str, count: int) -> int:
    """Returns the first of ``count`` ids in a row that ``table`` gives to no other row."""
    newest = newest_id(connection, table)
    if not connection.execute(
        "UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (newest + count, table)
    ).rowcount:
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, newest + count))
    return newest + 1


def dangling(connection: Connection) -> list[Dangling]:
    """Returns every row that breaks a foreign key; only a foreign process or a fault of the disk makes one."""
    rows = connection.execute("PRAGMA foreign_key_check").fetchall()
    return [Dangling(row["table"], row["parent"], row["rowid"]) for row in rows]


def delete_dangling(connection: Connection) -> None:
    for row in dangling(connection):
        connection.execute(f'DELETE FROM "{row.table}" WHERE rowid = ?', (row.rowid,))


def row_counts(connection: Connection) -> dict[str, int]:
    names = [row["name"] for row in connection.execute(_TABLES)]
    return {name: int(scalar(connection, f'SELECT count(*) FROM "{name}"')) for name in names}
