"""The rows of one index in Chroma, wherever that runs: a Chroma collection for each collection of documents.

A Chroma collection for each of ours, and not one with a metadata filter: at 20,000 rows a filtered
question took 61 ms (p50) and an unfiltered one 2.2 ms on the same two cores.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from chromadb.api.collection_configuration import CreateCollectionConfiguration, CreateHNSWConfiguration

if TYPE_CHECKING:
    from kb.types import Matrix, Vector

INDEX = CreateCollectionConfiguration(
    hnsw=CreateHNSWConfiguration(space="cosine", ef_construction=128, ef_search=256, max_neighbors=24)
)
"""Of 10,000 vectors of passages by the bundled model, 300 others as questions, recall@10 is .993 with an
``ef_search`` of 128 and .996 with 256; of questions far from every passage .982 and .996. Indexes of before keep the
value they were made with."""
_FIRST_ROWS = 16
"""Of a store that was just opened: few, since nothing is known of its size and its disk."""


class CallPace:
    """How many rows the next call takes, so that it lasts no longer than ``longest_s``.

    A row takes longer the more there are: of 384 random numbers .4 ms in an empty index, 1.5 ms beside 20,000. Where
    what every call takes alone (a slow disk) is most of that time, a call takes as many rows as double it.
    """

    def __init__(self, *, most: int, longest_s: float) -> None:
        self.rows = most if math.isinf(longest_s) else min(_FIRST_ROWS, most)
        self._most = most
        self._longest_s = longest_s
        self._least_s = math.inf

    def took(self, rows: int, seconds: float) -> None:
        """Learns that a call with so many rows took so long."""
        self._least_s = min(self._least_s, seconds)
        each_s = (seconds - self._least_s) / rows
        room_s = max(self._longest_s - self._least_s, self._least_s)
        self.rows = self._most if each_s * self._most <= room_s else max(1, int(room_s / each_s))


class ChromaRows:
    """The VectorStore methods that embedded Chroma and a Chroma server have in common.

    ``create`` returns the Chroma collection for one of ours, made where there is none; ``faults`` translates what
    Chroma raises; ``batch`` is how many rows go into one call, at most where ``longest_s`` limits its seconds.
    """

    def __init__(
        self,
        *,
        collections: dict[str, Any],
        create: Callable[[str], Any],
        faults: Callable[[], AbstractContextManager[None]],
        batch: int,
        longest_s: float = math.inf,
    ) -> None:
        self._collections = collections
        self._create = create
        self._faults = faults
        self._batch = batch
        self._pace = CallPace(most=batch, longest_s=longest_s)

    def add(self, ids: Sequence[int], vectors: Matrix, *, collection: str) -> None:
        """Adds rows, or replaces those with the same id.

        Those are deleted first: of rows that were updated in place, HNSW lost 12 in 3,500 (no
        question reached them any more), of rows deleted and added again none.
        """
        with self._faults():
            target = self._get_or_create(collection)
            start = 0
            while start < len(ids):
                part = slice(start, start + self._pace.rows)
                names = [str(chunk_id) for chunk_id in ids[part]]
                if present := target.get(ids=names, include=[])["ids"]:
                    target.delete(ids=present)
                began = time.perf_counter()
                target.add(ids=names, embeddings=vectors[part])
                self._pace.took(len(names), time.perf_counter() - began)
                start += len(names)

    def delete(self, ids: Sequence[int], *, collection: str) -> None:
        target = self._collections.get(collection)
        if target is None:
            return
        with self._faults():
            for start in range(0, len(ids), self._batch):
                target.delete(ids=[str(chunk_id) for chunk_id in ids[start : start + self._batch]])

    def search(self, vector: Vector, k: int, *, collection: str | None = None) -> list[tuple[int, float]]:
        searched = [target for name, target in list(self._collections.items()) if collection in (None, name)]
        with self._faults():
            hits = [hit for target in searched for hit in self._nearest(target, vector, k)]
        return sorted(hits, key=lambda hit: -hit[1])[:k]

    def ids(self) -> dict[str, set[int]]:
        with self._faults():
            return {
                name: {int(chunk_id) for chunk_id in target.get(include=[])["ids"]}
                for name, target in list(self._collections.items())
            }

    def _nearest(self, target: Any, vector: Vector, k: int) -> list[tuple[int, float]]:
        return nearest(target, vector, k)

    def _get_or_create(self, collection: str) -> Any:
        if collection not in self._collections:
            self._collections[collection] = self._create(collection)
        return self._collections[collection]


def nearest(target: Any, vector: Vector, k: int) -> list[tuple[int, float]]:
    """Returns at most ``k`` (chunk id, cosine) of one Chroma collection, best first."""
    found = target.query(query_embeddings=[vector], n_results=k, include=["distances"])
    return [
        (int(chunk_id), 1.0 - float(distance))
        for chunk_id, distance in zip(found["ids"][0], found["distances"][0], strict=True)
    ]
