"""Deleting documents so that it can be undone for a while.

Nothing finds them from the first moment, as after any deletion; only their rows, vectors and files go later. Both the
wish and the way back are in the database, so a page that is closed meanwhile loses neither, and a start of the app
carries out what was wished before.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Sequence

from kb.errors import Conflict, FootnoteError
from kb.state.document_place import AT_PLACE, DEAD_OR_GOING
from kb.state.documents import no_document, queue_import
from kb.state.job_steps import retire
from kb.state.jobs import IMPORTS, enqueue
from kb.state.sql import Connection, Row, SqlDatabase, one, scalar, seen
from kb.types import OWNER, Acted, DocumentState, JobKind, JobState

UNDO_SECONDS = 10.0
"""How long what is stored of a deleted document is kept."""


class Removals:
    """The table ``removals``. ``clock`` returns seconds since 1970, as the jobs are timed."""

    def __init__(self, database: SqlDatabase, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def remove(self, document_ids: Sequence[str], *, person: int = 0) -> Acted:
        """Deletes documents, all or none, as ``person`` wished; ``Acted.undo`` takes it back within ``UNDO_SECONDS``.

        Those that are being deleted already are passed over.

        Raises:
            NotFound: one of them does not exist.
        """
        undo = secrets.token_hex(8)
        until = self._clock() + UNDO_SECONDS
        removed = 0
        with self._database.write() as connection:
            for document_id in dict.fromkeys(document_ids):
                removed += _remove(connection, document_id, undo, until, person)
        return Acted(removed, undo=undo)

    def undo(self, undo: str, *, owner: str = OWNER.id, collections: Collection[str] | None = None) -> Acted:
        """Brings back what was deleted in one go, as it was; an import that was under way begins anew.

        Refused are those whose place another document has taken meanwhile.

        Raises:
            Conflict: it is too late, or nothing was deleted under this name.
        """
        changed, refused, reason = 0, 0, None
        visible, names = seen("collection", collections)
        with self._database.write() as connection:
            rows = connection.execute(
                "SELECT removals.* FROM removals JOIN documents ON documents.id = removals.document_id "
                "JOIN jobs ON jobs.document_id = removals.document_id "
                f"WHERE undo = ? AND owner = ? AND jobs.kind = ? AND jobs.state = ? AND {visible}",
                (undo, owner, JobKind.DELETE, JobState.WAITING, *names),
            ).fetchall()
            if not rows:
                raise Conflict("It is too late to undo this: the documents are deleted.")
            for row in rows:
                try:
                    _restore(connection, row)
                except FootnoteError as error:
                    refused, reason = refused + 1, reason or str(error)
                else:
                    changed += 1
        return Acted(changed, refused, reason)


def _remove(connection: Connection, document_id: str, undo: str, until: float, person: int) -> bool:
    """Returns whether the document was not being deleted already."""
    row = connection.execute(
        "SELECT state, reason, live, (SELECT kind FROM jobs WHERE document_id = documents.id) AS job "
        "FROM documents WHERE id = ?",
        (document_id,),
    ).fetchone()
    if row is None:
        raise no_document(document_id)
    if row["state"] == DocumentState.DELETING:
        return False
    connection.execute(
        "INSERT INTO removals (document_id, undo, state, reason, live, job) VALUES (?, ?, ?, ?, ?, ?)",
        (document_id, undo, row["state"], row["reason"], row["live"], row["job"]),
    )
    retire(connection, document_id, person=person, not_before=until)
    return True


def _restore(connection: Connection, row: Row) -> None:
    """Makes a document what it was.

    Raises:
        Conflict: the same file was added once more at its place.
    """
    document_id = row["document_id"]
    _require_free_place(connection, row)
    connection.execute("DELETE FROM removals WHERE document_id = ?", (document_id,))
    connection.execute(
        "UPDATE documents SET state = ?, reason = ?, live = ? WHERE id = ?",
        (row["state"], row["reason"], row["live"], document_id),
    )
    job = JobKind(row["job"]) if row["job"] else None
    if job is JobKind.IMPORT and not row["live"]:
        queue_import(connection, document_id)
    elif job is not None and (job in IMPORTS or job is JobKind.CLEAR):
        enqueue(connection, document_id, job)
    else:
        connection.execute("DELETE FROM jobs WHERE document_id = ?", (document_id,))


def _require_free_place(connection: Connection, row: Row) -> None:
    place = one(
        connection,
        "SELECT name, owner, collection, source, path_key, sha256 FROM documents WHERE id = ?",
        (row["document_id"],),
    )
    taken = scalar(
        connection,
        f"SELECT 1 FROM documents WHERE {AT_PLACE} AND id <> ? AND state NOT IN (?, ?, ?) "
        "AND (sha256 = ? OR (live = 1 AND ? = 1))",
        (
            *(place["owner"], place["collection"], place["source"], place["path_key"]),
            *(row["document_id"], *DEAD_OR_GOING, place["sha256"], row["live"]),
        ),
    )
    if taken:
        raise Conflict(f"{place['name']} was added again meanwhile, so that one stays.")
