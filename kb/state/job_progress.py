"""How far the work is, for people to see: place in the queue, speed, time left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, islice

from kb.state.fair_turns import in_turn
from kb.state.jobs import IMPORTS, TURNS
from kb.state.sql import Connection, Row, SqlDatabase, in_lists, one, scalar
from kb.types import OWNER, DocumentState, JobKind, JobState, JobStatus, QueueStatus

_LATEST = 200
"""So many of the latest documents tell how many chunks a byte yields."""


class WorkProgress:
    """Reads the tables ``jobs``, ``queue`` and ``documents``; changes nothing.

    ``clock`` is the one that the jobs are timed with.
    """

    def __init__(self, database: SqlDatabase, *, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def of(self, document_ids: Sequence[str]) -> dict[str, JobStatus]:
        """Returns document id -> its job; documents without a job are left out."""
        connection = self._database.read()
        rows = [
            row
            for marked, part in in_lists(document_ids)
            for row in connection.execute(
                "SELECT document_id, kind, jobs.state AS state, attempts, jobs.reason AS reason, lease_until, "
                "chunks - chunks_done AS chunks_left FROM jobs JOIN documents ON documents.id = document_id "
                f"WHERE document_id IN ({marked})",
                part,
            )
        ]
        speed = _speed(connection)
        positions = _positions(connection) if any(row["state"] == JobState.QUEUED for row in rows) else {}
        return {row["document_id"]: self._status(row, positions, speed) for row in rows}

    def all(self, *, limit: int = -1, owner: str = OWNER.id) -> list[JobStatus]:
        """Returns every job of ``owner`` in the order in which they are done, at most ``limit``, -1 all."""
        connection = self._database.read()
        columns = "document_id, (SELECT owner FROM documents WHERE id = document_id) AS owner"
        begun = connection.execute(
            f"SELECT {columns} FROM jobs WHERE state <> ? ORDER BY turn, id", (JobState.QUEUED,)
        )
        found = (
            row for row in chain(begun, in_turn(connection, TURNS.values(), columns)) if row["owner"] == owner
        )
        ids = [row["document_id"] for row in islice(found, limit if limit >= 0 else None)]
        jobs = self.of(ids)
        return [jobs[document_id] for document_id in ids if document_id in jobs]

    def queue(self, *, owner: str = OWNER.id) -> QueueStatus:
        """Returns all imports together, everybody's: they share the machine. Of the failed ones those of ``owner``."""
        connection = self._database.read()
        row = one(connection, "SELECT paused, reason FROM queue")
        counted = connection.execute(
            "SELECT state, count(*) AS jobs FROM jobs WHERE turn > 0 GROUP BY state"
        ).fetchall()
        jobs = {found["state"]: int(found["jobs"]) for found in counted}
        failed = scalar(
            connection,
            "SELECT count(*) FROM documents WHERE owner = ? AND state = ?",
            (owner, DocumentState.FAILED),
        )
        speed = _speed(connection)
        left = _chunks_left(connection) if jobs and speed else None
        return QueueStatus(
            paused=bool(row["paused"]),
            reason=row["reason"],
            queued=jobs.get(JobState.QUEUED, 0),
            running=jobs.get(JobState.RUNNING, 0),
            waiting=jobs.get(JobState.WAITING, 0),
            paused_jobs=jobs.get(JobState.PAUSED, 0),
            failed=failed,
            chunks_per_second=speed,
            seconds_left=left / speed if left is not None and speed else None,
        )

    def _status(self, row: Row, positions: dict[str, int], speed: float | None) -> JobStatus:
        state = JobState(row["state"])
        kind = JobKind(row["kind"])
        runs = state is JobState.RUNNING and kind in IMPORTS
        return JobStatus(
            document_id=row["document_id"],
            kind=kind,
            state=state,
            attempts=row["attempts"],
            reason=row["reason"],
            position=positions.get(row["document_id"]),
            retry_in=max(0.0, row["lease_until"] - self._clock()) if state is JobState.WAITING else None,
            seconds_left=row["chunks_left"] / speed if runs and speed and row["chunks_left"] else None,
        )


def _positions(connection: Connection) -> dict[str, int]:
    """Returns the place of every queued import, from 1: one walk along the index ``jobs_by_turn``.

    Counting for one document those before it would walk as far, once for each document on the page.
    """
    rows = in_turn(connection, (TURNS[kind] for kind in IMPORTS))
    return {row["document_id"]: place for place, row in enumerate(rows, start=1)}


def _speed(connection: Connection) -> float | None:
    speed: float | None = scalar(connection, "SELECT chunks_per_second FROM queue")
    return speed


def _chunks_left(connection: Connection) -> float | None:
    """Returns the chunks still to be embedded: counted where a document is parsed, else estimated from its size."""
    known = scalar(
        connection,
        "SELECT coalesce(sum(chunks - chunks_done), 0) FROM documents WHERE state = ?",
        (DocumentState.EMBEDDING,),
    )
    unread = scalar(
        connection,
        "SELECT coalesce(sum(bytes), 0) FROM documents WHERE state IN (?, ?)",
        (DocumentState.QUEUED, DocumentState.PARSING),
    )
    if not unread:
        return float(known)
    latest = one(
        connection,
        "SELECT sum(chunks) AS chunks, sum(bytes) AS bytes FROM "
        "(SELECT chunks, bytes FROM documents WHERE state = ? ORDER BY added DESC LIMIT ?) AS latest",
        (DocumentState.READY, _LATEST),
    )
    if not latest["chunks"] or not latest["bytes"]:
        return None
    return float(known + unread * latest["chunks"] / latest["bytes"])
