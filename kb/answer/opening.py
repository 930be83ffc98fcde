"""What searches and what answers, over an embedder and indexes that are open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kb.answer.answerer import Answerer
from kb.answer.passage_source import Library
from kb.answer.places.finding import IndexedWords
from kb.answer.verify.llm_judge import llm_judge
from kb.config import Settings
from kb.models.chat.pool import ModelPool
from kb.models.embed.recorded import RecordedEmbedder
from kb.ports import Embedder, LexicalIndex, VectorSearch
from kb.retrieval.by_collection import RetrieverByCollection
from kb.retrieval.model_rerank import TimedReranker, timed_reranker
from kb.retrieval.retriever import Retriever
from kb.retrieval.sentence_rerank import SentenceReranker
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.state.candidates import Passages
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.state.documents import Documents


@dataclass(frozen=True, slots=True)
class Searched:
    """What a question is searched in, and what embeds it."""

    embedder: Embedder
    store: VectorSearch
    lexical: LexicalIndex
    database: Database
    own: Callable[[], Mapping[str, Searched]] = dict
    """Gives the same of each collection that is searched with something of its own now."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What searches and what answers, as its settings say."""

    settings: Settings
    searched: Searched
    similarity: SentenceSimilarity
    """Of both, so that a sentence is embedded once."""
    retriever: Retriever
    answerer: Answerer

    def with_settings(self, settings: Settings, models: ModelPool) -> Asking:
        """Returns the same with other ``settings``. Its retriever, whose reranker may have a model in memory, is the
        same where they say nothing else of it.
        """
        before = self.settings
        is_same = (settings.reranker, settings.retrieval.dense_weight) == (
            before.reranker,
            before.retrieval.dense_weight,
        )
        retriever = self.retriever if is_same else _retriever(settings, self.searched, self.similarity)
        answerer = _answerer(settings, models, self.searched, self.similarity, retriever)
        return Asking(settings, self.searched, self.similarity, retriever, answerer)


def asking(settings: Settings, models: ModelPool, searched: Searched) -> Asking:
    """Returns what searches and what answers with ``settings``; the retriever is to be closed."""
    recorded = RecordedEmbedder(searched.embedder, engine=settings.embedding.engine)
    searched = replace(searched, embedder=recorded)
    similarity = SentenceSimilarity(recorded)
    retriever = _retriever(settings, searched, similarity)
    answerer = _answerer(settings, models, searched, similarity, retriever)
    return Asking(settings, searched, similarity, retriever, answerer)


def _retriever(settings: Settings, searched: Searched, similarity: SentenceSimilarity) -> Retriever:
    return _searching(settings, searched, similarity, timed_reranker(settings))


def _searching(
    settings: Settings, searched: Searched, similarity: SentenceSimilarity, reranker: TimedReranker | None
) -> Retriever:
    embedder, database = searched.embedder, searched.database
    return Retriever(
        embedder=embedder,
        store=searched.store,
        lexical=searched.lexical,
        passages=Passages(database, embedder.fingerprint),
        chunks=Chunks(database),
        documents=Documents(database),
        dense_weight=settings.retrieval.dense_weight,
        closer_look=SentenceReranker(embedder, similarity),
        timed_reranker=reranker,
        engine=settings.storage.vectors,
    )


def _of_collections(
    settings: Settings, searched: Searched, library: Retriever
) -> Callable[[], Mapping[str, Retriever]]:
    """Returns what gives the retriever of each collection that has one of its own, made once; all share a reranker."""
    made: dict[Searched, Retriever] = {}

    def current() -> Mapping[str, Retriever]:
        own = searched.own()
        for gone in made.keys() - set(own.values()):
            made.pop(gone, None)
        for each in own.values():
            if each not in made:
                recorded = RecordedEmbedder(each.embedder, engine=settings.embedding.engine)
                similarity = SentenceSimilarity(recorded)
                made[each] = _searching(
                    settings, replace(each, embedder=recorded), similarity, library.reranker
                )
        return {name: made[each] for name, each in own.items()}

    return current


def _answerer(
    settings: Settings,
    models: ModelPool,
    searched: Searched,
    similarity: SentenceSimilarity,
    retriever: Retriever,
) -> Answerer:
    database, lexical = searched.database, searched.lexical
    chunks, documents = Chunks(database), Documents(database)
    passages = Passages(database, searched.embedder.fingerprint)
    return Answerer(
        retriever=RetrieverByCollection(retriever, _of_collections(settings, searched, retriever)),
        similarity=similarity,
        choose_model=models.choose,
        passages=settings.retrieval.passages,
        context_tokens=settings.answering.context_tokens,
        answer_tokens=settings.answering.answer_tokens,
        refusals=settings.answering.refusals,
        document_reader=Library(documents, chunks),
        lookup=IndexedWords(lexical, passages, chunks, documents, tokens=searched.embedder),
        judge=llm_judge(
            settings.judge.model, models.choose, context_tokens=settings.answering.context_tokens
        ),
    )
