"""What collections are searched with instead of the library's embedder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.state.sql import Row, SqlDatabase, one
from kb.types import OWNER

Chosen = Mapping[str, Any]
"""Settings of ``[embedding]`` by name; without a model only what they say differs from the library's embedder."""


@dataclass(frozen=True, slots=True)
class CollectionEmbedder:
    """What one collection is searched with, and was before."""

    collection: str
    chosen: Chosen | None
    """None is the library's embedder as it is."""
    former: Chosen | None
    """Before the last change."""
    stored_key: str | None
    """Of the vectors that the collection has besides those of the library; None where it has none of its own."""


class CollectionEmbedders:
    """The table ``collection_embedders``: a row for each collection that ever had something of its own."""

    def __init__(self, database: SqlDatabase, *, owner: str = OWNER.id) -> None:
        self._database = database
        self._owner = owner

    def all(self) -> list[CollectionEmbedder]:
        """Returns the row of each collection that has one, by name."""
        rows = self._database.read().execute(
            "SELECT collection, chosen, former, stored_key FROM collection_embedders WHERE owner = ? ORDER BY 1",
            (self._owner,),
        )
        return [_embedder(row) for row in rows]

    def of(self, collection: str) -> CollectionEmbedder | None:
        """Returns what ``collection`` has; None where it never had anything of its own."""
        return next((each for each in self.all() if each.collection == collection), None)

    def choose(self, collection: str, chosen: Chosen | None, *, stored_key: str | None) -> None:
        """Notes in one transaction what ``collection`` is searched with from here on; what it was is its ``former``."""
        said = None if chosen is None else json.dumps(dict(chosen), ensure_ascii=False, sort_keys=True)
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO collection_embedders (owner, collection, chosen, stored_key) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (owner, collection) DO UPDATE SET former = collection_embedders.chosen, "
                "chosen = excluded.chosen, stored_key = excluded.stored_key",
                (self._owner, collection, said, stored_key),
            )

    def counted(self, each: CollectionEmbedder) -> tuple[int, int]:
        """Returns how many passages the collection has, and how many of them lack a vector of its own embedder."""
        row = one(
            self._database.read(),
            "SELECT count(*) AS passages, sum(CASE WHEN vectors.text_hash IS NULL THEN 1 ELSE 0 END) AS lacking "
            "FROM documents JOIN chunks ON chunks.document_id = documents.id LEFT JOIN vectors "
            "ON vectors.text_hash = chunks.text_hash "
            "AND embedder_id = (SELECT id FROM embedders WHERE stored_key = ?) "
            "WHERE live = 1 AND owner = ? AND collection = ?",
            (each.stored_key, self._owner, each.collection),
        )
        has_own = each.chosen is not None and each.stored_key is not None
        return row["passages"], (row["lacking"] or 0) if has_own else 0


def _embedder(row: Row) -> CollectionEmbedder:
    return CollectionEmbedder(
        row["collection"], _read(row["chosen"]), _read(row["former"]), row["stored_key"]
    )


def _read(said: str | None) -> Chosen | None:
    found: Chosen | None = None if said is None else json.loads(said)
    return found
