"""The index of the vectors that collections have of an embedder of their own: it follows the database, which is true.

Where it is not whole yet, or was lost, exact search over the stored vectors answers, as for the library.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import BackendDown, DiskFull
from kb.index.lifecycles import chroma_of_collections
from kb.index.pair import streamed
from kb.index.resilient_vector import ResilientVectorStore
from kb.index.rows import ROWS, hashes, slices
from kb.index.self_search import unreachable
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.state.vectors import Vectors
from kb.system.home_layout import HomeLayout
from kb.types import Fingerprint

if TYPE_CHECKING:
    from kb.types import Vector

log = logging.getLogger(__name__)

_FEWEST_DELETED = 2000
"""Rows that may be deleted before it is rebuilt, as of the library's."""


class CollectionIndex:
    """The vectors of one embedder in Chroma, for the collections that chose it; a ``kb.ports.VectorSearch``."""

    def __init__(self, home: Path, fingerprint: Fingerprint, database: Database) -> None:
        self.fingerprint = fingerprint
        self._vectors = Vectors(database, fingerprint)
        self._chunks = Chunks(database)
        layout = HomeLayout(home)
        self._folder = folder_of(layout, fingerprint)
        self._store = ResilientVectorStore(
            chroma_of_collections(self._folder, fingerprint), exact=streamed(database, fingerprint)
        )
        self._following = threading.RLock()

    @property
    def is_whole(self) -> bool:
        """Whether it answers; until then exact search does."""
        return self._store.is_whole

    def search(self, vector: Vector, k: int, *, collection: str | None = None) -> list[tuple[int, float]]:
        """Returns ids and cosines of the ``k`` nearest passages, best first; None: of all its collections."""
        return self._store.search(vector, k, collection=collection)

    def follow(self, collections: Collection[str], *, stopped: Callable[[], bool]) -> None:
        """Makes it hold what is published in ``collections`` and has a vector, and nothing else.

        A disk without space for it leaves exact search answering.
        """
        with self._following:
            try:
                self._store.look()
                self._store.open()
                if self._is_mostly_deleted():
                    self._store.rebuild()
                self._bring(collections, stopped)
                if not stopped() and not self._store.is_whole:
                    self._store.complete()
            except DiskFull as error:
                log.warning("exact search answers for a collection", extra={"reason": str(error)})

    def differences(self, collections: Collection[str]) -> tuple[int, int]:
        """Returns how many passages it lacks that have a vector, and how many rows it has that it should not."""
        lacking, extra = self._differing(collections)
        return sum(map(len, lacking.values())), sum(map(len, extra.values()))

    def lacking_vectors(self, collections: Collection[str]) -> int:
        """Returns how many passages of ``collections`` have no vector of this embedder."""
        return sum(len(self._vectors.lacking_ids(collection)) for collection in collections)

    def unreachable(
        self, collections: Collection[str], *, stopped: Callable[[], bool]
    ) -> dict[str, list[int]]:
        """Returns the passages that their own vector does not find first, by collection."""
        published = self._chunks.published_ids()
        return unreachable(
            self._store,
            [(name, published.get(name, set())) for name in collections],
            partial(self._vectors.blocks, width=self.fingerprint.width),
            stopped=stopped,
            report=_unheard,
        )

    def mend(self, collections: Collection[str], *, stopped: Callable[[], bool]) -> None:
        """Follows, and adds again what is not found by its own vector; what stays so is built anew."""
        with self._following:
            self.follow(collections, stopped=stopped)
            for name, ids in self.unreachable(collections, stopped=stopped).items():
                self._store.delete(ids, collection=name)
                self._add(ids, name)
            if self.unreachable(collections, stopped=stopped):
                self._store.discard("Some passages of a collection were found by no question.")
                self.follow(collections, stopped=stopped)

    def close(self) -> None:
        """Closes it, to be found again by the next start."""
        self._store.close()

    def drop(self) -> None:
        """Closes it after its last reader, and removes it."""
        self._store.retire()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _bring(self, collections: Collection[str], stopped: Callable[[], bool]) -> None:
        if self._is_of_another_database():
            self._store.discard("It has ids that this database never gave out.")
        lacking, extra = self._differing(collections)
        for name, surplus in extra.items():
            self._store.delete(sorted(surplus), collection=name)
        for name, missing in lacking.items():
            for part in slices(sorted(missing), ROWS):
                if stopped():
                    return
                self._add(part, name)

    def _add(self, ids: Collection[int], collection: str) -> None:
        chunks = self._chunks.by_id(sorted(ids))
        places, vectors = self._vectors.get_stored(hashes(chunks), width=self.fingerprint.width)
        if places:
            self._store.add([chunks[place].id for place in places], vectors, collection=collection)

    def _differing(self, collections: Collection[str]) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
        """Returns what it lacks and what it has too much, by collection."""
        published = self._chunks.published_ids()
        wanted = {
            name: published.get(name, set()) - set(self._vectors.lacking_ids(name)) for name in collections
        }
        try:
            held = self._store.ids()
        except BackendDown:
            held = {}
        names = wanted.keys() | held.keys()
        lacking = {name: wanted.get(name, set()) - held.get(name, set()) for name in names}
        extra = {name: held.get(name, set()) - wanted.get(name, set()) for name in names}
        return _filled(lacking), _filled(extra)

    def _is_of_another_database(self) -> bool:
        newest = self._chunks.newest_id()
        return any(chunk_id > newest for ids in self._store.ids().values() for chunk_id in ids)

    def _is_mostly_deleted(self) -> bool:
        deleted = self._store.deleted
        rows = sum(map(len, self._store.ids().values()))
        return self._store.is_whole and deleted > _FEWEST_DELETED and deleted > rows


def folder_of(layout: HomeLayout, fingerprint: Fingerprint) -> Path:
    """Returns where the index of an embedder of collections lies; no other has that folder."""
    return layout.collection_indexes / hashlib.sha256(fingerprint.key.encode()).hexdigest()[:16]


def drop_all_but(layout: HomeLayout, fingerprints: Collection[Fingerprint]) -> None:
    """Removes the indexes of embedders that no collection has any more, which nobody may have open."""
    kept = {folder_of(layout, fingerprint) for fingerprint in fingerprints}
    for folder in layout.collection_indexes.glob("*"):
        if folder not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _filled(found: dict[str, set[int]]) -> dict[str, set[int]]:
    return {name: ids for name, ids in found.items() if ids}


def _unheard(done: int, total: int) -> None:
    """Ignores progress."""
