"""What searches and what answers, over an embedder and indexes that are open."""

from __future__ import annotations

from dataclasses import dataclass

from kb.answer.answerer import Answerer
from kb.answer.passage_source import Library
from kb.answer.places.finding import IndexedWords
from kb.answer.verify.llm_judge import llm_judge
from kb.config import Settings
from kb.models.chat.pool import ModelPool
from kb.models.embed.recorded import RecordedEmbedder
from kb.ports import Embedder, LexicalIndex, VectorSearch
from kb.retrieval.model_rerank import timed_reranker
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


def asking(settings: Settings, models: ModelPool, searched: Searched) -> tuple[Retriever, Answerer]:
    """Returns a retriever and an answerer with ``settings``."""
    lexical, database = searched.lexical, searched.database
    embedder = RecordedEmbedder(searched.embedder, engine=settings.embedding.engine)
    chunks, documents = Chunks(database), Documents(database)
    similarity = SentenceSimilarity(embedder)
    retriever = Retriever(
        embedder=embedder,
        store=searched.store,
        lexical=lexical,
        passages=Passages(database, embedder.fingerprint),
        chunks=chunks,
        documents=documents,
        dense_weight=settings.retrieval.dense_weight,
        closer_look=SentenceReranker(embedder, similarity),
        timed_reranker=timed_reranker(settings),
        engine=settings.storage.vectors,
    )
    answerer = Answerer(
        retriever=retriever,
        similarity=similarity,
        choose_model=models.choose,
        passages=settings.retrieval.passages,
        context_tokens=settings.answering.context_tokens,
        answer_tokens=settings.answering.answer_tokens,
        refusals=settings.answering.refusals,
        document_reader=Library(documents, chunks),
        lookup=IndexedWords(lexical, Passages(database, embedder.fingerprint), chunks, documents),
        judge=llm_judge(
            settings.judge.model, models.choose, context_tokens=settings.answering.context_tokens
        ),
    )
    return retriever, answerer
