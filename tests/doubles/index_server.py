"""A server of indexes in memory: what a Chroma or Weaviate server keeps while its clients come and go."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb.errors import Damaged
from kb.index.vector.exact import ExactStore
from kb.types import Fingerprint, StoredIndex

if TYPE_CHECKING:
    from kb.types import Matrix, Vector


class IndexServer:
    """Collections by name, and for each fingerprint an alias: the collection that answers, with a count."""

    def __init__(self) -> None:
        self.collections: dict[str, ExactStore] = {}
        self.aliases: dict[str, StoredIndex] = {}
        self.broken: set[str] = set()
        """Collections that cannot be opened."""
        self._numbers = itertools.count(1)

    def create(self, prefix: str, fingerprint: Fingerprint) -> str:
        place = f"{prefix}_{next(self._numbers)}"
        self.collections[place] = ExactStore(fingerprint)
        return place


class RemoteCollection:
    """A VectorStore on one collection; closing it ends the connection, and the rows stay."""

    def __init__(self, rows: ExactStore) -> None:
        self._rows = rows

    def add(self, ids: Sequence[int], vectors: Matrix, *, collection: str) -> None:
        self._rows.add(ids, vectors, collection=collection)

    def delete(self, ids: Sequence[int], *, collection: str) -> None:
        self._rows.delete(ids, collection=collection)

    def search(self, vector: Vector, k: int, *, collection: str | None = None) -> list[tuple[int, float]]:
        return self._rows.search(vector, k, collection=collection)

    def ids(self) -> dict[str, set[int]]:
        return self._rows.ids()

    def close(self) -> None:
        """The server keeps the rows."""


class RemoteLifecycle:
    """``kb.ports.IndexLifecycle`` by alias and fingerprint. The server commits each write: none leaves doubt."""

    def __init__(self, server: IndexServer, fingerprint: Fingerprint) -> None:
        self._server = server
        self._fingerprint = fingerprint

    def find(self) -> StoredIndex | None:
        found = self._server.aliases.get(self._fingerprint.key)
        return found if found and found.place in self._server.collections else None

    def begin(self) -> str:
        return self._server.create(self._fingerprint.model, self._fingerprint)

    def open(self, place: str) -> RemoteCollection:
        if place in self._server.broken:
            raise Damaged(f"The collection {place} cannot be loaded.")
        return RemoteCollection(self._server.collections[place])

    def is_there(self, place: str) -> bool:
        return place in self._server.collections

    def before_write(self, place: str) -> None:
        """The server's own log makes a write whole or nothing."""

    def at_rest(self, place: str, *, deleted: int) -> None:
        self._server.aliases[self._fingerprint.key] = StoredIndex(place, deleted)

    def give_up(self, place: str) -> None:
        found = self._server.aliases.get(self._fingerprint.key)
        if found and found.place == place:
            del self._server.aliases[self._fingerprint.key]

    def keep_only(self, place: str) -> None:
        for other in self._server.collections.keys() - {place}:
            del self._server.collections[other]

    def remove(self, place: str) -> None:
        self.give_up(place)
        self._server.collections.pop(place, None)
