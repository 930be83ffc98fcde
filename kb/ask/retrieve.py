"""A question to ranked passages: meaning and words, fused."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from kb.ask.fuse import added, convex, leaning
from kb.ask.rewrite import Context
from kb.errors import BadInput
from kb.ports import Embedder, LexicalIndex, VectorSearch
from kb.state.chunks import Chunks
from kb.state.documents import Documents
from kb.types import Chunk, Document, Hit

if TYPE_CHECKING:
    from kb.types import Vector

CANDIDATES = 50
"""How many passages each retriever contributes to the fusion."""

DENSE_WEIGHT_IN_CONVERSATION = 0.7
"""At most this: an earlier answer speaks the language of the documents, so its words find more than a
question's alone. See docs/answers.md for the curve."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages found for a question, best first, and what it took."""

    hits: tuple[Hit, ...]
    cosines: tuple[float, ...] = ()
    """Of all candidates of the dense retriever, best first; they tell whether the best one stands out."""
    timings_ms: dict[str, float] = field(default_factory=dict)


class Retriever:
    """Searches both indexes and joins what they find; safe to call from several threads."""

    def __init__(
        self,
        *,
        embedder: Embedder,
        store: VectorSearch,
        lexical: LexicalIndex,
        chunks: Chunks,
        documents: Documents,
        dense_weight: float,
    ) -> None:
        self._embedder = embedder
        self._store = store
        self._lexical = lexical
        self._chunks = chunks
        self._documents = documents
        self._dense_weight = dense_weight

    def retrieve(
        self, question: str, *, k: int, collection: str | None = None, context: Context | None = None
    ) -> Retrieved:
        """The ``k`` best passages; ``collection=None`` searches all.

        ``context`` is what a conversation adds to a follow-up question; it counts for its weight.

        Raises:
            BadInput: the question is empty.
        """
        if not question.strip():
            raise BadInput("The question is empty. Type what you want to know.")
        started = time.perf_counter()
        vector = self._embedder.embed_query(question)
        if context is not None:
            vector = leaning(vector, self._embedder.embed_query(context.text), context.weight)
        embedded = time.perf_counter()
        found = self.nearest(question, vector, k=k, collection=collection, context=context)
        searched = time.perf_counter()
        timings = {"embed": 1000 * (embedded - started), "search": 1000 * (searched - embedded)}
        return replace(found, timings_ms=timings)

    def nearest(
        self,
        question: str,
        vector: Vector,
        *,
        k: int,
        collection: str | None = None,
        context: Context | None = None,
    ) -> Retrieved:
        """The ``k`` best passages for a question that is embedded already: ``vector``, shape (width,).

        ``vector`` leans towards the context already, where there is one.
        """
        wanted = max(CANDIDATES, k)
        nearest = self._store.search(vector, wanted, collection=collection)
        dense = dict(nearest)
        words = dict(self._lexical.search(question, wanted, collection=collection))
        dense_weight = self._dense_weight
        if context is not None:
            said = dict(self._lexical.search(context.text, wanted, collection=collection))
            words = added(words, said, context.weight)
            dense_weight = min(dense_weight, DENSE_WEIGHT_IN_CONVERSATION)
        fused = convex(dense, words, dense_weight=dense_weight)
        scores = {"dense": dense, "words": words}
        hits = tuple(
            Hit(
                chunk=chunk,
                document=document,
                score=score,
                rank=rank,
                scores={name: found[chunk.id] for name, found in scores.items() if chunk.id in found},
            )
            for rank, (chunk, document, score) in enumerate(islice(self._findable(fused, k), k), start=1)
        )
        return Retrieved(hits, tuple(cosine for _, cosine in nearest))

    def _findable(
        self, fused: Sequence[tuple[int, float]], k: int
    ) -> Iterator[tuple[Chunk, Document, float]]:
        """Those of ``fused`` that may be found, in order, read ``k`` at a time: most of them are never shown."""
        for start in range(0, len(fused), k):
            part = fused[start : start + k]
            chunks = self._chunks.findable([chunk_id for chunk_id, _ in part])
            owners = {chunk.document_id for chunk in chunks.values()}
            documents = {document.id: document for document in self._documents.existing(owners)}
            for chunk_id, score in part:
                chunk = chunks.get(chunk_id)
                if chunk is not None and chunk.document_id in documents:
                    yield chunk, documents[chunk.document_id], score
