"""Chunks: what is embedded, found and cited; and the tombstones of deleted ones."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence

from kb.errors import NotFound
from kb.state.dialect import newest_id
from kb.state.sql import Connection, Row, SqlDatabase, at_most, in_lists, scalar
from kb.state.stored_places import spans_from_json, spans_to_json
from kb.types import Chunk

IS_OF_A_CHUNK = (
    "(EXISTS (SELECT 1 FROM chunks WHERE chunks.text_hash = vectors.text_hash) "
    "OR EXISTS (SELECT 1 FROM chunks_aside WHERE chunks_aside.text_hash = vectors.text_hash))"
)
"""An SQL condition on ``vectors``: some chunk has this text, be it one that a document had or is to get."""


def text_hash(text: str) -> bytes:
    """Returns the key under which the vector of ``text`` is kept: 16 bytes of its SHA-256."""
    return hashlib.sha256(text.encode()).digest()[:16]


class Chunks:
    """The tables ``chunks`` and ``tombstones``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def of(self, document_id: str, *, start: int = 0, count: int = -1, places: bool = True) -> list[Chunk]:
        """Returns the chunks of a document in order, from position ``start``; ``count=-1`` sets no limit.

        ``places=False`` leaves out where they are in the file, which takes longer to read than all else of them.
        """
        rows = self._database.read().execute(
            "SELECT * FROM chunks WHERE document_id = ? AND position >= ? ORDER BY position LIMIT ?",
            (document_id, start, at_most(count)),
        )
        return [chunk_of_row(row, places=places) for row in rows]

    def coming(self, document_id: str, *, places: bool = True) -> list[Chunk]:
        """Returns the chunks by which a document is found once it is ready: what is staged for it, else what it has.

        ``places`` as ``of`` takes it.
        """
        rows = self._database.read().execute(
            "SELECT * FROM chunks_aside WHERE document_id = ? AND is_next = 1 ORDER BY position",
            (document_id,),
        )
        return [chunk_of_row(row, places=places) for row in rows] or self.of(document_id, places=places)

    def get(self, chunk_id: int) -> Chunk:
        """Returns one chunk.

        Raises:
            NotFound: there is none with this id.
        """
        row = self._database.read().execute("SELECT * FROM chunks WHERE id = ?", (chunk_id,)).fetchone()
        if row is None:
            raise no_passage(chunk_id)
        return chunk_of_row(row)

    def findable(self, chunk_ids: Sequence[int]) -> dict[int, Chunk]:
        """Returns those of ``chunk_ids`` that may be found now: their documents are published and searchable."""
        connection = self._database.read()
        return {
            row["id"]: chunk_of_row(row)
            for marked, part in in_lists(chunk_ids)
            for row in connection.execute(
                f"SELECT * FROM chunks WHERE id IN ({marked}) AND EXISTS "
                "(SELECT 1 FROM documents WHERE documents.id = document_id AND live = 1 AND enabled = 1)",
                part,
            )
        }

    def published_ids(self) -> dict[str, set[int]]:
        """Returns the ids of all published chunks, by collection."""
        found: dict[str, set[int]] = {}
        for row in self._database.read().execute(
            "SELECT chunks.id AS id, collection FROM chunks JOIN documents ON documents.id = document_id WHERE live = 1"
        ):
            found.setdefault(row["collection"], set()).add(row["id"])
        return found

    def newest_id(self) -> int:
        """Returns the highest id that was ever given to a chunk, removed ones included; 0 before the first."""
        return newest_id(self._database.read(), "chunks")

    def count_live(self) -> int:
        count: int = scalar(
            self._database.read(),
            "SELECT count(*) FROM chunks JOIN documents ON documents.id = document_id WHERE live = 1",
        )
        return count

    def by_id(self, chunk_ids: Sequence[int]) -> list[Chunk]:
        """Returns the chunks with these ids, in the order of their ids; missing ones are passed over."""
        connection = self._database.read()
        return [
            chunk_of_row(row)
            for marked, part in in_lists(sorted(chunk_ids))
            for row in connection.execute(f"SELECT * FROM chunks WHERE id IN ({marked}) ORDER BY id", part)
        ]

    def tombstones(self, *, limit: int = -1) -> dict[str, list[int]]:
        """Returns the ids of deleted chunks that may still be in the indexes, by collection; at most ``limit``."""
        found: dict[str, list[int]] = {}
        for row in self._database.read().execute(
            "SELECT collection, chunk_id FROM tombstones ORDER BY chunk_id LIMIT ?", (at_most(limit),)
        ):
            found.setdefault(row["collection"], []).append(row["chunk_id"])
        return found

    def forget_tombstones(self, chunk_ids: Iterable[int]) -> None:
        """Drops tombstones whose chunks the indexes have dropped."""
        with self._database.write() as connection:
            connection.executemany(
                "DELETE FROM tombstones WHERE chunk_id = ?", [(chunk_id,) for chunk_id in chunk_ids]
            )


