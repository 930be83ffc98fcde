"""Documents: adding and listing them. A worker's steps are in ``job_steps.py``, a person's in ``job_control.py``."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from kb.errors import NotFound
from kb.state.blobs import Blob
from kb.state.dialect import FROM_TABLE, concat_rows
from kb.state.jobs import enqueue
from kb.state.sql import Connection, Row, SqlDatabase, at_most, in_lists, marks, scalar
from kb.system.file_paths import path_key
from kb.text.language import language
from kb.types import OWNER, Added, Document, DocumentState, JobKind, Origin, SameName

_COLUMNS = (
    "id, name, collection, state, sha256, bytes, added, reason, title, pages, pages_done, chunks, chunks_done, "
    "replaces, language, enabled, path, source, "
    f"{concat_rows('tag', ' ', 'SELECT tag FROM tags WHERE document_id = documents.id ORDER BY tag')} AS tags"
)
_DEAD = "('failed', 'cancelled')"
_DEAD_OR_GOING = (DocumentState.FAILED, DocumentState.CANCELLED, DocumentState.DELETING)


class Documents:
    """The table ``documents``, and what changes together with it."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    # --- Adding -------------------------------------------------------------------------------

    def add(self, blob: Blob, origin: Origin, *, same_name: SameName = SameName.VERSION) -> Added:
        """Registers a file and queues its import, in one transaction.

        The same bytes at the same place again are the same document; one that failed before is queued once more.
        Other bytes at that place are a new version, or a second document beside it: ``same_name`` says which.
        The same bytes at another place are another document. Collections of one name that two people have are two.
        """
        with self._database.write() as connection:
            settled = _settle(connection, origin, blob.sha256, same_name)
            present = _at_place(connection, settled, blob.sha256) or _adopt(connection, settled, blob.sha256)
            if present is not None:
                if present.state in (DocumentState.FAILED, DocumentState.CANCELLED):
                    return Added(queue_import(connection, present.id), already_present=False)
                # what was added in between, and is not ready yet, is the older version
                _make_latest(connection, present.id)
                return Added(present, already_present=True)
            older = _live_at_place(connection, settled)
            beside = None if settled == origin else _live_at_place(connection, origin)
            document_id = _insert(connection, blob, settled, replaces=older.id if older else None)
            document = queue_import(connection, document_id)
            return Added(document, already_present=False, replaces=older, beside=beside)

    def settle(self, origin: Origin, sha256: str, *, same_name: SameName) -> Origin:
        """Returns where ``add`` would put a file as things are now: at its place, or beside what is there."""
        return _settle(self._database.read(), origin, sha256, same_name)

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
        """Returns the documents that have not been removed; ``owner=None`` takes anybody's."""
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


_PLACE = "owner = ? AND collection = ? AND source = ? AND path_key = ?"


def _place(origin: Origin) -> tuple[str, str, str, str]:
    return origin.owner, origin.collection, origin.source, path_key(origin.place)


def _settle(connection: Connection, origin: Origin, sha256: str, same_name: SameName) -> Origin:
    """Returns ``origin``, or the next of its numbered names where other bytes have that and both stay."""
    if same_name is SameName.VERSION:
        return origin
    for candidate in _numbered(origin):
        rows = connection.execute(
            f"SELECT sha256 FROM documents WHERE {_PLACE} AND state NOT IN (?, ?, ?)",
            (*_place(candidate), *_DEAD_OR_GOING),
        ).fetchall()
        if not rows or sha256 in {row["sha256"] for row in rows}:
            return candidate
    raise AssertionError("there is always another number")


def _numbered(origin: Origin) -> Iterator[Origin]:
    """Yields ``report.pdf``, ``report (2).pdf``, ``report (3).pdf`` and so on."""
    yield origin
    for number in count(2):
        yield replace(origin, name=_with_number(origin.name, number), path=_with_number(origin.place, number))


def _with_number(name: str, number: int) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem} ({number}).{suffix}" if stem and dot and "/" not in suffix else f"{name} ({number})"


def _at_place(connection: Connection, origin: Origin, sha256: str) -> Document | None:
    """Returns the document that has these bytes at this place already; one that has not ended before others."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM documents WHERE {_PLACE} AND sha256 = ? AND state <> ? "
        f"ORDER BY state IN {_DEAD} LIMIT 1",
        (*_place(origin), sha256, DocumentState.DELETING),
    ).fetchone()
    return _document(row) if row else None


def _live_at_place(connection: Connection, origin: Origin) -> Document | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM documents WHERE {_PLACE} AND live = 1", _place(origin)
    ).fetchone()
    return _document(row) if row else None


def _adopt(connection: Connection, origin: Origin, sha256: str) -> Document | None:
    """Gives a document of a version that kept no places the one it is added from now; None where there is none.

    By name and bytes, which was all that a document was.
    """
    if not origin.source:
        return None
    row = connection.execute(
        "UPDATE documents SET source = ?, path = ?, path_key = ? WHERE id = (SELECT id FROM documents "
        "WHERE owner = ? AND collection = ? AND source = '' AND name = ? AND sha256 = ? AND state <> ? "
        f"ORDER BY state IN {_DEAD}, sequence DESC LIMIT 1) RETURNING {_COLUMNS}",
        (
            *(origin.source, origin.place, path_key(origin.place)),
            *(origin.owner, origin.collection, origin.name, sha256, DocumentState.DELETING),
        ),
    ).fetchone()
    return _document(row) if row else None


def _insert(connection: Connection, blob: Blob, origin: Origin, *, replaces: str | None) -> str:
    """Returns the id of the new document."""
    values = {
        "id": secrets.token_hex(6),
        "name": origin.name,
        "collection": origin.collection,
        "source": origin.source,
        "path": origin.place,
        "path_key": path_key(origin.place),
        "sha256": blob.sha256,
        "bytes": blob.bytes,
        "added": datetime.now(UTC).isoformat(timespec="seconds"),
        "state": DocumentState.QUEUED,
        "replaces": replaces,
        "owner": origin.owner,
    }
    connection.execute(
        f"INSERT INTO documents ({', '.join(values)}) VALUES ({marks(tuple(values))})", tuple(values.values())
    )
    return str(values["id"])


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
