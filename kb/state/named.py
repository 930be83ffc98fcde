"""Names by which people know an account or a group: no two that somebody takes for one another."""

from __future__ import annotations

from kb.errors import Conflict
from kb.state.sql import Connection
from kb.text.look_alikes import look_alike

_NAMES = "SELECT name FROM people UNION ALL SELECT name FROM person_groups"


def require_no_look_alike(connection: Connection, name: str) -> None:
    """Does nothing for a new name unless an account or a group has one that looks like it; raises Conflict."""
    taken = look_alike(name, (row["name"] for row in connection.execute(_NAMES).fetchall()))
    if taken is not None:
        raise Conflict(f"The name {name!r} looks like {taken!r}, which there is already. Choose another one.")
