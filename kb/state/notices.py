"""Sentences that the owner should read: what was lost, what was mended, what cannot go on."""

from __future__ import annotations

from datetime import UTC, datetime

from kb.errors import NotFound
from kb.state.db import Database
from kb.types import StoredNotice


class Notices:
    """The table ``notices``. They survive a restart, so that nobody misses one by not looking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, text: str) -> None:
        """Keeps a sentence until somebody puts it away; the same one twice is kept once."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO notices (made, text) SELECT ?, ? WHERE NOT EXISTS "
                "(SELECT 1 FROM notices WHERE text = ?)",
                (datetime.now(UTC).isoformat(timespec="seconds"), text, text),
            )

    def all(self) -> list[StoredNotice]:
        """Those not put away yet, newest first."""
        rows = self._database.read().execute("SELECT id, made, text FROM notices ORDER BY id DESC")
        return [StoredNotice(row["id"], row["made"], row["text"]) for row in rows]

    def dismiss(self, notice_id: int) -> None:
        """Removes one that was read.

        Raises:
            NotFound: it is not there (any more).
        """
        with self._database.write() as connection:
            if connection.execute("DELETE FROM notices WHERE id = ?", (notice_id,)).rowcount != 1:
                raise NotFound(f"There is no notice {notice_id}.")
