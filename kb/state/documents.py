"""Documents: adding and listing them. A worker's steps are in ``job_steps.py``, a person's in ``job_control.py``."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from kb.errors import NotFound
from kb.state.blobs import Blob
from kb.state.dialect import FROM_TABLE, concat_rows
from kb.state.document_place import AT_PLACE, DEAD_OR_GOING, Place, settle
from kb.state.jobs import enqueue
from kb.state.passage_edits import copy_edits
from kb.state.sql import Connection, Row, SqlDatabase, at_most, in_lists, marks, scalar, seen
from kb.system.file_paths import folder_of
from kb.text.language import language
from kb.types import OWNER, Added, Document, DocumentState, JobKind, Origin, SameName

_COLUMNS = (
    "id, name, collection, state, sha256, bytes, added, reason, title, pages, pages_done, chunks, chunks_done, "
    "replaces, language, enabled, path, source, folder, words, unreadable, "
    f"{concat_rows('tag', ' ', 'SELECT tag FROM tags WHERE document_id = documents.id ORDER BY tag')} AS tags"
)
_DEAD = "('failed', 'cancelled')"


class Documents:
    """The table ``documents``, and what changes together with it."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    # --- Adding -------------------------------------------------------------------------------

    def add(
        self, blob: Blob, origin: Origin, *, same_name: SameName = SameName.VERSION, person: int = 0
    ) -> Added:
        """Registers a file and queues its import for ``person``, as ``enqueue`` takes it, in one transaction.

        The same bytes at the same place again are the same document; one that failed before is queued once more.
        Other bytes at that place are a new version, or a second document beside it: ``same_name`` says which.
        The same bytes at another place are another document. Collections of one name that two people have are two.
        """
        with self._database.write() as connection:
            place = settle(connection, origin, blob.sha256, same_name)
            present = _at_place(connection, place, blob.sha256) or _adopt(connection, place, blob.sha256)
            if present is not None:
                return _found_again(connection, present, place, person)
            live = _live_at_place(connection, place)
            older = _latest_at_place(connection, place)
            beside = _latest_at_place(connection, place.neighbour) if place.neighbour else None
            document_id = _insert(connection, blob, place, replaces=live.id if live else None, person=person)
            if live is not None:
                copy_edits(connection, live.id, document_id)
            document = queue_import(connection, document_id, person=person)
            return Added(document, already_present=False, replaces=older, beside=beside)

    def settle(self, origin: Origin, sha256: str, *, same_name: SameName) -> Origin:
        """Returns where ``add`` would put a file as things are now: at its place, or beside what is there."""
        return settle(self._database.read(), origin, sha256, same_name).origin

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

    def get(
        self, document_id: str, *, owner: str | None = None, collections: Collection[str] | None = None
    ) -> Document:
        """Returns one document; ``owner=None`` takes anybody's, ``collections=None`` those of all.

        Raises:
            NotFound: there is none with this id, or ``owner`` has none there.
        """
        condition, values = _of(owner, collections)
        row = (
            self._database.read()
            .execute(f"SELECT {_COLUMNS} FROM documents WHERE id = ? AND {condition}", (document_id, *values))
            .fetchone()
        )
        if row is None:
            raise no_document(document_id)
        return _document(row)

    def require(
        self, document_ids: Iterable[str], *, owner: str, collections: Collection[str] | None = None
    ) -> None:
        """Does nothing where all of the documents are ``owner``'s, and in ``collections``; None is in any.

        Raises:
            NotFound: one of them does not exist, is somebody else's, or is in another collection.
        """
        connection = self._database.read()
        condition, values = _of(owner, collections)
        for document_id in document_ids:
            if not connection.execute(
                f"SELECT 1 FROM documents WHERE id = ? AND {condition}", (document_id, *values)
            ).fetchone():
                raise no_document(document_id)

    def existing(
        self,
        document_ids: Iterable[str],
        *,
        owner: str | None = None,
        collections: Collection[str] | None = None,
    ) -> list[Document]:
        """Returns the documents that have not been removed; ``owner`` and ``collections`` as for ``get``."""
        condition, values = _of(owner, collections)
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
        collections: Collection[str] | None = None,
    ) -> list[Document]:
        """Returns documents of ``owner``, newest first; ``collection=None`` lists all, ``limit=-1`` sets no limit.

        ``collections`` are those that may be seen; None sees all.
        """
        condition, values = _of(owner, collections)
        rows = self._database.read().execute(
            f"SELECT {_COLUMNS} FROM documents WHERE {condition} AND collection = coalesce(?, collection) "
            "ORDER BY added DESC, sequence DESC, id DESC LIMIT ? OFFSET ?",
            (*values, collection, at_most(limit), offset),
        )
        return [_document(row) for row in rows]

    def replacing(
        self, document_id: str, *, owner: str, collections: Collection[str] | None = None
    ) -> Document | None:
        """Returns the newest document that takes the place of one when it is ready; None where none does."""
        condition, values = _of(owner, collections)
        row = (
            self._database.read()
            .execute(
                f"SELECT {_COLUMNS} FROM documents WHERE replaces = ? AND state NOT IN (?, ?, ?) AND {condition} "
                "ORDER BY sequence DESC LIMIT 1",
                (document_id, *DEAD_OR_GOING, *values),
            )
            .fetchone()
        )
        return _document(row) if row else None

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
        collections: Collection[str] | None = None,
    ) -> int:
        """Returns how many documents ``owner`` has, of a collection and in a state where these are given.

        ``collections`` are those that may be seen; None sees all.
        """
        condition, values = _of(owner, collections)
        count: int = scalar(
            self._database.read(),
            "SELECT count(*) FROM documents "
            f"WHERE {condition} AND collection = coalesce(?, collection) AND state = coalesce(?, state)",
            (*values, collection, state),
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


def _of(owner: str | None, collections: Collection[str] | None = None) -> tuple[str, tuple[str, ...]]:
    """Returns an SQL condition on ``documents`` and its values; None leaves everybody's, and all collections."""
    whose, values = ("owner = ?", (owner,)) if owner is not None else ("1 = 1", ())
    where, names = seen("collection", collections)
    return f"{whose} AND {where}", (*values, *names)


def queue_import(connection: Connection, document_id: str, *, person: int | None = None) -> Document:
    """Queues the import of a document from its first step, as the latest of its name; ``person`` as for ``enqueue``.

    Raises:
        NotFound: there is no such document, or it is being deleted.
    """
    row = connection.execute(
        "UPDATE documents SET state = ?, reason = NULL, unreadable = 0 WHERE id = ? AND state <> ? "
        f"RETURNING {_COLUMNS}",
        (DocumentState.QUEUED, document_id, DocumentState.DELETING),
    ).fetchone()
    if row is None:
        raise no_document(document_id)
    _make_latest(connection, document_id)
    enqueue(connection, document_id, JobKind.IMPORT, person=person)
    return _document(row)


def _at_place(connection: Connection, place: Place, sha256: str) -> Document | None:
    """Returns the document that has these bytes at this place already; one that has not ended before others."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM documents WHERE {AT_PLACE} AND sha256 = ? AND state <> ? "
        f"ORDER BY state IN {_DEAD} LIMIT 1",
        (*place.values, sha256, DocumentState.DELETING),
    ).fetchone()
    return _document(row) if row else None


def _live_at_place(connection: Connection, place: Place) -> Document | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM documents WHERE {AT_PLACE} AND live = 1", place.values
    ).fetchone()
    return _document(row) if row else None


def _latest_at_place(connection: Connection, place: Place, *, but: str = "") -> Document | None:
    """Returns what was added last at this place and is, or will be, answering; ``but`` is the id of one left out."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM documents WHERE {AT_PLACE} AND id <> ? AND state NOT IN (?, ?, ?) "
        "ORDER BY sequence DESC LIMIT 1",
        (*place.values, but, *DEAD_OR_GOING),
    ).fetchone()
    return _document(row) if row else None


