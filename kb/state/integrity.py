"""Faults of the database itself, and between its tables: found here, repaired here."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path

from kb.errors import Damaged
from kb.state.chunk_exchange import drop_former, drop_staged, keep_as_it_was
from kb.state.chunks import IS_OF_A_CHUNK, is_changed
from kb.state.db import Database, integrity_findings, read_only, version_of
from kb.state.dialect import FROM_TABLE, REBUILD_INDEXES, dangling, delete_dangling, row_counts
from kb.state.documents import queue_import
from kb.state.jobs import enqueue
from kb.state.sql import scalar
from kb.types import DocumentState, JobKind, Origin


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a database file holds that nobody writes to."""

    rows: Mapping[str, int]
    """How many rows each table has."""
    blobs: frozenset[str]
    """SHA-256 of every file that its documents refer to."""
    schema: int


class Integrity:
    """Checks of the whole database; each reads all of what it is about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def database(self) -> list[str]:
        """Returns what the database finds wrong with its own file, in its words; empty when all is well."""
        return self._database.integrity_check()

    def foreign_keys(self) -> list[str]:
        """Returns the rows that refer to rows which do not exist, as ``table -> table: n``."""
        found = Counter(f"{row.table} -> {row.parent}" for row in dangling(self._database.read()))
        return [f"{between}: {count}" for between, count in found.items()]

    def miscounted(self) -> list[str]:
        """Returns ids of published documents whose number of chunks is not what they say, or whose chunks have gaps."""
        return self._ids(f"SELECT id FROM documents WHERE {_MISCOUNTED}")

    def stuck(self) -> list[str]:
        """Returns ids of documents that are neither finished nor queued: nothing would ever happen to them."""
        return self._ids(f"SELECT id FROM documents WHERE {_STUCK}")

    def vectors_of_nothing(self) -> int:
        """Returns how many vectors belong to a text that no chunk has any more."""
        return self._count(f"SELECT count(*) FROM vectors WHERE {_NO_CHUNK}")

    def changed_chunks(self) -> list[str]:
        """Returns the ids of documents with a passage that is not what was stored: one changed letter is enough."""
        rows = self._database.read().execute(f"SELECT * FROM chunks {FROM_TABLE}")
        return sorted({row["document_id"] for row in rows if is_changed(row)})

    def changed_aside(self) -> list[str]:
        """Returns the ids of documents of which a passage beside those that are found is not what was stored."""
        rows = self._database.read().execute(f"SELECT * FROM chunks_aside {FROM_TABLE}")
        return sorted({row["document_id"] for row in rows if is_changed(row)})

    def damaged_vectors(self) -> int:
        """Returns how many vectors are not as wide as their embedder's, or not what was stored."""
        return len(self._damaged_vectors())

    def drop_damaged_vectors(self) -> list[str]:
        """Deletes them; returns the ids of the documents whose passages have none any more."""
        damaged = self._damaged_vectors()
        found: set[str] = set()
        with self._database.write() as connection:
            for embedder_id, key in damaged:
                rows = connection.execute(
                    "SELECT DISTINCT document_id FROM chunks WHERE text_hash = ?", (key,)
                )
                found.update(row["document_id"] for row in rows)
                connection.execute(
                    "DELETE FROM vectors WHERE embedder_id = ? AND text_hash = ?", (embedder_id, key)
                )
        return sorted(found)

    def _damaged_vectors(self) -> list[tuple[int, bytes]]:
        """Returns of each damaged vector its embedder and its key."""
        due = dict(self._bytes_due())
        rows = self._database.read().execute("SELECT embedder_id, text_hash, vector, checksum FROM vectors")
        return [
            (row["embedder_id"], row["text_hash"])
            for row in rows
            if len(row["vector"]) != due.get(row["embedder_id"])
            or row["checksum"] not in (None, zlib.crc32(row["vector"]))
        ]

    def _bytes_due(self) -> list[tuple[int, int]]:
        """Returns for each embedder its id, and the length of its vectors in bytes."""
        rows = self._database.read().execute("SELECT id, stored_key FROM embedders").fetchall()
        return [(row["id"], 2 * int(str(row["stored_key"]).rpartition("@")[2].split("/")[1])) for row in rows]

    def repair(self) -> None:
        """Deletes rows that refer to nothing, queues documents that lack chunks or are stuck.

        So are documents with a passage that is not what was stored. Such passages that a document had before, or is to
        get, go: the way back of a change reads it again, as the change itself does.
        """
        changed, aside = self.changed_chunks(), self.changed_aside()
        with self._database.write() as connection:
            delete_dangling(connection)
            connection.execute(f"DELETE FROM vectors WHERE {_NO_CHUNK}")
            lacking = connection.execute(f"SELECT id FROM documents WHERE {_MISCOUNTED}").fetchall()
            for document_id in changed:
                queue_import(connection, document_id)
            for document_id in aside:
                drop_former(connection, document_id)
                if drop_staged(connection, document_id):
                    keep_as_it_was(connection, document_id, None)
                    enqueue(connection, document_id, JobKind.RECHUNK)
            stuck = connection.execute(f"SELECT id, state FROM documents WHERE {_STUCK}").fetchall()
            for row in stuck:
                if row["state"] == DocumentState.DELETING:
                    enqueue(connection, row["id"], JobKind.DELETE)
            for row in [*lacking, *(row for row in stuck if row["state"] != DocumentState.DELETING)]:
                queue_import(connection, row["id"])
        # an index that disagrees with its table is made anew from the table
        with self._database.write() as connection:
            connection.execute(REBUILD_INDEXES)

    def _ids(self, statement: str) -> list[str]:
        return [row["id"] for row in self._database.read().execute(statement)]

    def _count(self, statement: str, *values: int) -> int:
        count: int = scalar(self._database.read(), statement, values)
        return count


