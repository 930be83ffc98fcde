"""What retrieval reads: which chunks are searched, in which language they are, and their vectors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.state.document_filter import names_any_of
from kb.state.sql import SqlDatabase, in_lists, literal, marks, seen
from kb.types import OWNER, Filters, Fingerprint

if TYPE_CHECKING:
    from kb.types import Matrix, Vector

_FINDABLE = "documents.live = 1 AND documents.enabled = 1"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is asked of, counted."""

    filters: Filters
    chunks: int
    """How many chunks are searched."""
    indexed: int
    """How many chunks the indexes hold, those that are not searched included."""
    languages: frozenset[str]
    """The languages of the searched documents; a document of no known language has none."""

    @property
    def is_part(self) -> bool:
        """Whether the indexes hold chunks that are not searched."""
        return self.chunks < self.indexed


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that may be found, with what it takes to score it."""

    chunk_id: int
    document_id: str
    language: str | None
    vector: Vector | None
    """At the width in use, length 1; None where the embedder in use has not seen it yet."""


class Passages:
    """Reads ``chunks``, ``documents`` and ``vectors`` together, for one embedder.

    ``owner`` is whose documents are searched; those of others are not there.
    """

    def __init__(self, database: SqlDatabase, fingerprint: Fingerprint) -> None:
        self._database = database
        self._stored_key = fingerprint.stored_key
        self._width = fingerprint.width

    def scope(self, filters: Filters, *, owner: str = OWNER.id) -> Scope:
        """Returns what ``filters`` leave, and how much there is to search for it."""
        condition, values = _condition(filters, owner)
        searched, names = _where(filters)
        rows = self._database.read().execute(
            f"SELECT language, sum(documents.chunks) AS indexed, "
            f"sum(CASE WHEN {condition} THEN documents.chunks ELSE 0 END) AS counted "
            f"FROM documents WHERE live = 1 AND {searched} GROUP BY language",
            (*values, *names),
        )
        found = [(row["language"], row["indexed"], row["counted"]) for row in rows]
        return Scope(
            filters,
            chunks=sum(counted for _, _, counted in found),
            indexed=sum(indexed for _, indexed, _ in found),
            languages=frozenset(language for language, _, counted in found if counted and language),
        )

    def ids(self, filters: Filters, *, owner: str = OWNER.id) -> list[int]:
        condition, values = _condition(filters, owner)
        rows = self._database.read().execute(
            "SELECT chunks.id AS id FROM documents JOIN chunks ON chunks.document_id = documents.id "
            f"WHERE {condition}",
            values,
        )
        return [row["id"] for row in rows]

    def one_of_each_document(self, chunk_ids: Sequence[int]) -> list[int]:
        """Returns one of ``chunk_ids`` for each document that holds some of them."""
        found: dict[str, int] = {}
        for marked, part in in_lists(chunk_ids):
            rows = self._database.read().execute(
                f"SELECT document_id, min(id) AS id FROM chunks WHERE id IN ({marked}) GROUP BY document_id",
                part,
            )
            found.update((row["document_id"], row["id"]) for row in rows)
        return list(found.values())

    def candidates(
        self, chunk_ids: Collection[int], filters: Filters, *, owner: str = OWNER.id
    ) -> list[Candidate]:
        """Returns those of ``chunk_ids`` that are searchable now and that ``filters`` leave."""
        condition, values = _condition(filters, owner)
        return list(self._candidates(sorted(chunk_ids), condition, values))

    def _candidates(
        self, chunk_ids: Sequence[int], condition: str, values: Sequence[str]
    ) -> Iterator[Candidate]:
        for marked, part in in_lists(chunk_ids):
            rows = self._database.read().execute(
                "SELECT chunks.id AS chunk_id, document_id, language, vector FROM chunks "
                "JOIN documents ON documents.id = document_id "
                "LEFT JOIN vectors ON vectors.text_hash = chunks.text_hash "
                "AND embedder_id = (SELECT id FROM embedders WHERE stored_key = ?) "
                f"WHERE chunks.id IN ({marked}) AND {condition}",
                (self._stored_key, *part, *values),
            )
            found = rows.fetchall()
            vectors = iter(self._vectors([row["vector"] for row in found if row["vector"] is not None]))
            for row in found:
                vector = None if row["vector"] is None else next(vectors)
                yield Candidate(row["chunk_id"], row["document_id"], row["language"], vector)

    def _vectors(self, stored: Sequence[bytes]) -> Matrix:
        """Returns vectors of length 1 at the width in use, a row each."""
        import numpy as np

        if not stored:
            return np.empty((0, self._width), np.float32)
        whole = np.frombuffer(b"".join(stored), dtype=np.float16).reshape(len(stored), -1)
        rows = whole[:, : self._width].astype(np.float32)
        narrowed: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return narrowed


def _condition(filters: Filters, owner: str) -> tuple[str, list[str]]:
    """Returns an SQL condition on ``documents`` and its values."""
    parts, values = [_FINDABLE, "documents.owner = ?"], [owner]
    for condition, given in (_where(filters), _within("documents.language", filters.languages)):
        parts.append(condition)
        values += given
    if filters.documents:
        named, given = names_any_of(filters.documents)
        parts.append(named)
        values += given
    if filters.folders:
        of_each = "documents.folder = ? OR documents.folder LIKE ? ESCAPE '!'"
        parts.append("(" + " OR ".join([of_each] * len(filters.folders)) + ")")
        values += [value for folder in filters.folders for value in (folder, f"{literal(folder)}/%")]
    if filters.types:
        parts.append(
            "(" + " OR ".join(["lower(documents.name) LIKE ? ESCAPE '!'"] * len(filters.types)) + ")"
        )
        values += [f"%.{literal(suffix)}" for suffix in filters.types]
    for tag in filters.tags:
        parts.append("EXISTS (SELECT 1 FROM tags WHERE tags.document_id = documents.id AND tag = ?)")
        values.append(tag)
    if filters.since:
        parts.append("documents.added >= ?")
        values.append(filters.since)
    if filters.before:
        parts.append("documents.added < ?")
        values.append(filters.before)
    return " AND ".join(parts), values


def _where(filters: Filters) -> tuple[str, list[str]]:
    """Returns the condition on collections: those that are asked of, as far as whoever asks may see them."""
    asked, names = _within("documents.collection", filters.collections)
    visible, seen_names = seen("documents.collection", filters.within)
    return f"{asked} AND {visible}", [*names, *seen_names]


def _within(column: str, wanted: Sequence[str]) -> tuple[str, list[str]]:
    return (f"{column} IN ({marks(wanted)})", list(wanted)) if wanted else ("1 = 1", [])