def _adopt(connection: Connection, place: Place, sha256: str) -> Document | None:
    """Gives a document of a version that kept no places the one it is added from now; None where there is none.

    By name and bytes, which was all that a document was.
    """
    origin = place.origin
    if not origin.source:
        return None
    row = connection.execute(
        "UPDATE documents SET source = ?, path = ?, folder = ?, path_key = ? WHERE id = (SELECT id FROM documents "
        "WHERE owner = ? AND collection = ? AND source = '' AND name = ? AND sha256 = ? AND state <> ? "
        f"ORDER BY state IN {_DEAD}, sequence DESC LIMIT 1) RETURNING {_COLUMNS}",
        (
            *(origin.source, origin.place, folder_of(origin.place), place.key),
            *(origin.owner, origin.collection, origin.name, sha256, DocumentState.DELETING),
        ),
    ).fetchone()
    return _document(row) if row else None


def _found_again(connection: Connection, found: Document, place: Place, person: int) -> Added:
    """Makes a document that is there already the latest at its place, and its path how that is spelled now."""
    spelled = place.origin.place
    connection.execute(
        "UPDATE documents SET path = ?, folder = ? WHERE id = ? AND path <> ?",
        (spelled, folder_of(spelled), found.id, spelled),
    )
    # what was added in between, and is not ready yet, is the older version
    older = _latest_at_place(connection, place, but=found.id)
    if found.state in (DocumentState.FAILED, DocumentState.CANCELLED):
        queued = queue_import(connection, found.id, person=person)
        return Added(queued, already_present=False, replaces=older)
    _make_latest(connection, found.id)
    return Added(replace(found, path=spelled), already_present=True, replaces=older)


def _insert(connection: Connection, blob: Blob, place: Place, *, replaces: str | None, person: int) -> str:
    """Returns the id of the new document, which ``person`` added."""
    origin = place.origin
    values = {
        "id": secrets.token_hex(6),
        "name": origin.name,
        "collection": origin.collection,
        "source": origin.source,
        "path": origin.place,
        "folder": folder_of(origin.place),
        "path_key": place.key,
        "sha256": blob.sha256,
        "bytes": blob.bytes,
        "added": datetime.now(UTC).isoformat(timespec="seconds"),
        "state": DocumentState.QUEUED,
        "replaces": replaces,
        "owner": origin.owner,
        "added_by": person,
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
    values["unreadable"] = bool(row["unreadable"])
    values["tags"] = tuple((row["tags"] or "").split())
    return Document(**values)
