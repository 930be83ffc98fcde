"""Documents: how they are added, move from state to state, and go."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kb.errors import Cancelled, Conflict, NotFound
from kb.state.blobs import Blob
from kb.state.chunks import bury_chunks, insert_chunks
from kb.state.db import Database
from kb.types import Chunk, Document, DocumentState, JobKind, ParsedDocument

_COLUMNS = (
    "id, name, collection, state, sha256, bytes, added, reason, title, pages, chunks, chunks_done, replaces"
)
_DEAD = "('failed', 'cancelled')"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file that was added."""

    document: Document
    already_present: bool
    """True when the same bytes were in the collection before; ``document`` is then the old one."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What a removal leaves to be done outside the database."""

    blobs: tuple[str, ...]
    """SHA-256 of files that no document refers to any more."""


class Documents:
    """The table ``documents``, and what changes together with it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- Adding -------------------------------------------------------------------------------

    def add(self, blob: Blob, *, name: str, collection: str) -> Added:
        """Registers a file and queues its import, in one transaction.

        The same bytes again are the same document. One that failed before is queued once more
        if it comes under the same name. Another file of the same name will replace the older one.
        """
        with self._database.write() as connection:
            present = connection.execute(
                f"SELECT {_COLUMNS} FROM documents WHERE collection = ? AND sha256 = ? "
                f"AND (state NOT IN {_DEAD} OR name = ?) ORDER BY state IN {_DEAD} LIMIT 1",
                (collection, blob.sha256, name),
            ).fetchone()
            if present is not None:
                document = _document(present)
                if document.state in (DocumentState.FAILED, DocumentState.CANCELLED):
                    return Added(_queue(connection, document.id), already_present=False)
                return Added(document, already_present=True)
            older = connection.execute(
                "SELECT id FROM documents WHERE collection = ? AND name = ? AND live = 1", (collection, name)
            ).fetchone()
            document_id = secrets.token_hex(6)
            connection.execute(
                "INSERT INTO documents (id, name, collection, sha256, bytes, added, state, replaces) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    document_id,
                    name,
                    collection,
                    blob.sha256,
                    blob.bytes,
                    datetime.now(UTC).isoformat(timespec="seconds"),
                    DocumentState.QUEUED,
                    older["id"] if older else None,
                ),
            )
            return Added(_queue(connection, document_id), already_present=False)

    def queue_again(self, document_id: str) -> Document:
        """Queues the import of a document once more, from the first step that is not done.

        Raises:
            NotFound: there is no such document.
            Conflict: the same bytes were added again in the meantime.
        """
        with self._database.write() as connection:
            try:
                return _queue(connection, document_id)
            except sqlite3.IntegrityError as error:
                raise Conflict(
                    "The same file is in this collection already; remove the failed entry."
                ) from error

    def queue_embedding(self, document_ids: Iterable[str]) -> None:
        """Queues documents to be embedded anew; until then they stay findable by their words."""
        with self._database.write() as connection:
            for document_id in document_ids:
                connection.execute(
                    "UPDATE documents SET state = ?, chunks_done = 0 WHERE id = ?",
                    (DocumentState.EMBEDDING, document_id),
                )
                _queue_job(connection, document_id)

    # --- Reading ------------------------------------------------------------------------------

    def get(self, document_id: str) -> Document:
        """One document.

        Raises:
            NotFound: there is none with this id.
        """
        row = (
            self._database.read()
            .execute(f"SELECT {_COLUMNS} FROM documents WHERE id = ?", (document_id,))
            .fetchone()
        )
        if row is None:
            raise NotFound(f"There is no document {document_id!r}. `app.py list` shows the ids.")
        return _document(row)

    def existing(self, document_ids: Iterable[str]) -> list[Document]:
        """Those of the documents that have not been removed."""
        wanted = tuple(document_ids)
        marks = ",".join("?" * len(wanted))
        rows = self._database.read().execute(
            f"SELECT {_COLUMNS} FROM documents WHERE id IN ({marks})", wanted
        )
        return [_document(row) for row in rows]

    def page(self, *, collection: str | None = None, limit: int = -1, offset: int = 0) -> list[Document]:
        """Documents, newest first; ``collection=None`` lists all, ``limit=-1`` sets no limit."""
        rows = self._database.read().execute(
            f"SELECT {_COLUMNS} FROM documents WHERE ? IS NULL OR collection = ? "
            "ORDER BY added DESC, id DESC LIMIT ? OFFSET ?",
            (collection, collection, limit, offset),
        )
        return [_document(row) for row in rows]

    def count(self, *, collection: str | None = None, state: DocumentState | None = None) -> int:
        """How many documents there are, of a collection and in a state where these are given."""
        count: int = (
            self._database.read()
            .execute(
                "SELECT count(*) FROM documents WHERE (? IS NULL OR collection = ?) AND (? IS NULL OR state = ?)",
                (collection, collection, state, state),
            )
            .fetchone()[0]
        )
        return count

    def collections(self) -> list[str]:
        """The names of all collections that hold documents, in alphabetical order."""
        rows = self._database.read().execute("SELECT DISTINCT collection FROM documents ORDER BY 1")
        return [row[0] for row in rows]

    def blobs_in_use(self) -> set[str]:
        """The SHA-256 of every document's file."""
        return {row[0] for row in self._database.read().execute("SELECT DISTINCT sha256 FROM documents")}

    # --- The steps of an import ---------------------------------------------------------------

    def set_state(self, document_id: str, state: DocumentState, *, reason: str | None = None) -> None:
        """Moves a document to ``state``.

        Raises:
            Cancelled: the document was removed in the meantime.
        """
        with self._database.write() as connection:
            _require_one(
                connection.execute(
                    "UPDATE documents SET state = ?, reason = ? WHERE id = ?", (state, reason, document_id)
                )
            )

    def fail(self, document_id: str, reason: str) -> None:
        """Ends an import without success: whatever it had stored goes, an older version stays.

        A document that was removed in the meantime is passed over.
        """
        with self._database.write() as connection:
            bury_chunks(connection, document_id)
            connection.execute(
                "UPDATE documents SET state = ?, reason = ?, live = 0, chunks = 0, chunks_done = 0 WHERE id = ?",
                (DocumentState.FAILED, reason, document_id),
            )
            connection.execute("DELETE FROM jobs WHERE document_id = ?", (document_id,))

    def store_chunks(self, document_id: str, parsed: ParsedDocument, chunks: Sequence[Chunk]) -> None:
        """Stores what parsing yielded and moves the document to EMBEDDING, in one transaction."""
        with self._database.write() as connection:
            bury_chunks(connection, document_id)
            _require_one(
                connection.execute(
                    "UPDATE documents SET state = ?, reason = ?, title = ?, pages = ?, chunks = ?, chunks_done = 0 "
                    "WHERE id = ?",
                    (
                        DocumentState.EMBEDDING,
                        " ".join(parsed.warnings) or None,
                        parsed.title,
                        parsed.pages,
                        len(chunks),
                        document_id,
                    ),
                )
            )
            insert_chunks(connection, document_id, chunks)

    def set_progress(self, done: Mapping[str, int]) -> None:
        """Records how many chunks of each document are embedded."""
        with self._database.write() as connection:
            connection.executemany(
                "UPDATE documents SET chunks_done = ? WHERE id = ?",
                [(count, document_id) for document_id, count in done.items()],
            )

    def set_indexing(self, document_id: str) -> None:
        """Moves an embedded document on; a warning from parsing stays as its reason."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE documents SET state = ? WHERE id = ?", (DocumentState.INDEXING, document_id)
            )

    def make_ready(self, document_ids: Iterable[str]) -> Removed:
        """Makes documents findable and ends their jobs; the versions they replace go, all in one transaction."""
        blobs: list[str] = []
        with self._database.write() as connection:
            for document_id in document_ids:
                connection.execute(
                    "UPDATE documents SET state = ?, live = 1, chunks_done = chunks WHERE id = ?",
                    (DocumentState.READY, document_id),
                )
                connection.execute(
                    "DELETE FROM jobs WHERE kind = ? AND document_id = ?", (JobKind.IMPORT, document_id)
                )
                older = connection.execute(
                    "SELECT replaces FROM documents WHERE id = ? AND replaces IS NOT NULL", (document_id,)
                ).fetchone()
                if older is not None:
                    connection.execute("UPDATE documents SET replaces = NULL WHERE id = ?", (document_id,))
                    blobs.extend(_remove(connection, older["replaces"]))
        return Removed(tuple(blobs))

    # --- Removing -----------------------------------------------------------------------------

    def remove(self, document_ids: Sequence[str]) -> Removed:
        """Removes documents with their chunks and jobs; either all of them or, when it raises, none.

        Raises:
            NotFound: one of them does not exist.
        """
        blobs: list[str] = []
        with self._database.write() as connection:
            for document_id in dict.fromkeys(document_ids):
                found = connection.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone()
                if found is None:
                    raise NotFound(f"There is no document {document_id!r}. `app.py list` shows the ids.")
                blobs.extend(_remove(connection, document_id))
        return Removed(tuple(blobs))


def _document(row: sqlite3.Row) -> Document:
    return Document(**{**dict(row), "state": DocumentState(row["state"])})


def _queue(connection: sqlite3.Connection, document_id: str) -> Document:
    row = connection.execute(
        f"UPDATE documents SET state = ?, reason = NULL WHERE id = ? RETURNING {_COLUMNS}",
        (DocumentState.QUEUED, document_id),
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no document {document_id!r}. `app.py list` shows the ids.")
    _queue_job(connection, document_id)
    return _document(row)


def _require_one(cursor: sqlite3.Cursor) -> None:
    if cursor.rowcount != 1:
        raise Cancelled("The document was removed while it was being imported.")


def _remove(connection: sqlite3.Connection, document_id: str) -> list[str]:
    """Deletes one document; returns the hash of its blob if nobody else needs that."""
    row = connection.execute("SELECT sha256 FROM documents WHERE id = ?", (document_id,)).fetchone()
    if row is None:
        return []
    bury_chunks(connection, document_id)
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    shared = connection.execute("SELECT 1 FROM documents WHERE sha256 = ?", (row["sha256"],)).fetchone()
    return [] if shared else [row["sha256"]]


def _queue_job(connection: sqlite3.Connection, document_id: str) -> None:
    connection.execute(
        "INSERT INTO jobs (kind, document_id) VALUES (?, ?) "
        "ON CONFLICT (kind, document_id) DO UPDATE SET attempts = 0, lease_owner = NULL, lease_until = 0",
        (JobKind.IMPORT, document_id),
    )
