"""The queue of work: a job is held by a lease that its worker renews while it lives."""

from __future__ import annotations

from collections.abc import Callable

from kb.state.db import Database
from kb.types import Job, JobKind

LEASE_SECONDS = 30.0
"""A worker that has not renewed its lease for this long is taken to be dead."""


class Jobs:
    """The table ``jobs``. ``clock`` returns seconds since 1970 and is shared by all workers of a data folder."""

    def __init__(self, database: Database, *, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def claim(self, owner: str, *, limit: int) -> list[Job]:
        """Takes up to ``limit`` jobs that nobody holds, oldest first, and begins one attempt of each."""
        now = self._clock()
        with self._database.write() as connection:
            rows = connection.execute(
                "UPDATE jobs SET lease_owner = ?, lease_until = ?, attempts = attempts + 1 "
                "WHERE id IN (SELECT id FROM jobs WHERE lease_until < ? ORDER BY id LIMIT ?) "
                "RETURNING id, kind, document_id, attempts",
                (owner, now + LEASE_SECONDS, now, limit),
            ).fetchall()
        return sorted(
            (Job(row["id"], JobKind(row["kind"]), row["document_id"], row["attempts"]) for row in rows),
            key=lambda job: job.id,
        )

    def renew(self, owner: str) -> None:
        """Keeps everything that ``owner`` holds for another ``LEASE_SECONDS``."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE jobs SET lease_until = ? WHERE lease_owner = ?",
                (self._clock() + LEASE_SECONDS, owner),
            )

    def release(self, owner: str) -> None:
        """Gives back what ``owner`` holds, so that another worker may take it at once."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE jobs SET lease_owner = NULL, lease_until = 0 WHERE lease_owner = ?", (owner,)
            )

    def release_all(self) -> None:
        """Takes every lease away. For the one process that holds the data folder, when it starts or stops."""
        with self._database.write() as connection:
            connection.execute("UPDATE jobs SET lease_owner = NULL, lease_until = 0")

    def waiting(self) -> int:
        """How many jobs are queued or under way."""
        count: int = self._database.read().execute("SELECT count(*) FROM jobs").fetchone()[0]
        return count
