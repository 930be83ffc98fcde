"""Vectors at full width, in half precision, keyed by what was embedded and by whom."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kb.errors import Misconfigured
from kb.state.chunks import text_hash
from kb.state.sql import SqlDatabase, in_lists, scalar
from kb.types import Fingerprint

if TYPE_CHECKING:
    from kb.types import Matrix, Vector

_DELETED_AT_ONCE = 2000
"""Vectors that go in one transaction, so that nobody waits for long."""


def embedder_in_use(database: SqlDatabase) -> str | None:
    """Returns the stored key of the embedder that has vectors for most of the published chunks.

    Of several the one that was last taken into use, and where nothing is published the last that has any vector.
    None where there is none.
    """
    counts = _published(database)
    if counts:
        own = keys_of_collections(database)  # which may have as many, where a library is one collection
        likely = [key for key in counts if key not in own] or list(counts)
        return max(reversed(likely), key=counts.__getitem__)
    key: str | None = scalar(
        database.read(),
        "SELECT stored_key FROM embedders WHERE EXISTS "
        "(SELECT 1 FROM vectors WHERE embedder_id = embedders.id) ORDER BY id DESC LIMIT 1",
    )
    return key


def former_embedder(database: SqlDatabase, stored_key: str) -> str | None:
    """Returns the stored key of the other embedder that has vectors for most of the published chunks.

    None where the embedder of ``stored_key`` has them all, or no other has any.
    """
    counts = _published(database)
    mine = counts.pop(stored_key, 0)
    own = keys_of_collections(database)
    best = max((key for key in counts if key not in own), key=counts.__getitem__, default=None)
    return best if best is not None and counts[best] > mine else None


def keys_of_collections(database: SqlDatabase) -> set[str]:
    """Returns the stored keys of the embedders that collections have of their own."""
    rows = database.read().execute(
        "SELECT stored_key FROM collection_embedders WHERE chosen IS NOT NULL AND stored_key IS NOT NULL"
    )
    return {row["stored_key"] for row in rows}


def kept_vectors(database: SqlDatabase) -> dict[str, int]:
    """Returns for each embedder that has vectors, by stored key, how many."""
    return {
        row["stored_key"]: row["vectors"]
        for row in database.read().execute(
            "SELECT stored_key, count(*) AS vectors FROM embedders JOIN vectors ON embedder_id = embedders.id "
            "GROUP BY embedders.id, stored_key ORDER BY embedders.id"
        )
    }


def _published(database: SqlDatabase) -> dict[str, int]:
    """Returns for each embedder with vectors, in the order of their ids, how many published chunks they are of."""
    return {
        row["stored_key"]: row["vectors"]
        for row in database.read().execute(
            "SELECT stored_key, count(*) AS vectors FROM embedders JOIN vectors ON embedder_id = embedders.id "
            "JOIN chunks ON chunks.text_hash = vectors.text_hash JOIN documents ON documents.id = document_id "
            "WHERE live = 1 GROUP BY embedders.id, stored_key ORDER BY embedders.id"
        )
    }


def forget_other_embedders(database: SqlDatabase, stored_key: str) -> int:
    """Deletes the vectors of every embedder but that of ``stored_key`` and those of collections, in batches.

    Returns how many.
    """
    deleted, kept = 0, {stored_key, *keys_of_collections(database)}
    found = database.read().execute("SELECT id, stored_key FROM embedders").fetchall()
    others = [row["id"] for row in found if row["stored_key"] not in kept]
    for embedder_id in others:
        while True:
            with database.write() as connection:
                count = connection.execute(
                    "DELETE FROM vectors WHERE embedder_id = ? AND text_hash IN "
                    "(SELECT text_hash FROM vectors WHERE embedder_id = ? LIMIT ?)",
                    (embedder_id, embedder_id, _DELETED_AT_ONCE),
                ).rowcount
            deleted += count
            if count < _DELETED_AT_ONCE:
                break
    return deleted


class Vectors:
    """The tables ``embedders`` and ``vectors``, for one embedder."""

    def __init__(self, database: SqlDatabase, fingerprint: Fingerprint) -> None:
        self.embedder = fingerprint.stored_key
        """Whose vectors they are."""
        self._database = database
        self._native_width = fingerprint.native_width
        self._embedder_id = self._known(fingerprint) or self._register(fingerprint)

    def _known(self, fingerprint: Fingerprint) -> int | None:
        found: int | None = scalar(
            self._database.read(),
            "SELECT id FROM embedders WHERE stored_key = ?",
            (fingerprint.stored_key,),
        )
        return found

    def _register(self, fingerprint: Fingerprint) -> int:
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO embedders (stored_key) VALUES (?) ON CONFLICT DO NOTHING",
                (fingerprint.stored_key,),
            )
            return int(
                scalar(connection, "SELECT id FROM embedders WHERE stored_key = ?", (fingerprint.stored_key,))
            )

    def put(self, hashes: Sequence[bytes], vectors: Matrix, *, of_chunks: bool = False) -> None:
        """Stores vectors of shape (len(hashes), native width).

        ``of_chunks`` passes over texts that no chunk has any more: their document was removed while
        they were embedded, and nobody would ever take such a vector away.

        Raises:
            Misconfigured: the vectors have another width than those of this embedder.
        """
        import numpy as np

        if vectors.shape != (len(hashes), self._native_width):
            raise Misconfigured(
                f"The embedding model gave vectors of shape {vectors.shape} for {len(hashes)} texts, but those of "
                f"this index are {self._native_width} wide; nothing was stored. Check that the embedding "
                "server runs the model that the settings name."
            )
        rows = vectors.astype(np.float16)
        values = [
            (self._embedder_id, key, stored, zlib.crc32(stored))
            for key, stored in zip(hashes, (row.tobytes() for row in rows), strict=True)
        ]
        replaced = (
            "ON CONFLICT (embedder_id, text_hash) "
            "DO UPDATE SET vector = excluded.vector, checksum = excluded.checksum"
        )
        with self._database.write() as connection:
            if of_chunks:
                connection.executemany(
                    "INSERT INTO vectors (embedder_id, text_hash, vector, checksum) SELECT ?, ?, ?, ? "
                    "WHERE EXISTS (SELECT 1 FROM chunks WHERE text_hash = ?) "
                    f"OR EXISTS (SELECT 1 FROM chunks_aside WHERE text_hash = ?) {replaced}",
                    [(*row, row[1], row[1]) for row in values],
                )
            else:
                connection.executemany(
                    "INSERT INTO vectors (embedder_id, text_hash, vector, checksum) "
                    f"VALUES (?, ?, ?, ?) {replaced}",
                    values,
                )

    def get(self, hashes: Sequence[bytes], *, width: int) -> Matrix:
        """Returns the stored vectors truncated to ``width`` and normalised, shape (len(hashes), width), in order.

        Raises:
            KeyError: one of them is not stored.
        """
        found = dict(self._rows(hashes))
        return _cut([found[key] for key in hashes], width)

    def get_stored(self, hashes: Sequence[bytes], *, width: int) -> tuple[list[int], Matrix]:
        """Returns the places in ``hashes`` of those that are stored, and their vectors as ``get`` gives them."""
        found = dict(self._rows(hashes))
        places = [place for place, key in enumerate(hashes) if key in found]
        return places, _cut([found[hashes[place]] for place in places], width)

    def agreement(self, texts: Sequence[str], vectors: Matrix) -> Vector:
        """Returns the cosine of each of ``vectors``, at full width, to the stored one of its text: shape (len(texts),).

        Raises:
            KeyError: one of them is not stored.
        """
        import numpy as np

        stored = self.get([text_hash(text) for text in texts], width=self._native_width)
        return np.asarray((stored * vectors).sum(axis=1), dtype=np.float32)

    def blocks(
        self, collection: str | None, *, width: int, rows: int = 4096
    ) -> Iterator[tuple[list[int], Matrix]]:
        """Yields the ids and vectors of all published chunks, ``rows`` at a time, the vectors as ``get`` gives them.

        Chunks without a vector are left out.
        """
        after = 0
        connection = self._database.read()
        while True:
            # LEFT JOIN, so that SQLite reads in this order: in another it took 13 s a question at 100,000 chunks
            found = connection.execute(
                "SELECT block.id AS id, vector FROM "
                "(SELECT id, document_id, text_hash FROM chunks WHERE id > ? ORDER BY id LIMIT ?) AS block "
                "LEFT JOIN documents ON documents.id = block.document_id AND live = 1 "
                "AND collection = coalesce(?, collection) "
                "LEFT JOIN vectors ON embedder_id = ? AND vectors.text_hash = block.text_hash AND length(vector) = ? "
                "AND documents.id IS NOT NULL ORDER BY block.id",
                (after, rows, collection, self._embedder_id, 2 * self._native_width),
            ).fetchall()
            if not found:
                return
            after = found[-1]["id"]
            usable = [row for row in found if row["vector"] is not None]
            if usable:
                yield [row["id"] for row in usable], _cut([row["vector"] for row in usable], width)

    def lacking_ids(self, collection: str | None = None) -> list[int]:
        """Returns the ids of the published chunks without a vector; None: of all collections."""
        rows = self._database.read().execute(
            "SELECT chunks.id AS id FROM chunks JOIN documents ON documents.id = document_id WHERE live = 1 "
            "AND collection = coalesce(?, collection) "
            "AND NOT EXISTS (SELECT 1 FROM vectors WHERE embedder_id = ? AND vectors.text_hash = chunks.text_hash)",
            (collection, self._embedder_id),
        )
        return [row["id"] for row in rows]

    def lacking_tokens(self, collection: str | None = None) -> int:
        """Returns the tokens of the published chunks without a vector, as they were counted when they were cut."""
        count: int | None = scalar(
            self._database.read(),
            "SELECT sum(tokens) FROM chunks JOIN documents ON documents.id = document_id WHERE live = 1 "
            "AND collection = coalesce(?, collection) AND NOT EXISTS "
            "(SELECT 1 FROM vectors WHERE embedder_id = ? AND vectors.text_hash = chunks.text_hash)",
            (collection, self._embedder_id),
        )
        return count or 0

    def count_lacking(self, *, unless_queued: bool = False) -> int:
        """Returns how many published chunks have no vector; ``unless_queued``: nor a job that gives them one."""
        jobless = "AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.document_id = documents.id)"
        count: int = scalar(
            self._database.read(),
            "SELECT count(*) FROM chunks JOIN documents ON documents.id = document_id WHERE live = 1 AND NOT EXISTS "
            "(SELECT 1 FROM vectors WHERE embedder_id = ? AND vectors.text_hash = chunks.text_hash) "
            f"{jobless if unless_queued else ''}",
            (self._embedder_id,),
        )
        return count

    def missing(self, hashes: Iterable[bytes]) -> list[bytes]:
        """Returns those of ``hashes`` that have no vector yet, each once, in order."""
        wanted = list(dict.fromkeys(hashes))
        present = {key for key, _ in self._rows(wanted)}
        return [key for key in wanted if key not in present]

    def _rows(self, hashes: Sequence[bytes]) -> Iterable[tuple[bytes, bytes]]:
        connection = self._database.read()
        for marked, part in in_lists(hashes):
            yield from (
                (row["text_hash"], row["vector"])
                for row in connection.execute(
                    f"SELECT text_hash, vector FROM vectors WHERE embedder_id = ? AND text_hash IN ({marked})",
                    (self._embedder_id, *part),
                )
            )


def _cut(rows: Sequence[bytes], width: int) -> Matrix:
    """Returns stored vectors as float32, truncated to ``width`` and brought to length 1."""
    import numpy as np

    if not rows:
        return np.empty((0, width), dtype=np.float32)
    full = np.stack([np.frombuffer(row, dtype=np.float16) for row in rows]).astype(np.float32)
    prefix = full[:, :width]
    return np.asarray(prefix / np.linalg.norm(prefix, axis=1, keepdims=True), dtype=np.float32)
