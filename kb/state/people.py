"""People with an account."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from kb.errors import Conflict, NotFound
from kb.state.identities import NO_PASSWORD, Identity, insert_identity
from kb.state.named import require_no_look_alike
from kb.state.sql import Connection, Row, SqlDatabase, scalar
from kb.text.look_alikes import look_alike
from kb.types import OWNER, Person, Role, home_of

_COLUMNS = "id, identity, name, role, added, last_seen"


class People:
    """The table ``people``. Names are compared without regard to capitals."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def add(self, name: str, password: str, role: Role) -> Person:
        """Keeps an account with the hash of its password.

        Raises:
            Conflict: the name is taken, or looks like one that is, or collections of somebody who had it are still
                there.
        """
        with self._database.write() as connection:
            _inserted(connection, name, password, role)
        return self.get(name)

    def add_provided(self, name: str, role: Role, identity: Identity) -> Person:
        """Keeps an account without a password, of somebody whom a provider of identities knows.

        Raises:
            Conflict: as ``add``; or they have an account already.
        """
        with self._database.write() as connection:
            insert_identity(connection, _inserted(connection, name, NO_PASSWORD, role), identity)
        return self.get(name)

    def provided(self, identity: Identity) -> Person | None:
        """Returns the account of somebody whom a provider knows; None where there is none."""
        row = (
            self._database.read()
            .execute(
                f"SELECT {_COLUMNS} FROM people JOIN provided_identities ON person_id = people.id "
                "WHERE issuer = ? AND subject = ?",
                (identity.issuer, identity.subject),
            )
            .fetchone()
        )
        return None if row is None else _person(row)

    def get(self, name: str) -> Person:
        """Raises NotFound."""
        found = self.find(name)
        if found is None:
            raise NotFound(f"There is no account {name!r}. `app.py user list` shows them.")
        return found[0]

    def find(self, name: str) -> tuple[Person, str] | None:
        """Returns an account and the hash of its password; None where there is none of that name."""
        row = (
            self._database.read()
            .execute(f"SELECT {_COLUMNS}, password FROM people WHERE name_key = ?", (name.casefold(),))
            .fetchone()
        )
        return None if row is None else (_person(row), row["password"])

    def of_id(self, person_id: int) -> Person | None:
        """Returns an account by its number; None where it is gone."""
        row = (
            self._database.read()
            .execute(f"SELECT {_COLUMNS} FROM people WHERE id = ?", (person_id,))
            .fetchone()
        )
        return None if row is None else _person(row)

    def of_identity(self, identity: str) -> Person | None:
        """Returns the account under whose ``identity`` something is stored; None where it is gone."""
        row = (
            self._database.read()
            .execute(f"SELECT {_COLUMNS} FROM people WHERE identity = ?", (identity,))
            .fetchone()
        )
        return None if row is None else _person(row)

    def all(self) -> list[Person]:
        """Returns every account, in the order of their names."""
        rows = self._database.read().execute(f"SELECT {_COLUMNS} FROM people ORDER BY name_key")
        return [_person(row) for row in rows]

    def set_password(self, name: str, password: str) -> None:
        """Keeps another hash, which ends every session of the account; raises NotFound."""
        person = self.get(name)
        with self._database.write() as connection:
            connection.execute("UPDATE people SET password = ? WHERE id = ?", (password, person.id))
            connection.execute("DELETE FROM sessions WHERE person_id = ?", (person.id,))

    def keep_hash(self, person_id: int, before: str, now: str) -> None:
        """Replaces a hash by one of the same password, of newer parameters, unless it was changed meanwhile."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE people SET password = ? WHERE id = ? AND password = ?", (now, person_id, before)
            )

    def set_role(self, name: str, role: Role) -> Person:
        """Gives an account another role.

        The first owner who is none any more takes along the conversations, and the keys that were made since there was
        the account: what stays under the name of the machine's owner reaches as far as that one does.

        Raises:
            NotFound: there is no such account.
            Conflict: it is the last owner's.
        """
        with self._database.write() as connection:
            person = _named(connection, name)
            if role is not Role.OWNER:
                _require_other_owner(connection, person)
            connection.execute("UPDATE people SET role = ? WHERE id = ?", (role, person.id))
            if role is not Role.OWNER and person.is_first_owner:
                _make_own(connection, person)
        return self.get(name)

    def remove(self, name: str) -> Person:
        """Deletes an account with its sessions, its keys, what it shared, and the texts that the log has of it.

        Returns it as it was at that moment.

        Of the first owner's keys those that are older than the account stay: the machine's owner made them.

        Raises:
            NotFound: there is no such account.
            Conflict: it is the last owner's, and there are others, whom nobody could let in any more.
        """
        with self._database.write() as connection:
            person = _named(connection, name)  # as it is now: a role may have changed since it was looked at
            others = scalar(connection, "SELECT count(*) FROM people WHERE id <> ?", (person.id,))
            if others:
                _require_other_owner(connection, person)
            connection.execute("DELETE FROM people WHERE id = ?", (person.id,))
            connection.execute("UPDATE request_log SET text = '' WHERE person = ?", (person.name,))
            since = person.added if person.is_first_owner else ""
            keys = connection.execute(
                "DELETE FROM api_keys WHERE owner = ? AND added >= ? RETURNING id", (person.identity, since)
            ).fetchall()
            for key in keys:
                connection.execute("UPDATE request_log SET text = '' WHERE key_id = ?", (key["id"],))
            _end_shares(connection, person.name)  # an owner's, too: they may have been an editor before
        return person

    def touch(self, person_id: int, minute: str) -> None:
        """Notes when somebody was here last."""
        with self._database.write() as connection:
            connection.execute("UPDATE people SET last_seen = ? WHERE id = ?", (minute, person_id))


def _named(connection: Connection, name: str) -> Person:
    """Raises NotFound."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM people WHERE name_key = ?", (name.casefold(),)
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no account {name!r}. `app.py user list` shows them.")
    return _person(row)


