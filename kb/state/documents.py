"""Documents: adding and listing them. A worker's steps are in ``job_steps.py``, a person's in ``job_control.py``."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from kb.errors import NotFound
from kb.state.blobs import Blob
from kb.state.dialect import FROM_TABLE, concat_rows
from kb.state.jobs import enqueue
from kb.state.sql import Connection, Row, SqlDatabase, at_most, in_lists, scalar
from kb.text.language import language
from kb.types import OWNER, Added, Document, DocumentState, JobKind

_COLUMNS = (
    "id, name, collection, state, sha256, bytes, added, reason, title, pages, pages_done, chunks, chunks_done, "
    "replaces, language, enabled, "
    f"{concat_rows('tag', ' ', 'SELECT tag FROM tags WHERE document_id = documents.id ORDER BY tag')} AS tags"
)
_DEAD = "('failed', 'cancelled')"


class Documents:
    """The table ``documents``, and what changes together with it."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    # --- Adding -------------------------------------------------------------------------------

    def add(self, blob: Blob, *, name: str, collection: str, owner: str = OWNER.id) -> Added:
        """Registers a file and queues its import, in one transaction.

        The same bytes again are the same document. One that failed before is queued once more
        if it comes under the same name. Another file of the same name will replace the older one.
        Collections of one name that two people have are two collections.
        """
        with self._database.write() as connection:
            present = connection.execute(
                f"SELECT {_COLUMNS} FROM documents WHERE owner = ? AND collection = ? AND sha256 = ? "
                f"AND (state NOT IN {_DEAD} OR name = ?) AND state <> ? ORDER BY state IN {_DEAD} LIMIT 1",
                (owner, collection, blob.sha256, name, DocumentState.DELETING),
            ).fetchone()
            if present is not None:
                document = _document(present)
                if document.state in (DocumentState.FAILED, DocumentState.CANCELLED):
                    return Added(queue_import(connection, document.id), already_present=False)
                if document.name == name:
                    # what was added in between, and is not ready yet, is the older version
                    _make_latest(connection, document.id)
                return Added(document, already_present=True)
            older = connection.execute(
                "SELECT id FROM documents WHERE owner = ? AND collection = ? AND name = ? AND live = 1",
                (owner, collection, name),
            ).fetchone()
            document_id = secrets.token_hex(6)
            connection.execute(
                "INSERT INTO documents (id, name, collection, sha256, bytes, added, state, replaces, owner) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    document_id,
                    name,
                    collection,
                    blob.sha256,
                    blob.bytes,
                    datetime.now(UTC).isoformat(timespec="seconds"),
                    DocumentState.QUEUED,
                    older["id"] if older else None,
                    owner,
                ),
            )
            return Added(queue_import(connection, document_id), already_present=False)

    def queue_embedding(self, document_ids: Iterable[str]) -> None:
        """Queues documents to be embedded anew; until then the lexical index still finds them."""
        with self._database.write() as connection:
            for document_id in document_ids:
                connection.execute(
                    "UPDATE documents SET state = ?, chunks_done = 0, pages_done = 0 WHERE id = ? AND live = 1",
                    (DocumentState.EMBEDDING, document_id),
                )
                enqueue(connection, document_id, JobKind.EMBED)

    # --- Reading ------------------------------------------------------------------------------

    def get(self, document_id: str, *, owner: str | None = None) -> Document:
        """Returns one document; ``owner=None`` takes anybody's.

        Raises:
            NotFound: there is none with this id, or ``owner`` has none.
        """
        condition, values = _of(owner)
        row = (
            self._database.read()
            .execute(f"SELECT {_COLUMNS} FROM documents WHERE id = ? AND {condition}", (document_id, *values))
            .fetchone()
        )
        if row is None:
            raise no_document(document_id)
        return _document(row)

    def require(self, document_ids: Iterable[str], *, owner: str) -> None:
        """Does nothing where all of the documents are ``owner``'s.

        Raises:
            NotFound: one of them does not exist, or is somebody else's.
        """
        connection = self._database.read()
        for document_id in document_ids:
            if not connection.execute(
                "SELECT 1 FROM documents WHERE id = ? AND owner = ?", (document_id, owner)
            ).fetchone():
                raise no_document(document_id)

    def existing(self, document_ids: Iterable[str], *, owner: str | None = None) -> list[Document]:
        """Returns those of the documents that have not been removed; ``owner=None`` takes anybody's."""
        condition, values = _of(owner)
        connection = self._database.read()
        return [
            _document(row)
            for marked, part in in_lists(document_ids)
            for row in connection.execute(
                f"SELECT {_COLUMNS} FROM documents WHERE id IN ({marked}) AND {condition}", (*part, *values)
            )
        ]

    def page(
        self,
        *,
        collection: str | None = None,
        limit: int = -1,
        offset: int = 0,
        owner: str = OWNER.id,
    ) -> list[Document]:
        """Returns documents of ``owner``, newest first; ``collection=None`` lists all, ``limit=-1`` sets no limit."""
        rows = self._database.read().execute(
            f"SELECT {_COLUMNS} FROM documents WHERE owner = ? AND collection = coalesce(?, collection) "
            "ORDER BY added DESC, id DESC LIMIT ? OFFSET ?",
            (owner, collection, at_most(limit), offset),
        )
        return [_document(row) for row in rows]

    def all(self) -> list[Document]:
        """Returns everybody's documents, in the order of their ids: for what maintains the data folder."""
        rows = self._database.read().execute(f"SELECT {_COLUMNS} FROM documents {FROM_TABLE} ORDER BY id")
        return [_document(row) for row in rows]

    def count(
        self,
        *,
        collection: str | None = None,
        state: DocumentState | None = None,
        owner: str = OWNER.id,
    ) -> int:
        """Returns how many documents ``owner`` has, of a collection and in a state where these are given."""
        count: int = scalar(
            self._database.read(),
            "SELECT count(*) FROM documents "
            "WHERE owner = ? AND collection = coalesce(?, collection) AND state = coalesce(?, state)",
            (owner, collection, state),
        )
        return count

    def collections(self, *, owner: str = OWNER.id) -> list[str]:
        """Returns the names of all collections in which ``owner`` has documents, in alphabetical order."""
        rows = self._database.read().execute(
            "SELECT DISTINCT collection FROM documents WHERE owner = ? ORDER BY 1", (owner,)
        )
        return [row["collection"] for row in rows]

    def fill_languages(self) -> None:
        """Gives documents that an earlier version imported their language, from their first passages."""
        beginning = (
            "SELECT text FROM chunks WHERE document_id = documents.id AND position < 8 ORDER BY position"
        )
        rows = self._database.read().execute(
            f"SELECT id, {concat_rows('text', ' ', beginning)} AS text FROM documents WHERE language IS NULL "
            "AND EXISTS (SELECT 1 FROM chunks WHERE document_id = documents.id)"
        )
        languages = [(language(row["text"]), row["id"]) for row in rows]
        with self._database.write() as connection:
            connection.executemany("UPDATE documents SET language = ? WHERE id = ?", languages)

    def blobs_in_use(self) -> set[str]:
        """Returns the SHA-256 of every document's file."""
        rows = self._database.read().execute(f"SELECT DISTINCT sha256 FROM documents {FROM_TABLE}")
        return {row["sha256"] for row in rows}


