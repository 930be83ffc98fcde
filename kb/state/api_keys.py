"""Keys of programs, as SHA-256.

A slow hash such as Argon2 protects what people choose, because it can be guessed. A key is 256 random bits: nobody
tries them all, however quick the hash is, and a slow one would cost every request a tenth of a second.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from kb.errors import Conflict, NotFound
from kb.state.sql import Row, SqlDatabase, scalar
from kb.text.look_alikes import look_alike
from kb.types import OWNER, AccessScope, ApiKey

_COLUMNS = "id, name, scope, collections, added, last_used, owner"


class ApiKeys:
    """The table ``api_keys``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def add(
        self,
        name: str,
        key: str,
        *,
        scope: AccessScope,
        collections: Sequence[str] | None,
        owner: str = OWNER.id,
        most: int | None = None,
    ) -> int:
        """Keeps the hash of ``key``; returns its number, which is never used twice.

        ``most`` is how many keys ``owner`` may have; None for as many as they like.

        Raises:
            Conflict: the name is taken, or looks like one that is, or it would be one too many.
        """
        with self._database.write() as connection:
            kept = scalar(connection, "SELECT count(*) FROM api_keys WHERE owner = ?", (owner,))
            if most is not None and kept >= most:
                raise Conflict(f"You have {most} keys already. Revoke one of them first.")
            rows = connection.execute("SELECT name FROM api_keys WHERE owner = ?", (owner,)).fetchall()
            taken = look_alike(name, (row["name"] for row in rows))
            if taken == name:
                raise Conflict(f"There is a key {name!r} already. Revoke it, or choose another name.")
            if taken is not None:  # one of the two would be revoked for the other
                raise Conflict(
                    f"The name {name!r} looks like {taken!r}, which there is already. Choose another one."
                )
            number: int = scalar(
                connection,
                "INSERT INTO api_keys (owner, name, hash, scope, collections, added) VALUES (?, ?, ?, ?, ?, ?) "
                "RETURNING id",
                (
                    owner,
                    name,
                    hashed(key),
                    scope,
                    None if collections is None else json.dumps(list(collections), ensure_ascii=False),
                    datetime.now(UTC).isoformat(timespec="seconds"),
                ),
            )
        return number

    def find(self, key: str) -> tuple[str, ApiKey] | None:
        """Returns whose ``key`` is, and what it may; None for one that is not, or no longer, kept.

        By an index over hashes: how long it takes says something of the hash, and nothing of the key.
        """
        row = (
            self._database.read()
            .execute(f"SELECT {_COLUMNS} FROM api_keys WHERE hash = ?", (hashed(key),))
            .fetchone()
        )
        return None if row is None else (row["owner"], _api_key(row))

    def of_id(self, number: int) -> tuple[str, ApiKey] | None:
        """Returns as ``find`` does, by the number of a key."""
        row = (
            self._database.read()
            .execute(f"SELECT {_COLUMNS} FROM api_keys WHERE id = ?", (number,))
            .fetchone()
        )
        return None if row is None else (row["owner"], _api_key(row))

    def all(self, *, owner: str = OWNER.id) -> list[ApiKey]:
        """Returns the keys of ``owner``, in the order of their names."""
        rows = self._database.read().execute(
            f"SELECT {_COLUMNS} FROM api_keys WHERE owner = ? ORDER BY name", (owner,)
        )
        return [_api_key(row) for row in rows]

    def revoke(self, name: str, *, owner: str = OWNER.id) -> int:
        """Deletes a key, which opens nothing from here on; returns its number. Raises NotFound."""
        with self._database.write() as connection:
            number = scalar(
                connection, "DELETE FROM api_keys WHERE owner = ? AND name = ? RETURNING id", (owner, name)
            )
        if number is None:
            raise NotFound(f"There is no key {name!r}. `app.py key list` shows them.")
        return int(number)

    def touch(self, number: int, minute: str) -> None:
        """Notes when a key was used last."""
        with self._database.write() as connection:
            connection.execute("UPDATE api_keys SET last_used = ? WHERE id = ?", (minute, number))


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _api_key(row: Row) -> ApiKey:
    found = row["collections"]
    return ApiKey(
        id=row["id"],
        name=row["name"],
        scope=AccessScope(row["scope"]),
        collections=None if found is None else tuple(json.loads(found)),
        added=row["added"],
        last_used=row["last_used"],
    )
