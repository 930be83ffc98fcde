"""A question to ranked passages: meaning and words, fused."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb.errors import BadInput
from kb.ports import Embedder, LexicalIndex, VectorSearch
from kb.retrieval.deduplicate import first_alike
from kb.retrieval.fusion import added, blend, weighted
from kb.retrieval.language_bias import LanguageBias
from kb.retrieval.model_rerank import DEPTH, TimedReranker
from kb.retrieval.sentence_rerank import TOP_N, SentenceReranker, View
from kb.retrieval.views import Views, cosines_of, discount_between_languages, plain_cosines
from kb.state.candidates import Candidate, Passages, Scope
from kb.state.chunks import Chunks
from kb.state.documents import Documents
from kb.text.document_names import without_names
from kb.text.language import language
from kb.text.words import identifiers, quoted
from kb.types import Also, Chunk, Context, Document, Filters, Hit, Retrieved

if TYPE_CHECKING:
    from kb.types import Vector

CANDIDATES = 50
"""How many passages each retriever contributes to the fusion."""
_COMPARE_ALL = 3000
"""So many passages are compared one by one where only they count: exact, and quicker than the indexes, which
would have to be asked for many times as many as are wanted."""
_NAMED = 1000
"""Where a question names a document, this many of its passages are compared: among all, those of others that
say the same would leave no place for them."""
_WIDER = 1.5
"""By how much more than their share passages are asked for when some of them will not count."""
_IDENTIFIER_WEIGHT = 0.2
"""The weight of meaning in a question that holds an identifier: what is meant is that name and none like it."""

DENSE_WEIGHT_IN_CONVERSATION = 0.37
"""At most this: an earlier answer speaks the language of the documents, so its words find more than a
question's alone. See docs/answers.md for the curve."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as the two indexes see it, and what it is asked of."""

    vector: Vector
    language: str
    scope: Scope
    allowed_ids: frozenset[int] | None
    """The ids of the passages that count, where they are few; else None."""

    @property
    def collection(self) -> str | None:
        """The collection that the indexes search; None for all, where other conditions are met afterwards."""
        return _only(self.scope.filters)


@dataclass(frozen=True, slots=True)
class _Named:
    """The passages of documents that a question calls by their names."""

    ids: frozenset[int] = frozenset()
    rest: str | None = None
    """The question without these names, which is what is asked of them; None where nothing else is left."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the indexes found, and what it takes to look at it again."""

    hits: tuple[Hit, ...]
    views: Views
    unit: float
    """What a cosine of 1 adds to a score."""


