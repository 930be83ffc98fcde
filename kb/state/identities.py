"""By what providers of identities know somebody: by issuer and subject, never by an e-mail address, which moves on."""

from __future__ import annotations

from dataclasses import dataclass

from kb.errors import Conflict, NotFound
from kb.state.sql import Connection, SqlDatabase, scalar

NO_PASSWORD = "none"  # noqa: S105  # of which no password is the hash


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as a provider knows them."""

    issuer: str
    subject: str


class Identities:
    """The table ``provided_identities``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def connect(self, person_id: int, identity: Identity) -> None:
        """Has the account be that of somebody whom a provider knows; raises Conflict where they have another."""
        with self._database.write() as connection:
            insert_identity(connection, person_id, identity)

    def ways(self, person_id: int) -> tuple[bool, tuple[str, ...]]:
        """Returns whether an account has a password, and the providers by which it signs in, in their order."""
        connection = self._database.read()
        kept = scalar(connection, "SELECT password FROM people WHERE id = ?", (person_id,))
        rows = connection.execute(
            "SELECT DISTINCT issuer FROM provided_identities WHERE person_id = ? ORDER BY issuer",
            (person_id,),
        )
        return kept not in (None, NO_PASSWORD), tuple(row["issuer"] for row in rows)

    def disconnect(self, person_id: int, issuer: str, *, in_use: str | None) -> None:
        """Ends that an account signs in by a provider, with every session that was begun so, or may have been.

        ``in_use`` is the provider by which people sign in now: that one, or a password, has to be left.

        Raises:
            NotFound: the account is not connected with it.
            Conflict: nobody could sign in to the account any more.
        """
        with self._database.write() as connection:
            known = connection.execute(
                "SELECT issuer FROM provided_identities WHERE person_id = ?", (person_id,)
            ).fetchall()
            issuers = {row["issuer"] for row in known}
            if issuer not in issuers:
                raise NotFound("This account does not sign in by that provider.")
            kept = scalar(connection, "SELECT password FROM people WHERE id = ?", (person_id,))
            if kept == NO_PASSWORD and in_use not in issuers - {issuer}:
                raise Conflict(
                    "This account has no password, so nobody could sign in to it any more. An owner can give it one "
                    "first."
                )
            connection.execute(
                "DELETE FROM provided_identities WHERE person_id = ? AND issuer = ?", (person_id, issuer)
            )
            connection.execute(
                "DELETE FROM sessions WHERE person_id = ? AND (issuer = ? OR issuer IS NULL)",
                (person_id, issuer),
            )


def insert_identity(connection: Connection, person_id: int, identity: Identity) -> None:
    """Raises Conflict where the identity has an account."""
    kept = connection.execute(
        "INSERT INTO provided_identities (issuer, subject, person_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (identity.issuer, identity.subject, person_id),
    )
    if not kept.rowcount:
        raise Conflict("Whoever signed in there has another account already.")