def _of(owner: str | None) -> tuple[str, tuple[str, ...]]:
    """Returns an SQL condition on ``documents`` and its values; None leaves everybody's."""
    return ("owner = ?", (owner,)) if owner is not None else ("1 = 1", ())


def queue_import(connection: Connection, document_id: str) -> Document:
    """Queues the import of a document from its first step, as the latest of its name.

    One that had ended may only come back where ``has_living_twin`` says no.

    Raises:
        NotFound: there is no such document, or it is being deleted.
    """
    row = connection.execute(
        f"UPDATE documents SET state = ?, reason = NULL WHERE id = ? AND state <> ? RETURNING {_COLUMNS}",
        (DocumentState.QUEUED, document_id, DocumentState.DELETING),
    ).fetchone()
    if row is None:
        raise no_document(document_id)
    _make_latest(connection, document_id)
    enqueue(connection, document_id, JobKind.IMPORT)
    return _document(row)


def has_living_twin(connection: Connection, document_id: str) -> bool:
    """Returns whether the same bytes are in the collection as another document, which has not ended."""
    found = connection.execute(
        "SELECT 1 FROM documents AS this JOIN documents AS other ON other.owner = this.owner "
        "AND other.collection = this.collection AND other.sha256 = this.sha256 AND other.id <> this.id "
        "WHERE this.id = ? AND other.state NOT IN (?, ?, ?)",
        (document_id, DocumentState.FAILED, DocumentState.CANCELLED, DocumentState.DELETING),
    ).fetchone()
    return found is not None


def _make_latest(connection: Connection, document_id: str) -> None:
    connection.execute(
        "UPDATE documents SET sequence = (SELECT coalesce(max(sequence), 0) + 1 FROM documents) WHERE id = ?",
        (document_id,),
    )


def no_document(document_id: str) -> NotFound:
    return NotFound(f"There is no document {document_id!r}. `app.py list` shows the ids.")


def _document(row: Row) -> Document:
    values = dict(row)
    values["state"] = DocumentState(row["state"])
    values["searchable"] = bool(values.pop("enabled"))
    values["tags"] = tuple((row["tags"] or "").split())
    return Document(**values)
