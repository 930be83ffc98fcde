"""Who is signed in, by the SHA-256 of what their cookie holds: 256 random bits, which nobody guesses."""

from __future__ import annotations

from dataclasses import dataclass

from kb.state.api_keys import hashed
from kb.state.sql import SqlDatabase


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is signed in."""

    person_id: int
    last_used: str
    """UTC, ISO 8601, to the minute."""


class Sessions:
    """The table ``sessions``. Times are UTC, ISO 8601."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def begin(self, token: str, person_id: int, *, now: str, expires: str) -> None:
        """Keeps the hash of ``token``, and forgets sessions that have expired."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM sessions WHERE expires < ?", (now,))
            connection.execute(
                "INSERT INTO sessions (hash, person_id, begun, last_used, expires) VALUES (?, ?, ?, ?, ?)",
                (hashed(token), person_id, now, now, expires),
            )

    def find(self, token: str, *, now: str, used_since: str) -> Session | None:
        """Returns the session of ``token``; None where it has expired, or nothing came of it since ``used_since``."""
        row = (
            self._database.read()
            .execute(
                "SELECT person_id, last_used FROM sessions WHERE hash = ? AND expires >= ? AND last_used >= ?",
                (hashed(token), now, used_since),
            )
            .fetchone()
        )
        return None if row is None else Session(row["person_id"], row["last_used"])

    def touch(self, token: str, minute: str) -> None:
        """Notes when a session was used last."""
        with self._database.write() as connection:
            connection.execute("UPDATE sessions SET last_used = ? WHERE hash = ?", (minute, hashed(token)))

    def end(self, token: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM sessions WHERE hash = ?", (hashed(token),))

    def end_all(self, person_id: int) -> None:
        """Ends every session of somebody."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM sessions WHERE person_id = ?", (person_id,))