class Retriever:
    """Searches both indexes and joins what they find; safe to call from several threads."""

    def __init__(
        self,
        *,
        embedder: Embedder,
        store: VectorSearch,
        lexical: LexicalIndex,
        passages: Passages,
        chunks: Chunks,
        documents: Documents,
        dense_weight: float,
        closer_look: SentenceReranker | None = None,
        timed_reranker: TimedReranker | None = None,
    ) -> None:
        self._embedder = embedder
        self._store = store
        self._lexical = lexical
        self._passages = passages
        self._chunks = chunks
        self._documents = documents
        self._dense_weight = dense_weight
        self._closer_look = closer_look
        self._second_look = timed_reranker
        self._centres = LanguageBias(embedder)

    def warm_up(self) -> None:
        """Works out what the first question would wait for; the embedder's weights are loaded by it."""
        _ = self._centres.spread
        if self._second_look is not None:
            self._second_look.warm_up()

    def close(self) -> None:
        """Frees the reranker, where there is one."""
        if self._second_look is not None:
            self._second_look.close()

    def retrieve(
        self,
        question: str,
        *,
        k: int,
        filters: Filters | None = None,
        context: Context | None = None,
    ) -> Retrieved:
        """The ``k`` best passages of those that ``filters`` leave; None leaves all.

        ``context`` is what a conversation adds to a follow-up question; it counts for its weight.

        Raises:
            BadInput: the question is empty.
        """
        filters = filters or Filters()
        if not question.strip():
            raise BadInput("The question is empty. Type what you want to know.")
        started = time.perf_counter()
        named = self._named(question, filters)
        vector = self._embedded(question, context)
        rest = None if named.rest is None else self._embedded(named.rest, context)
        embedded = time.perf_counter()
        depth = TOP_N if self._second_look is None else DEPTH
        found = self._find(
            question, vector, k=max(k, depth), filters=filters, context=context, named=named.ids, rest=rest
        )
        searched = time.perf_counter()
        hits = self._looked_at_again(question, found)[:k]
        timings = {"embed": embedded - started, "search": searched - embedded}
        if self._second_look is not None or self._closer_look is not None:
            timings["rerank"] = time.perf_counter() - searched
        return Retrieved(hits, {step: 1000 * seconds for step, seconds in timings.items()})

    def _named(self, question: str, filters: Filters) -> _Named:
        ids = self._lexical.search_names(question, _NAMED, collection=_only(filters))
        if not ids:
            return _Named()
        owners = self._documents.existing(self._passages.owners(ids))
        return _Named(
            frozenset(ids), without_names(question, [document.document_name for document in owners])
        )

    def _embedded(self, question: str, context: Context | None) -> Vector:
        vector: Vector = self._embedder.embed_queries([question])[0]
        if context is None:
            return vector
        return blend(vector, self._embedder.embed_queries([context.text])[0], context.weight)

    def _find(
        self,
        question: str,
        vector: Vector,
        *,
        k: int,
        filters: Filters,
        context: Context | None,
        named: frozenset[int],
        rest: Vector | None = None,
    ) -> _Found:
        """``rest``: the question without names, for the passages that are ``search_names``; None: as for the others."""
        asked = self._asked(question, vector, filters)
        limit = max(CANDIDATES, k)
        named = named if asked.allowed_ids is None else named & asked.allowed_ids
        words = dict(self._with_words(asked, question, limit))
        if named:  # each of them, or those beyond the best few would seem to hold no word of the question
            words |= self._lexical.search(question, len(named), allowed_ids=named)
        if context is not None:
            words = added(words, dict(self._with_words(asked, context.text, limit)), context.weight)
        near = asked.allowed_ids if asked.allowed_ids is not None else self._with_meaning(asked, limit)
        candidates = self._passages.candidates({*near, *words, *named}, filters)
        views = Views(self._views(asked))
        dense = cosines_of(candidates, views)
        if not identifiers(question):
            words = discount_between_languages(words, candidates, views.whole)
        if rest is not None:
            views = Views(views.whole, self._views(replace(asked, vector=rest)), named)
            dense = {key: max(dense[key], cosine) for key, cosine in cosines_of(candidates, views).items()}
        weight = self._weight_of_meaning(question, words, context)
        fused = weighted(
            dense,
            words,
            dense_weight=weight,
            dense_unit=self._centres.spread,
            words_unit=self._lexical.highest_idf(),
        )
        scores = {"dense": dense, "words": words, "cosine": plain_cosines(candidates, views.whole)}
        hits = self._hits(fused, k, candidates, scores)
        return _Found(hits, views, weight / self._centres.spread)

    def _looked_at_again(self, question: str, found: _Found) -> tuple[Hit, ...]:
        """The hits in the order of the reranker or, without one, of their parts."""
        if self._second_look is not None:
            return self._second_look.order(question, found.hits)
        if self._closer_look is not None:
            views = [found.views.of(hit.chunk.id, hit.document.language) for hit in found.hits]
            return self._closer_look.order(found.hits, views, unit=found.unit)
        return found.hits

    # --- What counts --------------------------------------------------------------------------

    def _asked(self, question: str, vector: Vector, filters: Filters) -> _Asked:
        scope = self._passages.scope(filters)
        allowed_ids: frozenset[int] | None = None
        if scope.is_part and scope.chunks <= _COMPARE_ALL:
            allowed_ids = frozenset(self._passages.ids(filters))
        asked = _Asked(vector, language(question, likely=scope.languages), scope, allowed_ids)
        phrases = quoted(question)
        held = (
            self._lexical.phrase_search(phrases, _COMPARE_ALL, collection=asked.collection) if phrases else []
        )
        if allowed_ids is not None:
            held = [chunk_id for chunk_id in held if chunk_id in allowed_ids]
        # a phrase that stands nowhere is searched like other words: better something near than nothing
        return replace(asked, allowed_ids=frozenset(held)) if held else asked

    def _weight_of_meaning(self, question: str, words: Mapping[int, float], context: Context | None) -> float:
        weight = self._dense_weight
        if words and identifiers(question):
            weight = min(weight, _IDENTIFIER_WEIGHT)
        if context is not None:
            weight = min(weight, DENSE_WEIGHT_IN_CONVERSATION)
        return weight

    # --- Candidates ---------------------------------------------------------------------------

    def _with_words(self, asked: _Asked, text: str, limit: int) -> Sequence[tuple[int, float]]:
        if asked.allowed_ids is None:
            limit = _enough(limit, asked.scope)
        return self._lexical.search(text, limit, collection=asked.collection, allowed_ids=asked.allowed_ids)

    def _with_meaning(self, asked: _Asked, limit: int) -> Collection[int]:
        """The ids of the nearest passages in the question's language, and of those in others."""
        others = self._others(asked)
        if not others:
            questions = [asked.vector]
        elif asked.scope.languages - others:
            questions = [asked.vector, self._centres.towards(asked.vector, asked.language, others)]
        else:
            questions = [self._centres.without_language(asked.vector, asked.language)]
        limit = _enough(limit, asked.scope)
        return {
            chunk_id
            for vector in questions
            for chunk_id, _ in self._store.search(vector, limit, collection=asked.collection)
        }

    def _others(self, asked: _Asked) -> frozenset[str]:
        """The languages that passages are in and the question is not, as far as there is something to do about it."""
        if not self._centres.knows(asked.language):
            return frozenset()
        return frozenset(
            code for code in asked.scope.languages if code != asked.language and self._centres.knows(code)
        )

    # --- Scores -------------------------------------------------------------------------------

    def _views(self, asked: _Asked) -> dict[str | None, View]:
        """The question as passages of each language that is not its own are compared with it; None for all others."""
        views: dict[str | None, View] = {None: View(asked.vector)}
        others = self._others(asked)
        if others:
            moved = self._centres.without_language(asked.vector, asked.language)
            for code in others:
                views[code] = View(moved, self._centres.offset(asked.vector, asked.language, code))
        return views

    def _hits(
        self,
        fused: Sequence[tuple[int, float]],
        k: int,
        candidates: Sequence[Candidate],
        scores: Mapping[str, Mapping[int, float]],
    ) -> tuple[Hit, ...]:
        """The ``k`` best; those that say the same as a better one are only mentioned there."""
        vectors = {candidate.chunk_id: candidate.vector for candidate in candidates}
        hits: list[Hit] = []
        kept: list[tuple[str, Vector | None]] = []
        for chunk, document, score in self._findable(fused, k):
            alike = first_alike(chunk.text, vectors[chunk.id], kept)
            if alike is not None:
                also = Also(chunk.id, document.id, document.name, chunk.anchor)
                hits[alike] = replace(hits[alike], also=(*hits[alike].also, also))
                continue
            if len(hits) == k:
                break
            found_by = {name: found[chunk.id] for name, found in scores.items() if chunk.id in found}
            hits.append(Hit(chunk, document, score, rank=len(hits) + 1, scores=found_by))
            kept.append((chunk.text, vectors[chunk.id]))
        return tuple(hits)

    def _findable(
        self, fused: Sequence[tuple[int, float]], k: int
    ) -> Iterator[tuple[Chunk, Document, float]]:
        """Those of ``fused`` that are still there, in order, read ``k`` at a time: most of them are never shown."""
        for start in range(0, len(fused), k):
            part = fused[start : start + k]
            chunks = self._chunks.findable([chunk_id for chunk_id, _ in part])
            owners = {chunk.document_id for chunk in chunks.values()}
            documents = {document.id: document for document in self._documents.existing(owners)}
            for chunk_id, score in part:
                chunk = chunks.get(chunk_id)
                if chunk is not None and chunk.document_id in documents:
                    yield chunk, documents[chunk.document_id], score


def _only(filters: Filters) -> str | None:
    """The one collection that ``filters`` leave; None for several."""
    return filters.collections[0] if len(filters.collections) == 1 else None


def _enough(limit: int, scope: Scope) -> int:
    """How many passages to ask an index for, so that about ``limit`` of them count."""
    if not scope.is_part:
        return limit
    return min(scope.indexed, int(limit * _WIDER * scope.indexed / max(1, scope.chunks)) + 1)
