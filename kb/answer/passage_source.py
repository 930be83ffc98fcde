"""Whole documents out of the store."""

from __future__ import annotations

from typing import Protocol

from kb.state.chunks import Chunks
from kb.state.documents import Documents
from kb.types import Chunk, Document


class Library:
    """``kb.answer.passage_source.DocumentReader`` on the tables of documents and chunks."""

    def __init__(self, documents: Documents, chunks: Chunks) -> None:
        self._documents = documents
        self._chunks = chunks

    def documents(self, collection: str | None) -> list[Document]:
        """All of a collection, newest first; None takes all collections."""
        return self._documents.page(collection=collection)

    def passages(self, document_id: str) -> list[Chunk]:
        """All passages of a document, in order."""
        return self._chunks.of(document_id)

    def passages_from(self, document_id: str, first: int, count: int) -> list[Chunk]:
        """At most ``count`` passages of a document from position ``first`` on, in order."""
        return self._chunks.of(document_id, start=first, count=count)


class DocumentReader(Protocol):
    """Where whole documents are read from."""

    def documents(self, collection: str | None) -> list[Document]:
        """Those that may be asked, newest first."""
        ...

    def passages(self, document_id: str) -> list[Chunk]:
        """All passages of a document, in order."""
        ...

    def passages_from(self, document_id: str, first: int, count: int) -> list[Chunk]:
        """At most ``count`` passages of a document from position ``first`` on, in order."""
        ...
