"""The rows of one index on a Weaviate server: a tenant for each collection of documents."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter, MetadataQuery

from kb.errors import Damaged
from kb.index.vector.server import VectorServer, VerifiedAfterAbsence

if TYPE_CHECKING:
    from kb.types import Matrix, Vector

_MOST_BYTES = 3 << 20
"""Of one message: gRPC refuses more than 4 MB unless both sides were told otherwise."""
_BYTES_BESIDE = 400
"""Of an object on the wire beside its vector."""
_MOST_ROWS = 500
_PAGE = 1000
"""Objects in one listing."""
_ROWS = uuid.UUID("9c3f4f0e-6f2e-5d0f-8c53-0d3f5f2a7b11")
"""The namespace of the rows' ids."""
VECTOR = "own"
CHUNK, COLLECTION = "chunk", "collection"
_SAME = 1e-3
"""What is lacking to a cosine of 1 in single precision, at most."""


class WeaviateStore:
    """The rows of one index on a Weaviate server; ``close`` ends the connection, and the rows stay."""

    def __init__(
        self,
        index: Any,
        server: VectorServer,
        *,
        faults: Callable[[], AbstractContextManager[None]],
        release: Callable[[], None],
        width: int,
    ) -> None:
        """``index`` is Weaviate's collection; ``release`` gives the connection back, ``faults`` translates errors.

        Raises:
            Damaged: rows that it has are not found.
        """
        self._index = index
        self._server = server
        self._asked = VerifiedAfterAbsence(faults, self._verify)
        self._release = release
        self._batch = max(1, min(_MOST_ROWS, _MOST_BYTES // (4 * width + _BYTES_BESIDE)))
        self._tenants: dict[str, Any] = {}
        """Collection of ours -> the Weaviate collection as its tenant sees it."""
        with faults():
            self._known = set(index.tenants.get())
            self._find()
            self._verify()

    def add(self, ids: Sequence[int], vectors: Matrix, *, collection: str) -> None:
        """Adds rows, or replaces those with the same id."""
        with self._asked():
            tenant = self._tenant(collection)
            for start in range(0, len(ids), self._batch):
                part = slice(start, start + self._batch)
                done = tenant.data.insert_many(
                    [
                        DataObject(
                            uuid=_row_id(chunk_id),
                            properties={CHUNK: int(chunk_id), COLLECTION: collection},
                            vector={VECTOR: vector.tolist()},
                        )
                        for chunk_id, vector in zip(ids[part], vectors[part], strict=True)
                    ]
                )
                for failed in done.errors.values():
                    raise self._server.refused(f"{len(done.errors)} rows were not stored: {failed.message}")

    def delete(self, ids: Sequence[int], *, collection: str) -> None:
        tenant = self._tenants.get(collection)
        if tenant is None:
            return
        with self._asked():
            for start in range(0, len(ids), _MOST_ROWS):
                rows = [_row_id(chunk_id) for chunk_id in ids[start : start + _MOST_ROWS]]
                done = tenant.data.delete_many(where=Filter.by_id().contains_any(rows))
                if done.failed:
                    raise self._server.refused(f"{done.failed} rows were not deleted")

    def search(self, vector: Vector, k: int, *, collection: str | None = None) -> list[tuple[int, float]]:
        searched = [tenant for name, tenant in list(self._tenants.items()) if collection in (None, name)]
        with self._asked():
            hits = [hit for tenant in searched for hit in _nearest(tenant, vector.tolist(), k)]
        return sorted(hits, key=lambda hit: -hit[1])[:k]

    def ids(self) -> dict[str, set[int]]:
        with self._asked():
            return {name: set(_chunks(tenant)) for name, tenant in list(self._tenants.items())}

    def close(self) -> None:
        self._tenants.clear()
        self._release()

    def _tenant(self, collection: str) -> Any:
        if collection not in self._tenants:
            name = hashlib.sha256(collection.encode()).hexdigest()[:40]
            if name not in self._known:
                self._index.tenants.create(name)
                self._known.add(name)
            self._tenants[collection] = self._index.with_tenant(name)
        return self._tenants[collection]

    def _find(self) -> None:
        """Learns which collection of ours each tenant has, from one of its rows; one without rows has none."""
        for name in self._known:
            tenant = self._index.with_tenant(name)
            for found in tenant.query.fetch_objects(limit=1, return_properties=[COLLECTION]).objects:
                self._tenants[str(found.properties[COLLECTION])] = tenant

    def _verify(self) -> None:
        """Raises Damaged where a row of a collection does not find itself: its graph was not loaded."""
        for name, tenant in self._tenants.items():
            for row in tenant.query.fetch_objects(limit=1, include_vector=True).objects:
                vector = row.vector.get(VECTOR)
                found = _nearest(tenant, vector, 1) if vector else []
                if not found or found[0][1] < 1 - _SAME:
                    raise Damaged(
                        f"{self._server.who} does not find rows of the collection {name} that it has."
                    )


def _row_id(chunk_id: int) -> uuid.UUID:
    return uuid.uuid5(_ROWS, str(chunk_id))


def _nearest(tenant: Any, vector: list[float], k: int) -> list[tuple[int, float]]:
    found = tenant.query.near_vector(
        near_vector=vector,
        target_vector=VECTOR,
        limit=k,
        return_properties=[CHUNK],
        return_metadata=MetadataQuery(distance=True),
    )
    return [(int(row.properties[CHUNK]), 1.0 - float(row.metadata.distance)) for row in found.objects]


def _chunks(tenant: Any) -> Iterator[int]:
    for row in tenant.iterator(return_properties=[CHUNK], cache_size=_PAGE):
        yield int(row.properties[CHUNK])
