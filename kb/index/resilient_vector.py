"""A vector store that stays usable while it is damaged or being rebuilt."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb.errors import BackendDown, Damaged
from kb.index.resilient import ResilientIndex
from kb.index.vector.server import for_a_person
from kb.ports import IndexLifecycle, VectorSearch, VectorStore

if TYPE_CHECKING:
    from kb.types import Matrix, Vector

log = logging.getLogger(__name__)


class ResilientVectorStore(ResilientIndex[VectorStore]):
    """A VectorStore for which ``exact`` answers until it is whole."""

    def __init__(self, lifecycle: IndexLifecycle[VectorStore], *, exact: VectorSearch) -> None:
        self._exact = exact
        super().__init__(lifecycle)

    def add(self, ids: Sequence[int], vectors: Matrix, *, collection: str) -> None:
        with self._written() as opened:
            opened.engine.add(ids, vectors, collection=collection)

    def delete(self, ids: Sequence[int], *, collection: str) -> None:
        with self._written() as opened:
            opened.engine.delete(ids, collection=collection)
            opened.deleted += len(ids)

    def search(self, vector: Vector, k: int, *, collection: str | None = None) -> list[tuple[int, float]]:
        with self._read() as opened:
            if opened is not None and self._is_whole:
                try:
                    with for_a_person():
                        return opened.engine.search(vector, k, collection=collection)
                except Damaged as error:
                    self._discard(opened, str(error))
                except BackendDown as error:  # a full disk, or a server that is away: what it holds stays
                    log.warning("exact search answers", extra={"reason": str(error)})
        return self._exact.search(vector, k, collection=collection)

    def ids(self) -> dict[str, set[int]]:
        """Returns every id it holds, by collection; empty when it proved damaged.

        Raises:
            BackendDown: the server that keeps it does not answer.
        """
        with self._read() as opened:
            if opened is None:
                return {}
            try:
                return opened.engine.ids()
            except Damaged as error:
                self._discard(opened, str(error))
        return {}
