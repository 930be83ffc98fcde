"""Sentences that the owner should read: what was lost, what was repaired, what cannot go on."""

from __future__ import annotations

from datetime import UTC, datetime

from kb.errors import NotFound
from kb.state.sql import SqlDatabase
from kb.types import OWNER, StoredNotice


class Notices:
    """The table ``notices``. They survive a restart, so that nobody misses one by not looking."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def add(self, text: str, *, owner: str = OWNER.id) -> None:
        """Keeps a sentence until ``owner`` dismisses it; the same one twice is kept once."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO notices (made, text, owner) SELECT ?, ?, ? WHERE NOT EXISTS "
                "(SELECT 1 FROM notices WHERE owner = ? AND text = ?)",
                (datetime.now(UTC).isoformat(timespec="seconds"), text, owner, owner, text),
            )

    def all(self, *, owner: str = OWNER.id) -> list[StoredNotice]:
        """Returns the notices that ``owner`` has not dismissed yet, newest first."""
        rows = self._database.read().execute(
            "SELECT id, made, text FROM notices WHERE owner = ? ORDER BY id DESC", (owner,)
        )
        return [StoredNotice(row["id"], row["made"], row["text"]) for row in rows]

    def dismiss(self, notice_id: int, *, owner: str = OWNER.id) -> None:
        """Deletes a notice that was read.

        Raises:
            NotFound: it is not there (any more), or is somebody else's.
        """
        with self._database.write() as connection:
            if not connection.execute(
                "DELETE FROM notices WHERE id = ? AND owner = ?", (notice_id, owner)
            ).rowcount:
                raise NotFound(f"There is no notice {notice_id}.")
