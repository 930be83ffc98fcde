"""Who is signed in, by the SHA-256 of what their cookie holds: 256 random bits, which nobody guesses."""

from __future__ import annotations

from dataclasses import dataclass

from kb.state.api_keys import hashed
from kb.state.identities import Identity
from kb.state.sql import SqlDatabase, scalar


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

    def begin(self, token: str, person_id: int, proof: Identity | str, *, now: str, expires: str) -> bool:
        """Keeps the hash of ``token``, and forgets sessions that have expired.

        ``proof`` is what was shown: the identity, or the hash of the password. Returns False, and keeps nothing, where
        the account has it no more: whoever was asked for it a moment ago is too late.
        """
        known = proof if isinstance(proof, Identity) else None
        condition, values = (
            ("people WHERE id = ? AND password = ?", (person_id, proof))
            if known is None
            else (
                "provided_identities WHERE person_id = ? AND issuer = ? AND subject = ?",
                (person_id, known.issuer, known.subject),
            )
        )
        with self._database.write() as connection:
            connection.execute("DELETE FROM sessions WHERE expires < ?", (now,))
            kept = connection.execute(
                "INSERT INTO sessions (hash, person_id, begun, last_used, expires, issuer, subject) "
                f"SELECT ?, ?, ?, ?, ?, ?, ? FROM {condition}",
                (
                    *(hashed(token), person_id, now, now, expires),
                    *("" if known is None else known.issuer, "" if known is None else known.subject),
                    *values,
                ),
            )
        return kept.rowcount == 1

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

    def began_since(self, token: str, moment: str) -> bool:
        """Returns whether somebody signed in at ``moment`` or later, and has been signed in by ``token`` since."""
        return (
            scalar(
                self._database.read(),
                "SELECT 1 FROM sessions WHERE hash = ? AND begun >= ?",
                (hashed(token), moment),
            )
            is not None
        )

    def issuer(self, token: str) -> str | None:
        """Returns by which provider of identities a session began, empty for a password; None where it has ended."""
        found: str | None = scalar(
            self._database.read(), "SELECT issuer FROM sessions WHERE hash = ?", (hashed(token),)
        )
        return found

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
