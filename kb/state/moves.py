"""Putting documents into another collection.

What is true changes in one transaction; the derived indexes, which keep collections apart, follow by the rows that it
leaves, in whatever process holds them. Until they have, nothing is found twice or in a wrong collection: what an index
finds is looked up here.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from kb.errors import Conflict
from kb.state.document_place import AT_PLACE, DEAD_OR_GOING
from kb.state.documents import no_document
from kb.state.sql import Connection, SqlDatabase, at_most, scalar, seen
from kb.types import OWNER, Acted, DocumentState, MoveToFollow, Origin

_KEPT_SECONDS = 3600.0
"""How long a move can be undone: its row is small, and nothing else is kept for it."""
_COLUMNS = "id, name, collection, path, source, owner, path_key, sha256"


@dataclass(frozen=True, slots=True)
class Moved:
    """A document that was moved, for what notes where files are."""

    sha256: str
    before: Origin
    after: Origin


class Moves:
    """The table ``moves``. ``clock`` returns seconds since 1970."""

    def __init__(self, database: SqlDatabase, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def move(self, document_ids: Sequence[str], collection: str) -> tuple[Acted, list[Moved]]:
        """Puts documents into ``collection``, with every version of each; returns what was done, and of what.

        Passed over is what is there already; refused, with a reason, what would take the place of another file there.

        Raises:
            NotFound: one of them does not exist, and then none is moved.
        """
        undo = secrets.token_hex(8)
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM moves WHERE indexed_in IS NULL AND moved < ?", (self._clock() - _KEPT_SECONDS,)
            )
            wanted = [(document_id, collection) for document_id in dict.fromkeys(document_ids)]
            acted, moved = self._move(connection, wanted, undo)
        return (Acted(acted.changed, acted.refused, acted.reason, undo) if moved else acted), moved

    def undo(
        self, undo: str, *, owner: str = OWNER.id, collections: Collection[str] | None = None
    ) -> tuple[Acted, list[Moved]] | None:
        """Puts back what was moved in one go; None where nothing was moved under this name, or it is too late."""
        visible, names = seen("collection", collections)
        with self._database.write() as connection:
            rows = connection.execute(
                "SELECT document_id, former FROM moves JOIN documents ON documents.id = document_id "
                f"WHERE undo = ? AND owner = ? AND state <> ? AND {visible}",
                (undo, owner, DocumentState.DELETING, *names),
            ).fetchall()
            if not rows:
                return None
            back = [(row["document_id"], row["former"]) for row in rows]
            return self._move(connection, back, secrets.token_hex(8))

    def to_follow(self, *, limit: int = -1) -> list[MoveToFollow]:
        """Returns the documents that the derived indexes have not followed yet."""
        rows = self._database.read().execute(
            "SELECT document_id, indexed_in, collection, live FROM moves JOIN documents ON documents.id = document_id "
            "WHERE indexed_in IS NOT NULL ORDER BY document_id LIMIT ?",
            (at_most(limit),),
        )
        return [
            MoveToFollow(row["document_id"], row["indexed_in"], row["collection"], is_live=bool(row["live"]))
            for row in rows
        ]

    def followed(self, done: MoveToFollow) -> None:
        """Notes that the indexes hold a document where ``done`` says it is; it may have been moved on since."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE moves SET indexed_in = CASE WHEN (SELECT collection FROM documents WHERE id = document_id) = ? "
                "THEN NULL ELSE ? END WHERE document_id = ?",
                (done.collection, done.collection, done.document_id),
            )

    def _move(
        self, connection: Connection, wanted: Sequence[tuple[str, str]], undo: str
    ) -> tuple[Acted, list[Moved]]:
        moved: list[Moved] = []
        changed, refused, reason = 0, 0, None
        for document_id, collection in wanted:
            try:
                of_it = self._move_one(connection, document_id, collection, undo)
            except Conflict as error:
                refused, reason = refused + 1, reason or str(error)
            else:
                changed += bool(of_it)
                moved += of_it
        return Acted(changed, refused, reason), moved

    def _move_one(self, connection: Connection, document_id: str, collection: str, undo: str) -> list[Moved]:
        """Returns the versions that were moved; none where they are there already. Raises NotFound, Conflict."""
        row = connection.execute(f"SELECT {_COLUMNS} FROM documents WHERE id = ?", (document_id,)).fetchone()
        if row is None:
            raise no_document(document_id)
        if row["collection"] == collection:
            return []
        here = (row["owner"], row["collection"], row["source"], row["path_key"])
        there = (row["owner"], collection, row["source"], row["path_key"])
        if scalar(
            connection,
            f"SELECT 1 FROM documents WHERE {AT_PLACE} AND state NOT IN (?, ?, ?)",
            (*there, *DEAD_OR_GOING),
        ):
            raise Conflict(f"{row['name']} is in {collection} already, from the same place: that one stays.")
        versions = connection.execute(
            f"SELECT {_COLUMNS} FROM documents WHERE {AT_PLACE} AND state <> ?",
            (*here, DocumentState.DELETING),
        ).fetchall()
        for version in versions:
            connection.execute(
                "UPDATE documents SET collection = ? WHERE id = ?", (collection, version["id"])
            )
            connection.execute(
                "INSERT INTO moves (document_id, former, undo, moved, indexed_in) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (document_id) DO UPDATE SET former = excluded.former, undo = excluded.undo, "
                "moved = excluded.moved, indexed_in = coalesce(moves.indexed_in, excluded.indexed_in)",
                (version["id"], row["collection"], undo, self._clock(), row["collection"]),
            )
        return [
            Moved(
                each["sha256"],
                Origin(each["name"], row["collection"], each["path"], each["source"], each["owner"]),
                Origin(each["name"], collection, each["path"], each["source"], each["owner"]),
            )
            for each in versions
        ]
