"""Chunks beside those that are found: what a document gets when it is cut anew, and what a change replaced."""

from __future__ import annotations

from collections.abc import Sequence

from kb.state.chunks import chunk_values, delete_chunks, drop_unused_vectors
from kb.state.dialect import reserve_ids
from kb.state.sql import Connection, Row, at_most, scalar
from kb.text.word_count import word_count
from kb.types import Chunk, DocumentState

_CHUNK = "document_id, position, text, heading_path, spans, tokens, text_hash, checksum, indexed_text"


def stage(
    connection: Connection, document_id: str, chunks: Sequence[Chunk], *, cut: str | None, tokens: int | None
) -> None:
    """Stores what a document gets next, in place of what it was to get; nothing finds it before ``exchange``."""
    drop_staged(connection, document_id)
    first = reserve_ids(connection, "chunks", len(chunks))
    connection.executemany(
        f"INSERT INTO chunks_aside ({_CHUNK}, id, is_next, cut, cut_tokens) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
        (
            (*chunk_values(document_id, position, chunk), first + position, cut, tokens)
            for position, chunk in enumerate(chunks)
        ),
    )


def drop_staged(connection: Connection, document_id: str) -> bool:
    """Deletes what a document was to get next; returns whether there was any. The indexes may hold some of it."""
    rows = connection.execute(
        "SELECT chunks_aside.id AS id, text_hash, collection FROM chunks_aside "
        "JOIN documents ON documents.id = document_id WHERE document_id = ? AND is_next = 1",
        (document_id,),
    ).fetchall()
    connection.executemany(
        "INSERT INTO tombstones (chunk_id, collection) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(row["id"], row["collection"]) for row in rows],
    )
    connection.execute("DELETE FROM chunks_aside WHERE document_id = ? AND is_next = 1", (document_id,))
    drop_unused_vectors(connection, rows)
    return bool(rows)


def keep_as_it_was(connection: Connection, document_id: str, reason: str | None) -> None:
    """Lets a published document stay as it is found: what it was to get goes, and ``reason`` says why."""
    drop_staged(connection, document_id)
    texts = connection.execute("SELECT text FROM chunks WHERE document_id = ?", (document_id,)).fetchall()
    connection.execute(
        "UPDATE documents SET state = ?, reason = ?, chunks = ?, words = ? WHERE id = ?",
        (
            *(DocumentState.READY, reason, len(texts)),
            *(sum(word_count(row["text"]) for row in texts), document_id),
        ),
    )


def exchange(connection: Connection, document_id: str) -> None:
    """Gives a document what was staged for it; does nothing where nothing was.

    What it had is kept where the length of its chunks changes, in place of what was kept before.
    """
    next_ones = connection.execute(
        "SELECT cut, cut_tokens FROM chunks_aside WHERE document_id = ? AND is_next = 1 LIMIT 1",
        (document_id,),
    ).fetchone()
    if next_ones is None:
        return
    drop_former(connection, document_id)
    had = scalar(connection, "SELECT cut_tokens FROM documents WHERE id = ?", (document_id,))
    if had is not None and next_ones["cut_tokens"] is not None and had != next_ones["cut_tokens"]:
        connection.execute(
            f"INSERT INTO chunks_aside ({_CHUNK}, id, is_next, cut, cut_tokens) SELECT {_CHUNK}, id, 0, "
            "(SELECT cut FROM documents WHERE id = ?), ? FROM chunks WHERE document_id = ?",
            (document_id, had, document_id),
        )
    delete_chunks(connection, document_id)
    connection.execute(
        f"INSERT INTO chunks (id, {_CHUNK}) SELECT id, {_CHUNK} FROM chunks_aside "
        "WHERE document_id = ? AND is_next = 1 ORDER BY position",
        (document_id,),
    )
    connection.execute("DELETE FROM chunks_aside WHERE document_id = ? AND is_next = 1", (document_id,))
    connection.execute(
        "UPDATE documents SET cut = ?, cut_tokens = ? WHERE id = ?",
        (next_ones["cut"], next_ones["cut_tokens"], document_id),
    )


def drop_former(connection: Connection, document_id: str, *, limit: int = -1) -> int:
    """Deletes at most ``limit`` chunks that a document had before, -1 all; returns how many there were."""
    rows: list[Row] = connection.execute(
        "SELECT id, text_hash FROM chunks_aside WHERE document_id = ? AND is_next = 0 LIMIT ?",
        (document_id, at_most(limit)),
    ).fetchall()
    connection.executemany("DELETE FROM chunks_aside WHERE id = ?", [(row["id"],) for row in rows])
    drop_unused_vectors(connection, rows)
    return len(rows)
