"""How imports ended, in the order in which they did: the database itself writes it, and keeps the latest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

from kb.state.sql import SqlDatabase, scalar, seen
from kb.types import OWNER, DocumentState, ImportEnd


class ImportEnds:
    """The table ``import_ends``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def newest(self) -> int:
        """Returns the number of the latest end, everybody's; 0 before the first."""
        return int(scalar(self._database.read(), "SELECT max(id) FROM import_ends") or 0)

    def number_of(
        self, event: str, *, owner: str = OWNER.id, collections: Collection[str] | None = None
    ) -> int:
        """Returns the number of an event; 0, from which all that are kept follow, where it is kept no more."""
        visible, names = seen("collection", collections)
        found = scalar(
            self._database.read(),
            "SELECT import_ends.id FROM import_ends JOIN documents ON documents.id = document_id "
            f"WHERE event = ? AND owner = ? AND {visible}",
            (event, owner, *names),
        )
        return int(found or 0)

    def following(
        self,
        after: int,
        *,
        limit: int,
        owner: str = OWNER.id,
        collections: Collection[str] | None = None,
    ) -> list[tuple[int, ImportEnd]]:
        """Returns at most ``limit`` ends behind the number ``after``, each with its own, of documents still there."""
        visible, names = seen("collection", collections)
        rows = self._database.read().execute(
            "SELECT import_ends.id AS number, event, document_id, name, collection, import_ends.state AS state, "
            "import_ends.reason AS reason, time FROM import_ends JOIN documents ON documents.id = document_id "
            f"WHERE import_ends.id > ? AND owner = ? AND documents.state <> ? AND {visible} "
            "ORDER BY import_ends.id LIMIT ?",
            (after, owner, DocumentState.DELETING, *names, limit),
        )
        return [
            (row["number"], ImportEnd(**{field.name: row[field.name] for field in fields(ImportEnd)}))
            for row in rows
        ]