def _inserted(connection: Connection, name: str, password: str, role: Role) -> int:
    """Returns the number of a new account; raises Conflict as ``People.add`` does."""
    if connection.execute("SELECT 1 FROM people WHERE name_key = ?", (name.casefold(),)).fetchone():
        raise Conflict(f"There is an account {name!r} already.")
    if scalar(connection, "SELECT 1 FROM person_groups WHERE name_key = ?", (name.casefold(),)):
        raise Conflict(f"There is a group {name!r}: an account needs another name.")
    require_no_look_alike(connection, name)
    if _has_collections(connection, name):
        raise Conflict(
            f"There are collections that begin with {home_of(name)!r}, which would be theirs. "
            "Choose another name."
        )
    _end_shares(connection, name)  # of somebody of that name who was removed by a version before
    first = (
        role is Role.OWNER
        and connection.execute(
            "INSERT INTO handed_over (identity) VALUES (?) ON CONFLICT DO NOTHING", (OWNER.id,)
        ).rowcount
        == 1
    )
    number = scalar(
        connection,
        "INSERT INTO people (identity, name, name_key, role, password, added) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        (
            OWNER.id if first else _new_identity(),
            name,
            name.casefold(),
            role,
            password,
            datetime.now(UTC).isoformat(timespec="seconds"),
        ),
    )
    return int(str(number))


def _require_other_owner(connection: Connection, person: Person) -> None:
    """Does nothing unless ``person`` is the only owner; raises Conflict."""
    others = scalar(
        connection, "SELECT count(*) FROM people WHERE role = ? AND id <> ?", (Role.OWNER, person.id)
    )
    if person.role is Role.OWNER and not others:
        raise Conflict("This is the last owner. Make another account an owner's first.")


def _make_own(connection: Connection, person: Person) -> None:
    """Gives the first owner an identity as all others have one, with what is stored of them."""
    identity = _new_identity()
    connection.execute("UPDATE people SET identity = ? WHERE id = ?", (identity, person.id))
    connection.execute("UPDATE conversations SET owner = ? WHERE owner = ?", (identity, person.identity))
    connection.execute(
        "UPDATE api_keys SET owner = ? WHERE owner = ? AND added >= ?",
        (identity, person.identity, person.added),
    )


def _new_identity() -> str:
    return f"person/{secrets.token_hex(8)}"


def _end_shares(connection: Connection, name: str) -> None:
    """Ends what somebody shared: who gets an account of that name later has shared nothing yet."""
    home = home_of(name).casefold()
    shared = connection.execute("SELECT DISTINCT collection FROM shares").fetchall()
    for collection in (row["collection"] for row in shared):
        if collection.casefold().startswith(home):
            connection.execute("DELETE FROM shares WHERE collection = ?", (collection,))


def _has_collections(connection: Connection, name: str) -> bool:
    """Returns whether there are some that would be of whoever is called so, or would look as if."""
    found = connection.execute("SELECT DISTINCT collection FROM documents").fetchall()
    homes = {home for row in found for home, slash, _ in [row["collection"].partition("/")] if slash}
    return look_alike(name, homes) is not None


def _person(row: Row) -> Person:
    return Person(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        identity=row["identity"],
        added=row["added"],
        last_seen=row["last_seen"],
    )
