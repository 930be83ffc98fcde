"""Changing the length of chunks: which documents it is about, how far it is, and what it leaves for the way back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kb.state.chunk_exchange import drop_former, drop_staged, keep_as_it_was
from kb.state.dialect import reserve_ids
from kb.state.jobs import enqueue
from kb.state.sql import Connection, Row, SqlDatabase, one, scalar
from kb.types import ChunkerChange, DocumentState, JobKind, QuestionsFound

_FORGOTTEN_AT_ONCE = 500
"""Chunks that go in one transaction, so that nobody waits for long."""
_OTHER = "live = 1 AND coalesce(cut_tokens, ?) <> ?"


@dataclass(frozen=True, slots=True)
class CutDocument:
    """A document that is to be cut to another length."""

    id: str
    name: str
    sha256: str
    chunks: int
    tokens: int
    """Of its chunks together, as they were counted when they were cut."""
    is_kept: bool
    """Whether its chunks of that length are kept since the last change."""


@dataclass(frozen=True, slots=True)
class CutCount:
    """How far the documents of a library are."""

    documents: int
    """All that are found."""
    others: int
    """Whose chunks are of another length."""
    waiting: int
    """Of these, those that have a job."""


class ChunkerChanges:
    """The table ``chunker_change``, and what belongs to it in ``documents`` and ``chunks_aside``.

    Lengths are those that a chunk can have, in tokens: never more than the embedder reads. ``unknown`` is taken for
    that of documents which a version imported that did not keep it.
    """

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def last(self) -> ChunkerChange | None:
        """Returns the change that is under way or was the last; None where there is nothing to undo."""
        row = self._database.read().execute("SELECT * FROM chunker_change").fetchone()
        if row is None:
            return None
        questions = None
        if row["questions"]:
            questions = QuestionsFound(
                *(row["questions"], row["before"], row["after"] or 0),
                *(row["first_before"], row["first_after"] or 0),
            )
        return ChunkerChange(row["source"], row["target"], row["stage"], questions, row["problem"])

    def begin(self, source: int, target: int) -> None:
        """Notes that the settings' length goes from ``source`` to ``target``; nothing is cut yet."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM chunker_change")
            connection.execute(
                "INSERT INTO chunker_change (id, source, target, stage) VALUES (1, ?, ?, 'asking')",
                (source, target),
            )

    def note_before(self, questions: int, first: int, found: int) -> None:
        """Notes how many labelled questions find their passage before anything is cut."""
        self._note("questions = ?, first_before = ?, before = ?", questions, first, found)

    def end(self, *, first: int = 0, found: int = 0, problem: str | None = None) -> None:
        """Notes that everything is cut; of the labelled questions, how many find their passage now."""
        self._note("stage = 'done', first_after = ?, after = ?, problem = ?", first, found, problem)

    def _note(self, changes: str, *values: object) -> None:
        with self._database.write() as connection:
            connection.execute(f"UPDATE chunker_change SET {changes}", values)

    def of_other_length(self, length: int, *, unknown: int) -> list[CutDocument]:
        """Returns the documents that are found by chunks of another length, in the order in which they were added."""
        rows = self._database.read().execute(
            "SELECT id, name, sha256, (SELECT count(*) FROM chunks WHERE document_id = documents.id) AS chunks, "
            "(SELECT coalesce(sum(tokens), 0) FROM chunks WHERE document_id = documents.id) AS tokens, "
            f"EXISTS ({_KEPT}) AS is_kept FROM documents WHERE {_OTHER} ORDER BY sequence",
            (length, unknown, length),
        )
        return [CutDocument(**{**dict(row), "is_kept": bool(row["is_kept"])}) for row in rows]

    def cut(self, length: int, *, unknown: int) -> set[str]:
        """Queues every document of another length, and takes back what another length was begun for.

        Chunks of that length that are kept since the last change need no reading, and most no model. Returns the ids
        of those that were queued.
        """
        with self._database.write() as connection:
            connection.execute(
                "UPDATE documents SET cut_tokens = ? WHERE live = 1 AND cut_tokens IS NULL", (unknown,)
            )
            _take_back(connection, length)
            busy = {row["document_id"] for row in connection.execute("SELECT document_id FROM jobs")}
            ids = _queue(connection, length, but=())
            for document_id in busy.intersection(ids):
                drop_former(connection, document_id)  # what it waits for, as an edit, is not in them
            _stage_former(connection, length)
            connection.execute("UPDATE chunker_change SET stage = 'cutting'")
        return ids

    def queue_more(self, length: int, *, but: Collection[str]) -> set[str]:
        """Queues documents of another length that were imported meanwhile; returns their ids. ``but``: not those."""
        with self._database.write() as connection:
            return _queue(connection, length, but=but)

    def counted(self, length: int, *, unknown: int) -> CutCount:
        """Returns how many documents are found, how many of another length, and how many of these wait for that."""
        row = one(
            self._database.read(),
            "SELECT count(*) AS documents, coalesce(sum(other), 0) AS others, "
            "coalesce(sum(other * waits), 0) AS waiting FROM "
            "(SELECT CASE WHEN coalesce(cut_tokens, ?) <> ? THEN 1 ELSE 0 END AS other, "
            "CASE WHEN EXISTS (SELECT 1 FROM jobs WHERE document_id = documents.id) THEN 1 ELSE 0 END AS waits "
            "FROM documents WHERE live = 1) AS found",
            (unknown, length),
        )
        return CutCount(row["documents"], row["others"], row["waiting"])

    def kept_bytes(self) -> int:
        """Returns about how much the chunks take that the last change replaced, and the vectors that only they have."""
        connection = self._database.read()
        texts = scalar(
            connection,
            "SELECT coalesce(sum(length(text) + length(spans) + coalesce(length(indexed_text), 0)), 0) "
            "FROM chunks_aside WHERE is_next = 0",
        )
        vectors = scalar(
            connection,
            "SELECT coalesce(sum(length(vector)), 0) FROM vectors "
            "WHERE text_hash IN (SELECT text_hash FROM chunks_aside WHERE is_next = 0) "
            "AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.text_hash = vectors.text_hash)",
        )
        return int(texts) + int(vectors)

    def forget(self) -> None:
        """Deletes what was kept for the way back, in batches; a change that is under way goes on."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM chunker_change WHERE stage = 'done'")
        while (found := self._some_kept()) is not None:
            with self._database.write() as connection:
                drop_former(connection, found, limit=_FORGOTTEN_AT_ONCE)

    def _some_kept(self) -> str | None:
        found: str | None = scalar(
            self._database.read(), "SELECT document_id FROM chunks_aside WHERE is_next = 0 LIMIT 1"
        )
        return found


_KEPT = (
    "SELECT 1 FROM chunks_aside WHERE document_id = documents.id AND is_next = 0 "
    "AND chunks_aside.cut_tokens = ?"
)


def _take_back(connection: Connection, length: int) -> None:
    """Lets documents of this length be that were to be cut to another one; those with edits are read again."""
    rows = connection.execute(
        "SELECT id, reason, EXISTS (SELECT 1 FROM passage_edits WHERE document_id = documents.id) AS edited "
        "FROM documents WHERE live = 1 AND cut_tokens = ? AND EXISTS "
        "(SELECT 1 FROM jobs WHERE document_id = documents.id AND kind = ?)",
        (length, JobKind.RECHUNK),
    ).fetchall()
    for row in rows:
        keep_as_it_was(connection, row["id"], row["reason"])
        if row["edited"]:
            enqueue(connection, row["id"], JobKind.RECHUNK)
        else:
            connection.execute("DELETE FROM jobs WHERE document_id = ?", (row["id"],))


def _queue(connection: Connection, length: int, *, but: Collection[str]) -> set[str]:
    rows: list[Row] = connection.execute(
        f"SELECT id, state, reason FROM documents WHERE {_OTHER} ORDER BY sequence", (length, length)
    ).fetchall()
    chosen = [row for row in rows if row["id"] not in but]
    for row in chosen:
        if row["state"] != DocumentState.READY:
            keep_as_it_was(connection, row["id"], row["reason"])
        else:
            drop_staged(connection, row["id"])
        enqueue(connection, row["id"], JobKind.RECHUNK)
    return {row["id"] for row in chosen}


def _stage_former(connection: Connection, length: int) -> None:
    """Lets kept chunks of this length be what their documents get next, under ids that nothing had before."""
    kept = f"document_id IN (SELECT id FROM documents WHERE {_OTHER}) AND is_next = 0 AND cut_tokens = ?"
    values = (length, length, length)
    count = int(scalar(connection, f"SELECT count(*) FROM chunks_aside WHERE {kept}", values))
    first = reserve_ids(connection, "chunks", count)
    connection.execute(
        "UPDATE chunks_aside SET is_next = 1, id = ? + numbered.place FROM "
        f"(SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM chunks_aside WHERE {kept}) AS numbered "
        "WHERE numbered.id = chunks_aside.id",
        (first, *values),
    )
    connection.execute(
        "UPDATE documents SET state = ?, chunks_done = 0, pages_done = 0, chunks = "
        "(SELECT count(*) FROM chunks_aside WHERE document_id = documents.id AND is_next = 1) "
        "WHERE live = 1 AND EXISTS "
        "(SELECT 1 FROM chunks_aside WHERE document_id = documents.id AND is_next = 1 AND cut_tokens = ?)",
        (DocumentState.EMBEDDING, length),
    )