_HAS = "(SELECT count(*) FROM chunks WHERE document_id = documents.id)"
_NEXT = "(SELECT coalesce(max(position), -1) + 1 FROM chunks WHERE document_id = documents.id)"
_MISCOUNTED = f"live = 1 AND state = 'ready' AND (chunks < 1 OR chunks <> {_HAS} OR chunks <> {_NEXT})"
_STUCK = (
    "state NOT IN ('ready', 'failed', 'cancelled') "
    "AND NOT EXISTS (SELECT 1 FROM jobs WHERE document_id = documents.id)"
)
_NO_CHUNK = f"NOT {IS_OF_A_CHUNK}"


def snapshot(path: Path) -> Snapshot:
    """Reads and checks a database file that nobody has open; leaves no journal beside it.

    Raises:
        Damaged: SQLite finds something wrong, in the file or between its tables.
    """
    with read_only(path, alone=True) as connection:
        wrong = [
            *integrity_findings(connection),
            *(f"{row.table} refers to nothing" for row in dangling(connection)),
        ]
        if wrong:
            raise Damaged(f"{path} is damaged: {'; '.join(wrong[:5])}.")
        blobs = connection.execute(f"SELECT DISTINCT sha256 FROM documents {FROM_TABLE}").fetchall()
        return Snapshot(
            row_counts(connection), frozenset(row["sha256"] for row in blobs), version_of(connection)
        )


_ORIGIN = {column.name for column in fields(Origin)}
"""Columns of ``documents``; earlier schemas have not all of them."""


@dataclass(slots=True)
class Salvaged:
    """What a damaged database still tells of the files of its documents; often all, perhaps nothing."""

    names: dict[str, list[Origin]] = field(default_factory=dict)
    """SHA-256 -> what each document with that file is called, and where it is."""
    deleted: set[str] = field(default_factory=set)
    """SHA-256 of files whose documents were deleted and not yet taken apart."""


def salvage(path: Path) -> Salvaged:
    """Reads what can be read of a damaged database."""
    found = Salvaged()
    # what was read before the damaged page is kept
    with suppress(Damaged), read_only(path) as connection:
        for row in connection.execute(f"SELECT * FROM documents {FROM_TABLE}"):
            sha256, kept = str(row["sha256"]), set(row.keys()) & _ORIGIN
            if row["state"] == DocumentState.DELETING:
                found.deleted.add(sha256)
            elif all(isinstance(row[name], str) for name in kept):
                origin = Origin(**{name: row[name] for name in kept})
                found.names.setdefault(sha256, []).append(origin)
    found.deleted -= set(found.names)
    return found
