"""A person's actions on jobs: remove, cancel, pause, resume, retry. Each is done when its transaction is."""

from __future__ import annotations

from collections.abc import Sequence

from kb.errors import Conflict
from kb.state.documents import no_document, queue_import
from kb.state.job_steps import end_import, retire
from kb.state.jobs import IMPORTS, enqueue
from kb.state.sql import Connection, Row, SqlDatabase, marks, scalar
from kb.types import OWNER, Acted, DocumentState, JobKind, JobState

_CANCELLED = "The import was cancelled."
_PAUSED = "The import is paused."
_DEAD = (DocumentState.FAILED, DocumentState.CANCELLED)


class Control:
    """Changes jobs; a worker whose job is taken away here learns of that at its next write, or sooner.

    ``person`` is the account that asks, in whose turn it is done; 0 is whoever holds the data folder.
    """

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def remove(self, document_ids: Sequence[str], *, person: int = 0) -> None:
        """Deletes documents, all of them or, when it raises, none: nothing finds them from here on.

        What is stored of them is deleted by the worker. One that is being deleted may be named again.

        Raises:
            NotFound: one of them does not exist.
        """
        with self._database.write() as connection:
            for document_id in dict.fromkeys(document_ids):
                if _state(connection, document_id) is not DocumentState.DELETING:
                    retire(connection, document_id, person=person)

    def cancel(self, document_id: str) -> None:
        """Ends an import that is queued or under way; an older version of the document stays.

        Raises:
            NotFound: there is no such document.
            Conflict: nothing is under way that could be cancelled.
        """
        with self._database.write() as connection:
            _state(connection, document_id)
            job = _job(connection, document_id)
            if job is None or job["kind"] not in IMPORTS:
                raise Conflict("Nothing is being done with this document that could be cancelled.")
            if job["kind"] != JobKind.IMPORT:
                raise Conflict(
                    "This document can be found already and is only brought up to date. Pause that instead."
                )
            end_import(connection, document_id, DocumentState.CANCELLED, _CANCELLED)

    def pause(self, document_id: str) -> None:
        """Stops an import until it is resumed; it will go on after the last batch that was stored.

        Raises:
            NotFound: there is no such document.
            Conflict: it is not being imported.
        """
        with self._database.write() as connection:
            _state(connection, document_id)
            job = _job(connection, document_id)
            if job is None or job["kind"] not in IMPORTS:
                raise Conflict("This document is not being imported, so there is nothing to pause.")
            _take_back(connection, job["id"], JobState.PAUSED, _PAUSED)

    def resume(self, document_id: str) -> None:
        """Lets a paused import go on, or one that waits try again now; one that does neither stays as it is.

        Raises:
            NotFound: there is no such document.
            Conflict: it is not being imported.
        """
        with self._database.write() as connection:
            _state(connection, document_id)
            job = _job(connection, document_id)
            if job is None or job["kind"] not in IMPORTS:
                raise Conflict("This document is not being imported, so there is nothing to resume.")
            if job["state"] in (JobState.PAUSED, JobState.WAITING):
                _take_back(connection, job["id"], JobState.QUEUED, None)

    def retry(self, document_id: str, *, person: int = 0) -> None:
        """Queues a failed or cancelled import once more; one that waits tries again now.

        Raises:
            NotFound: there is no such document.
            Conflict: it did not fail.
        """
        with self._database.write() as connection:
            state = _state(connection, document_id)
            job = _job(connection, document_id)
            if state in _DEAD:
                queue_import(connection, document_id, person=person)
            elif job is None or job["kind"] not in IMPORTS:
                raise Conflict("This document did not fail, so there is nothing to try again.")
            elif job["state"] in (JobState.PAUSED, JobState.WAITING):
                _take_back(connection, job["id"], JobState.QUEUED, None)

    # --- Several ------------------------------------------------------------------------------

    def retry_each(self, document_ids: Sequence[str], *, person: int = 0) -> Acted:
        """Queues those of the documents once more whose import failed or was cancelled; refuses the others."""
        changed = 0
        with self._database.write() as connection:
            for document_id in document_ids:
                if _state(connection, document_id) in _DEAD:
                    queue_import(connection, document_id, person=person)
                    changed += 1
        refused = len(document_ids) - changed
        return Acted(changed, refused, "What did not fail is not tried again." if refused else None)

    def read_again(self, document_ids: Sequence[str], *, person: int = 0) -> Acted:
        """Queues documents to be read from their files once more; found as they are until that has worked.

        Refuses those that something is being done with.
        """
        changed = 0
        with self._database.write() as connection:
            for document_id in document_ids:
                state = _state(connection, document_id)
                if state in _DEAD:
                    queue_import(connection, document_id, person=person)
                elif state is DocumentState.READY and _job(connection, document_id) is None:
                    enqueue(connection, document_id, JobKind.RECHUNK, person=person)
                else:
                    continue
                changed += 1
        refused = len(document_ids) - changed
        return Acted(changed, refused, "What is still being imported is read already." if refused else None)

    # --- All of them --------------------------------------------------------------------------

    def pause_all(self) -> None:
        """Stops all imports, everybody's and those to come included, until they are resumed. Deleting goes on."""
        with self._database.write() as connection:
            connection.execute("UPDATE queue SET paused = 1")
            for job in _under_way(connection, JobState.RUNNING, JobState.WAITING):
                _take_back(connection, job["id"], JobState.QUEUED, None)

    def resume_all(self) -> None:
        """Lets all imports go on, those that were paused one by one included."""
        with self._database.write() as connection:
            connection.execute("UPDATE queue SET paused = 0, reason = NULL")
            for job in _under_way(connection, JobState.PAUSED, JobState.WAITING):
                _take_back(connection, job["id"], JobState.QUEUED, None)

    def retry_failed(self, *, owner: str = OWNER.id, person: int = 0) -> int:
        """Queues every failed import of ``owner`` once more; returns how many."""
        with self._database.write() as connection:
            failed = connection.execute(
                "SELECT id FROM documents WHERE owner = ? AND state = ? ORDER BY sequence",
                (owner, DocumentState.FAILED),
            ).fetchall()
            for row in failed:
                queue_import(connection, row["id"], person=person)
        return len(failed)


def _state(connection: Connection, document_id: str) -> DocumentState:
    row = connection.execute("SELECT state FROM documents WHERE id = ?", (document_id,)).fetchone()
    if row is None:
        raise no_document(document_id)
    return DocumentState(row["state"])


def _job(connection: Connection, document_id: str) -> Row | None:
    return connection.execute(
        "SELECT id, kind, state FROM jobs WHERE document_id = ?", (document_id,)
    ).fetchone()


def _under_way(connection: Connection, *states: JobState) -> list[Row]:
    return connection.execute(
        f"SELECT id FROM jobs WHERE state IN ({marks(states)}) AND kind IN ({marks(IMPORTS)})",
        (*states, *IMPORTS),
    ).fetchall()


def _take_back(connection: Connection, job_id: int, state: JobState, reason: str | None) -> None:
    """Puts a job into ``state``, whoever holds it; a document whose parser is thereby stopped is queued again."""
    document_id = scalar(
        connection,
        "UPDATE jobs SET state = ?, reason = ?, lease_owner = NULL, lease_until = 0, parses = 0 "
        "WHERE id = ? RETURNING document_id",
        (state, reason, job_id),
    )
    connection.execute(
        "UPDATE documents SET state = ? WHERE id = ? AND state = ?",
        (DocumentState.QUEUED, document_id, DocumentState.PARSING),
    )
