"""Whether rows of an index of vectors are found by their own vectors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kb.ports import VectorSearch

if TYPE_CHECKING:
    from kb.types import Matrix

TIE = 1e-4
"""Cosines this near to 1 are the same: vectors are stored in half precision."""


def unreachable(
    store: VectorSearch,
    published: Iterable[tuple[str, Collection[int]]],
    blocks: Callable[[str], Iterator[tuple[list[int], Matrix]]],
    *,
    stopped: Callable[[], bool],
    report: Callable[[int, int], None],
    every: int = 1,
) -> dict[str, list[int]]:
    """Returns the ids that their own vector does not find first, ties aside, of each ``every``-th of ``blocks``.

    HNSW can hold a row that no question reaches (chroma #7758): the ids are all there, and only
    searching for each shows it.
    """
    lost: dict[str, list[int]] = {}
    wanted = list(published)
    total, done = sum(len(ids) for _, ids in wanted), 0
    for collection, _ in wanted:
        for ids, vectors in blocks(collection):
            for chunk_id, vector in _each(ids, vectors, every):
                if stopped():
                    return lost
                found = store.search(vector, 1, collection=collection)
                if not found or (found[0][0] != chunk_id and found[0][1] < 1 - TIE):
                    lost.setdefault(collection, []).append(chunk_id)
            done += len(ids)
            report(done, total)
    return lost


def _each(ids: Sequence[int], vectors: Matrix, every: int) -> list[tuple[int, Matrix]]:
    return list(zip(ids, vectors, strict=True))[::every]