def _insert_chunks(connection: Connection, document_id: str, chunks: Sequence[Chunk]) -> None:
    """Stores the chunks of a document in order, within the caller's transaction."""
    connection.executemany(
        "INSERT INTO chunks (document_id, position, text, heading_path, spans, tokens, text_hash, checksum, "
        "indexed_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (chunk_values(document_id, position, chunk) for position, chunk in enumerate(chunks)),
    )


def chunk_values(document_id: str, position: int, chunk: Chunk) -> tuple[object, ...]:
    """Returns the columns of ``chunks`` behind the id, in order."""
    heading_path = json.dumps(chunk.heading_path, ensure_ascii=False)
    spans = spans_to_json(chunk.spans)
    return (
        document_id,
        position,
        chunk.text,
        heading_path,
        spans,
        chunk.tokens,
        text_hash(chunk.embedded_text),
        _checksum(chunk.text, heading_path, spans),
        chunk.indexed_text or None,
    )


def _checksum(*columns: str) -> int:
    return zlib.crc32("\n".join(columns).encode())


def is_changed(row: Row) -> bool:
    """Returns whether a row of ``chunks`` is not what was stored; its embedded text is checked by the key of its
    vector.
    """
    try:
        found = _checksum(row["text"], row["heading_path"], row["spans"])
        return (row["checksum"] not in (None, found)) or text_hash(chunk_of_row(row).embedded_text) != row[
            "text_hash"
        ]
    except (ValueError, TypeError, KeyError, AttributeError):  # no text, or no JSON, or no places any more
        return True


def replace_chunks(connection: Connection, document_id: str, chunks: Sequence[Chunk]) -> None:
    """Replaces a document's chunks with ``chunks``; a chunk of the same text as before keeps its vector."""
    rows = _delete_chunks(connection, document_id, limit=-1)
    _insert_chunks(connection, document_id, chunks)
    drop_unused_vectors(connection, rows)


def delete_chunks(connection: Connection, document_id: str, *, limit: int = -1) -> int:
    """Deletes chunks of a document and the vectors only they have, and leaves tombstones for the indexes.

    At most ``limit`` of them, -1 all; returns how many there were.
    """
    rows = _delete_chunks(connection, document_id, limit=limit)
    drop_unused_vectors(connection, rows)
    return len(rows)


def _delete_chunks(connection: Connection, document_id: str, *, limit: int) -> list[Row]:
    rows = connection.execute(
        "SELECT chunks.id AS id, text_hash, collection FROM chunks "
        "JOIN documents ON documents.id = document_id WHERE document_id = ? ORDER BY position LIMIT ?",
        (document_id, at_most(limit)),
    ).fetchall()
    connection.executemany(
        "INSERT INTO tombstones (chunk_id, collection) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(row["id"], row["collection"]) for row in rows],
    )
    connection.executemany("DELETE FROM chunks WHERE id = ?", [(row["id"],) for row in rows])
    return rows


def drop_unused_vectors(connection: Connection, rows: Iterable[Row]) -> None:
    """Deletes the vectors of the texts of ``rows`` that no chunk has any more."""
    connection.executemany(
        "DELETE FROM vectors WHERE embedder_id IN (SELECT id FROM embedders) AND text_hash = ? "
        f"AND NOT {IS_OF_A_CHUNK}",
        [(row["text_hash"],) for row in rows],
    )


def chunk_of_row(row: Row, *, places: bool = True) -> Chunk:
    """Returns the chunk in a row of ``chunks``, or of ``chunks_aside``; ``places`` as ``Chunks.of`` takes it."""
    return Chunk(
        id=row["id"],
        document_id=row["document_id"],
        position=row["position"],
        text=row["text"],
        heading_path=tuple(json.loads(row["heading_path"])),
        spans=spans_from_json(row["spans"]) if places else (),
        tokens=row["tokens"],
        indexed_text=row["indexed_text"] or "",
    )


def no_passage(chunk_id: int) -> NotFound:
    return NotFound(f"There is no passage {chunk_id}; its document may have been removed or replaced.")
