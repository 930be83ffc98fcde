"""From a question to ranked passages: lexical and dense search, fused."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from kb.config.thresholds import thresholds_for
from kb.errors import BackendDown, BadInput, DiskFull, Misconfigured
from kb.ports import Embedder, LexicalIndex, VectorSearch
from kb.retrieval.candidates import Candidates, find_candidates, find_candidates_by_words
from kb.retrieval.deduplicate import distinct
from kb.retrieval.fusion import weight_of_meaning, weighted
from kb.retrieval.interpret import by_words, interpret
from kb.retrieval.language_bias import LanguageBias
from kb.retrieval.model_rerank import DEPTH, TimedReranker
from kb.retrieval.named_documents import settled_by_name
from kb.retrieval.score import Scores, score
from kb.retrieval.search_query import SearchParts, SearchQuery
from kb.retrieval.sentence_rerank import TOP_N_ACROSS, SentenceReranker
from kb.retrieval.views import Views
from kb.state.candidates import Passages
from kb.state.chunks import Chunks
from kb.state.documents import Documents
from kb.system.request_recording import recorded
from kb.types import AS_SET, Chunk, Context, Document, Filters, Hit, RequestKind, Retrieved, SearchTuning

log = logging.getLogger(__name__)


class Retriever:
    """Searches both indexes and fuses the results, one step a module; safe to call from several threads."""

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
        engine: str = "",
    ) -> None:
        """``engine`` is what the log of requests calls the vector store."""
        self._engine = engine
        self._parts = SearchParts(
            embedder=embedder,
            store=store,
            lexical=lexical,
            passages=passages,
            chunks=chunks,
            documents=documents,
            bias=LanguageBias(embedder),
            thresholds=thresholds_for(embedder.fingerprint.model).search,
        )
        self._dense_weight = dense_weight
        self._closer_look = closer_look
        self._second_look = timed_reranker

    @property
    def reranker(self) -> TimedReranker | None:
        """What reranks, for those who want scores of their own texts; None where nothing does."""
        return self._second_look

    def warm_up(self) -> None:
        """Computes what the first question would wait for, which loads the embedder's weights."""
        _ = self._parts.bias.spread
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
        tuning: SearchTuning = AS_SET,
    ) -> Retrieved:
        """Returns the ``k`` best passages that meet ``filters``; None: all do.

        ``context`` is what a conversation adds to a follow-up question; it counts for its weight. ``tuning`` is how
        this search differs from the settings.

        While the embedder cannot be had, words alone decide, and ``notice`` says so.

        Raises:
            BadInput: the question is empty.
        """
        if not question.strip():
            raise BadInput("The question is empty. Type what you want to know.")
        model = self._parts.embedder.fingerprint.model
        with recorded(RequestKind.RETRIEVAL, engine=self._engine, model=model, text=question):
            try:
                return self._by_both(question, k=k, filters=filters, context=context, tuning=tuning)
            except DiskFull:
                raise
            except (BackendDown, Misconfigured) as error:
                log.warning("words alone are searched", extra={"reason": str(error)})
                return self._by_words(
                    question, k=k, filters=filters or Filters(), context=context, reason=str(error)
                )

    def scored(
        self, question: str, hits: Sequence[Hit], *, filters: Filters, context: Context | None = None
    ) -> tuple[Hit, ...]:
        """Returns ``hits``, which others found and ordered, with the scores that this embedder gives them.

        As they are where it cannot be had.
        """
        try:
            query = interpret(question, k=len(hits), filters=filters, context=context, parts=self._parts)
        except (BackendDown, Misconfigured) as error:
            log.warning("passages keep another embedder's scores", extra={"reason": str(error)})
            return tuple(hits)
        passages = self._parts.passages.candidates([hit.chunk.id for hit in hits], filters)
        words = {hit.chunk.id: hit.scores["words"] for hit in hits if "words" in hit.scores}
        scores = score(query, Candidates(passages, words), self._parts)
        return tuple(
            replace(hit, scores={**_of_no_embedder(hit), **found})
            if (found := scores.of(hit.chunk.id))
            else hit
            for hit in hits
        )

    def _by_both(
        self,
        question: str,
        *,
        k: int,
        filters: Filters | None,
        context: Context | None,
        tuning: SearchTuning,
    ) -> Retrieved:
        times = [time.perf_counter()]
        depth = max(k, TOP_N_ACROSS if self._second_look is None else DEPTH)
        query = interpret(question, k=depth, filters=filters or Filters(), context=context, parts=self._parts)
        times.append(time.perf_counter())
        candidates = find_candidates(query, self._parts)
        scores = score(query, candidates, self._parts)
        weight = tuning.dense_weight
        if weight is None:
            weight = weight_of_meaning(
                self._dense_weight,
                query.text,
                scores.words,
                in_conversation=context is not None,
                thresholds=self._parts.thresholds,
            )
        fused = self._settled(query, self._fused(scores, weight), candidates)
        hits = self._distinct(query, fused, candidates, scores)
        times.append(time.perf_counter())
        hits = (self._refined(query, hits, scores, weight) if tuning.refined else hits)[:k]
        times.append(time.perf_counter())
        return Retrieved(hits, self._timings(times), notice=self._not_reranked())

    def _by_words(
        self, question: str, *, k: int, filters: Filters, context: Context | None, reason: str
    ) -> Retrieved:
        """Returns what the words of the question find; the embedder is not asked."""
        started = time.perf_counter()
        query = by_words(question, k=k, filters=filters, context=context, parts=self._parts)
        candidates = find_candidates_by_words(query, self._parts)
        ranked = sorted(candidates.words.items(), key=lambda found: (-found[1], found[0]))
        known = {candidate.chunk_id for candidate in candidates.passages}
        fused = self._settled(query, [found for found in ranked if found[0] in known], candidates)
        hits = self._distinct(query, fused, candidates, Scores({}, candidates.words, {}, Views({})))
        notice = f"Only the words of the question were searched, not its meaning. {reason}"
        timings = {"search": 1000 * (time.perf_counter() - started)}
        return Retrieved(hits[:k], timings, notice=notice, by_words=True)

    def _fused(self, scores: Scores, weight: float) -> list[tuple[int, float]]:
        """Returns (chunk id, score), best first."""
        return weighted(
            scores.dense,
            scores.words,
            dense_weight=weight,
            dense_unit=self._parts.bias.spread,
            words_unit=self._parts.lexical.highest_idf(),
        )

    def _settled(
        self, query: SearchQuery, fused: Sequence[tuple[int, float]], candidates: Candidates
    ) -> list[tuple[int, float]]:
        """Returns ``fused`` with the passages of documents that the question names before those of their namesakes."""
        return settled_by_name(
            fused,
            query.text,
            {candidate.chunk_id: candidate.document_id for candidate in candidates.passages},
            lexical=self._parts.lexical,
            penalty=self._parts.thresholds.other_name,
        )

    def _distinct(
        self,
        query: SearchQuery,
        fused: Sequence[tuple[int, float]],
        candidates: Candidates,
        scores: Scores,
    ) -> tuple[Hit, ...]:
        """Returns the best that differ, before they are refined: that step reads few and must not read duplicates."""
        vectors = {candidate.chunk_id: candidate.vector for candidate in candidates.passages}
        return distinct(self._findable(fused, query.k), query.k, vectors=vectors, scores=scores)

    def _refined(
        self, query: SearchQuery, hits: tuple[Hit, ...], scores: Scores, weight: float
    ) -> tuple[Hit, ...]:
        """Returns the hits in the order of the reranker or, without one, of their best sentences."""
        if self._second_look is not None:
            return self._second_look.order(query.text, hits)
        if self._closer_look is not None:
            views = [scores.views.of(hit.chunk.id, hit.document.language) for hit in hits]
            return self._closer_look.order(hits, views, unit=weight / self._parts.bias.spread)
        return hits

    def _not_reranked(self) -> str:
        """Returns the notice that the reranker could not order the hits; empty where it did, or there is none."""
        problem = self._second_look.problem if self._second_look is not None else ""
        return f"The passages stand in the order in which they were found. {problem}" if problem else ""

    def _timings(self, times: Sequence[float]) -> dict[str, float]:
        """Returns milliseconds; ``embed`` is the whole interpretation of the question, most of it its embedding."""
        embed, search, rerank = (1000 * (end - start) for start, end in pairwise(times))
        timings = {"embed": embed, "search": search}
        refines = self._second_look is not None or self._closer_look is not None
        return {**timings, "rerank": rerank} if refines else timings

    def _findable(
        self, fused: Sequence[tuple[int, float]], k: int
    ) -> Iterator[tuple[Chunk, Document, float]]:
        """Yields those of ``fused`` that are still there, in order, read ``k`` at a time: most are never shown."""
        for start in range(0, len(fused), k):
            part = fused[start : start + k]
            chunks = self._parts.chunks.findable([chunk_id for chunk_id, _ in part])
            owners = {chunk.document_id for chunk in chunks.values()}
            documents = {document.id: document for document in self._parts.documents.existing(owners)}
            for chunk_id, points in part:
                chunk = chunks.get(chunk_id)
                if chunk is not None and chunk.document_id in documents:
                    yield chunk, documents[chunk.document_id], points


def _of_no_embedder(hit: Hit) -> dict[str, float]:
    return {name: hit.scores[name] for name in ("words", "rerank") if name in hit.scores}
