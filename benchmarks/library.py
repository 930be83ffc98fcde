"""A library as the app builds it, in a temporary folder: what the benchmarks of answers ask."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ingest import formats
from ingest.chunk import chunk_document
from ingest.prepare import as_prepared
from kb.answer.passage_source import Library as StoredDocuments
from kb.answer.places.finding import IndexedWords
from kb.answer.query_rewrite import condense_without_model
from kb.config import ParsingSettings, RetrievalSettings
from kb.config.thresholds import thresholds_for
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.index.lexical.tantivy_index import TantivyIndex
from kb.index.vector.exact import ExactStore
from kb.models.embed.spec import BUNDLED
from kb.retrieval.retriever import Retriever
from kb.retrieval.sentence_rerank import SentenceReranker
from kb.state.blobs import Blob
from kb.state.candidates import Passages
from kb.state.chunks import Chunks, text_hash
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.facets import known_value
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.vectors import Vectors
from kb.types import Block, BlockKind, Chunk, Context, Filters, Hit, Origin, ParsedDocument, Turn


class Library:
    """Passages stored as an import stores them, one collection a file, and the app's own retriever on them."""

    def __init__(
        self, files: Mapping[str, Sequence[Chunk]], embedder: RememberingEmbedder, *, names: bool = False
    ) -> None:
        """``names``: whether files are found by what they are called; names of a set may say where an answer is."""
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        database = self._database = Database(folder / "footnote.db")
        fingerprint = embedder.fingerprint
        documents, chunks = Documents(database), Chunks(database)
        vectors, store = Vectors(database, fingerprint), ExactStore(fingerprint)
        lexical = TantivyIndex(folder=folder / "words")
        jobs, steps = Jobs(database, clock=time.time), Steps(database)
        for number, (name, passages) in enumerate(files.items()):
            added = documents.add(Blob(f"{number:064x}", 1), Origin(name, name)).document
            (job,) = jobs.claim("benchmark", limit=1)
            blocks = tuple(Block(BlockKind.PARAGRAPH, passage.text) for passage in passages)
            steps.store_chunks(job, as_prepared(ParsedDocument(blocks), passages))
            stored = chunks.of(added.id)
            texts = [chunk.embedded_text for chunk in stored]
            rows = embedder.embed_documents(texts)
            vectors.put([text_hash(text) for text in texts], rows)
            ids = [chunk.id for chunk in stored]
            store.add(ids, rows, collection=name)
            called = added.document_name if names else ""
            lexical.add(ids, texts, collection=name, document_name=called)
            steps.make_ready([job])
        lexical.commit()
        self.names = list(files)
        self.known_value = partial(known_value, database)
        self.reader = StoredDocuments(documents, chunks)
        self.lookup = IndexedWords(
            lexical, Passages(database, fingerprint), chunks, documents, tokens=embedder
        )
        self.retriever = Retriever(
            embedder=embedder,
            store=store,
            lexical=lexical,
            passages=Passages(database, fingerprint),
            chunks=chunks,
            documents=documents,
            dense_weight=RetrievalSettings().dense_weight,
            closer_look=SentenceReranker(embedder),
        )

    def close(self) -> None:
        """Closes the database and removes the folder."""
        self._database.close()
        self._folder.cleanup()

    def search(
        self, question: str, *, k: int, context: Context | None = None, file: str | None = None
    ) -> tuple[Hit, ...]:
        """Returns the ``k`` best passages of all files, or of one."""
        filters = Filters(collections=(file,)) if file is not None else None
        return self.retriever.retrieve(question, k=k, filters=filters, context=context).hits


def files(folder: Path, embedder: RememberingEmbedder) -> dict[str, list[Chunk]]:
    """Returns the files of ``folder``, parsed and chunked as in an import."""
    size = ParsingSettings().chunk_tokens
    return {
        path.name: chunk_document(formats.parse(path, path.name), embedder, max_tokens=size)
        for path in sorted(folder.iterdir())
    }


def rows(path: Path) -> list[dict[str, Any]]:
    """Returns the objects of a file with one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def gold_passages(folder: Path) -> dict[str, set[str]]:
    """Returns the passages that answer each question, by the ids of both."""
    gold: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, _ = line.split("\t")
        gold.setdefault(query, set()).add(document)
    return gold


def context_of(row: dict[str, Any]) -> Context | None:
    """Returns the context that the conversation before a question adds to its search, without a model."""
    history = row["history"]
    said = [entry["text"] for entry in history]
    turns = [Turn(said[index], said[index + 1]) for index in range(0, len(said) - 1, 2)]
    weight = thresholds_for(BUNDLED).search.context_weight
    return condense_without_model(row["text"], turns, weight=weight).context
