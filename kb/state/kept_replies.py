"""Replies to requests that name themselves, so that a request which comes once more changes nothing."""

from __future__ import annotations

from kb.state.sql import SqlDatabase
from kb.types import KeptReply


class KeptReplies:
    """The table ``kept_replies``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def get(self, name: str, *, caller: str, since: str) -> KeptReply | None:
        """Returns what was replied ``since`` then to the request of ``caller`` called ``name``; None to a new one."""
        row = (
            self._database.read()
            .execute(
                "SELECT asked, status, reply AS body FROM kept_replies "
                "WHERE caller = ? AND name = ? AND added >= ?",
                (caller, name, since),
            )
            .fetchone()
        )
        return None if row is None else KeptReply(**dict(row))

    def add(self, name: str, reply: KeptReply, *, caller: str, now: str, older: str) -> None:
        """Keeps a reply from ``now`` on, and forgets everybody's that were kept before ``older``; both ISO 8601."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM kept_replies WHERE added < ?", (older,))
            connection.execute(
                "INSERT INTO kept_replies (caller, name, asked, status, reply, added) VALUES (?, ?, ?, ?, ?, ?)",
                (caller, name, reply.asked, reply.status, reply.body, now),
            )
