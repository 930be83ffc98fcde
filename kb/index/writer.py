"""The only writer of vectors, lexical rows and the ready state: what can be found, and since when."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from kb.errors import Cancelled, Damaged, Misconfigured, Superseded
from kb.index.rows import ROWS, Rows, hashes, slices
from kb.index.self_search import unreachable
from kb.ports import LexicalIndex, VectorStore
from kb.state.chunks import Chunks, text_hash
from kb.state.documents import Documents
from kb.state.job_steps import Steps
from kb.state.moves import Moves
from kb.state.vectors import Vectors
from kb.types import Chunk, Job, PreparedVectors

log = logging.getLogger(__name__)

_NEAR = 1e-3
"""Cosines this near to 1 are the same where a server computes with vectors of single precision."""
_SAMPLED = 20
"""How many passages of each collection are searched for before an index in another store takes over."""

Report: TypeAlias = Callable[[int, int], None]
"""Is told how much is done, and of how much."""


def _unheard(done: int, total: int) -> None:
    """Ignores progress."""


@dataclass(frozen=True, slots=True)
class Repairs:
    """What a comparison of the derived indexes with SQLite found and repaired."""

    added: int = 0
    removed: int = 0
    unembedded: tuple[str, ...] = ()
    """Ids of documents whose chunks have no vectors of this embedder; they were queued."""


class IndexWriter:
    """Writes to SQLite and to both derived indexes in an order that is safe against crashes.

    SQLite first for what is deleted, last for what is added: a chunk is findable exactly while its document
    is published in SQLite, whatever the derived indexes still or already hold.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        steps: Steps,
        chunks: Chunks,
        vectors: Vectors,
        store: VectorStore,
        lexical: LexicalIndex,
        width: int,
        moves: Moves,
        beside: IndexWriter | None = None,
    ) -> None:
        """``beside``: the writer of another embedder's vectors to the same words, from which this one takes over."""
        self._documents = documents
        self._steps = steps
        self._chunks = chunks
        self._vectors = vectors
        self._store = store
        self._lexical = lexical
        self._width = width
        self._moves = moves
        self._rows = Rows(
            documents=documents, chunks=chunks, vectors=vectors, store=store, lexical=lexical, width=width
        )
        self._writing: threading.RLock = threading.RLock() if beside is None else beside._writing
        self._is_superseded = False

    @property
    def is_superseded(self) -> bool:
        """Whether another writer took over: whoever still holds this one asks for that one."""
        return self._is_superseded

    @contextmanager
    def taking_over(self, former: IndexWriter) -> Iterator[None]:
        """Within it nobody publishes or removes; after it, unless it raises, ``former`` writes nothing any more."""
        with self._writing:
            yield
            former._is_superseded = True

    def _require_in_use(self) -> None:
        if self._is_superseded:
            raise Superseded(
                "The embedding model was just changed. What was under way goes on with the new one."
            )

    def unembedded(self, document_id: str) -> list[Chunk]:
        """Returns the chunks by which a document will be found that have no vector yet, one of each text, in order."""
        chunks = {text_hash(chunk.embedded_text): chunk for chunk in self._chunks.coming(document_id)}
        return [chunks[key] for key in self._vectors.missing(chunks)]

    def store_vectors(self, prepared: PreparedVectors) -> None:
        """Stores vectors, wherever they were made; committed when it returns.

        Those of chunks that were removed meanwhile are ignored.

        Raises:
            Misconfigured: they are another embedder's, or of another width than this index has.
        """
        if prepared.embedder != self._vectors.embedder:
            raise Misconfigured(
                f"Vectors of {prepared.embedder} do not belong into an index of {self._vectors.embedder}; nothing "
                "was stored. Have whatever prepares documents use the embedding model that the settings name."
            )
        self._require_in_use()
        self._vectors.put(prepared.hashes, prepared.vectors, of_chunks=True)

    def publish(self, jobs: Sequence[Job]) -> None:
        """Makes embedded documents findable; what they replace stops to be in the same transaction.

        Documents whose jobs lost their lease meanwhile are not published.
        """
        # a sweep in between would miss what is added here of a document removed meanwhile
        with self._writing:
            self._require_in_use()
            self._rows.add_documents(self._documents.existing(job.document_id for job in jobs))
            self._steps.make_ready(jobs)

    def sweep(self) -> None:
        """Brings the derived indexes to what was removed and moved, in batches, so that nobody waits for long."""
        self._follow_moves()
        while tombstones := self._chunks.tombstones(limit=ROWS):
            with self._writing:
                self._require_in_use()
                for collection, ids in tombstones.items():
                    self._store.delete(ids, collection=collection)
                    self._lexical.delete(ids)
                self._lexical.commit()
            self._chunks.forget_tombstones(chunk_id for ids in tombstones.values() for chunk_id in ids)

    def _follow_moves(self) -> None:
        while waiting := self._moves.to_follow(limit=1):
            with self._writing:
                self._require_in_use()
                self._rows.follow(waiting[0])
                self._moves.followed(waiting[0])

    def reconcile(self, *, stopped: Callable[[], bool] = lambda: False, report: Report = _unheard) -> Repairs:
        """Compares both derived indexes with SQLite by ids and repairs what differs, without the model.

        Chunks that have no vector of the embedder in use (it was changed) stay findable by their
        words; their documents are queued to be embedded. Others may search, publish and remove
        meanwhile. ``report`` is told how many of the lacking chunks are in, and of how many.
        """
        self.sweep()
        with self._writing:
            removed = self._drop_unknown(self._chunks.published_ids())
            words, dense = self._lexical.ids(), self._store.ids()
            published = self._chunks.published_ids()
        lacking = {
            name: sorted((ids - words) | (ids - dense.get(name, set()))) for name, ids in published.items()
        }
        total, done, added = sum(map(len, lacking.values())), 0, 0
        unembedded: set[str] = set()
        for collection, ids in lacking.items():
            for part in slices(ids, ROWS):
                if stopped():
                    break
                with self._writing:  # what is removed after it was read here is swept afterwards
                    chunks = self._chunks.by_id(part)
                    bare = {chunk.id for chunk in self._without_vectors(chunks)}
                    unembedded.update(chunk.document_id for chunk in chunks if chunk.id in bare)
                    without_words = [chunk for chunk in chunks if chunk.id not in words]
                    known = bare | dense.get(collection, set())
                    without_vector = [chunk for chunk in chunks if chunk.id not in known]
                    self._rows.add_words_of_several(without_words)
                    self._rows.add_stored_vectors(without_vector, collection=collection)
                    self._lexical.commit()
                added += len(without_words) + len(without_vector)
                done += len(part)
                report(done, total)
        self._documents.queue_embedding(unembedded)
        repairs = Repairs(added, removed, tuple(sorted(unembedded)))
        if repairs != Repairs():
            log.info("indexes repaired", extra={"repairs": repairs})
        return repairs

    def differences(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Returns how many chunks (lack, should not be) in the vector store, and in the lexical index."""
        with self._writing:
            published = self._chunks.published_ids()
            going = {chunk_id for ids in self._chunks.tombstones().values() for chunk_id in ids}
            bare = set(self._vectors.lacking_ids())
            words, dense = self._lexical.ids(), self._store.ids()
        everywhere = set().union(*published.values())
        lacking = extra = 0
        for name in published.keys() | dense.keys():
            lacking += len(published.get(name, set()) - bare - dense.get(name, set()))
            extra += len(dense.get(name, set()) - published.get(name, set()) - going)
        return (lacking, extra), (len(everywhere - words), len(words - everywhere - going))

    def unreachable(
        self, *, stopped: Callable[[], bool] = lambda: False, report: Report = _unheard, every: int = 1
    ) -> dict[str, list[int]]:
        """Returns the chunks that their own vector does not find first, ties aside, of each ``every``-th."""
        return unreachable(
            self._store,
            self._chunks.published_ids().items(),
            partial(self._vectors.blocks, width=self._width),
            stopped=stopped,
            report=report,
            every=every,
        )

    def add_again(self, lost: Mapping[str, Sequence[int]]) -> None:
        """Deletes rows from the vector store and adds them again, which makes them reachable."""
        for collection, ids in lost.items():
            for part in slices(ids, ROWS):
                with self._writing:
                    self._store.delete(part, collection=collection)
                    self._rows.add_stored_vectors(self._chunks.by_id(part), collection=collection)

    def fill(self, store: VectorStore, *, stopped: Callable[[], bool], report: Report) -> None:
        """Adds the vectors of all published chunks to another store, while documents come and go.

        Raises:
            Cancelled: it was stopped.
        """
        published = self._chunks.published_ids()
        total, done = sum(map(len, published.values())), 0
        for collection in published:
            for ids, vectors in self._vectors.blocks(collection, width=self._width, rows=ROWS):
                if stopped():
                    raise Cancelled("The move was stopped. Everything is as it was.")
                store.add(ids, vectors, collection=collection)
                done += len(ids)
                report(done, total)

    @contextmanager
    def settled(self, store: VectorStore) -> Iterator[None]:
        """Within it ``store``, which was filled, holds what this index holds, and nothing is written to either.

        Raises:
            Damaged: it does not, or does not find what it holds.
        """
        with self._writing:
            self._settle(store)
            yield

    def _settle(self, store: VectorStore) -> None:
        bare = set(self._vectors.lacking_ids())
        wanted = {name: ids - bare for name, ids in self._chunks.published_ids().items()}
        held = store.ids()
        for name in wanted.keys() | held.keys():
            surplus = held.get(name, set()) - wanted.get(name, set())
            store.delete(sorted(surplus), collection=name)
            for part in slices(sorted(wanted.get(name, set()) - held.get(name, set())), ROWS):
                chunks = self._chunks.by_id(part)
                vectors = self._vectors.get(hashes(chunks), width=self._width)
                store.add([chunk.id for chunk in chunks], vectors, collection=name)
        if {name: ids for name, ids in store.ids().items() if ids} != {
            n: ids for n, ids in wanted.items() if ids
        }:
            raise Damaged("The new index does not hold what it was given. The old one answers as before.")
        for name, ids in wanted.items():
            for chunk in self._chunks.by_id(sorted(ids)[:: max(1, len(ids) // _SAMPLED)]):
                (vector,) = self._vectors.get([text_hash(chunk.embedded_text)], width=self._width)
                found = store.search(vector, 1, collection=name)
                if not found or found[0][1] < 1 - _NEAR:
                    raise Damaged(
                        f"The new index does not find passage {chunk.id}. The old one answers as before."
                    )

    def _drop_unknown(self, published: dict[str, set[int]]) -> int:
        """Deletes rows that no chunk has; returns how many. An index of another library is discarded as a whole."""
        words, dense = self._lexical.ids(), self._store.ids()
        newest = self._chunks.newest_id()
        if any(chunk_id > newest for ids in (words, *dense.values()) for chunk_id in ids):
            # ids that this database never gave out: it is older than the index, so others may be wrong too
            published = {}
        extra_words = words - set().union(*published.values())
        self._lexical.delete(sorted(extra_words))
        self._lexical.commit()
        count = len(extra_words)
        for collection, ids in dense.items():
            extra = ids - published.get(collection, set())
            self._store.delete(sorted(extra), collection=collection)
            count += len(extra)
        return count

    def _without_vectors(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        missing = set(self._vectors.missing(text_hash(chunk.embedded_text) for chunk in chunks))
        return [chunk for chunk in chunks if text_hash(chunk.embedded_text) in missing]
