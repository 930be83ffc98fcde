"""Reads whole documents from the store."""

from __future__ import annotations

from typing import Protocol

from kb.state.chunks import Chunks
from kb.state.documents import Documents
from kb.types import Caller, Chunk, Document


class Library:
    """``DocumentReader`` on the tables of documents and chunks."""

    def __init__(self, documents: Documents, chunks: Chunks) -> None:
        self._documents = documents
        self._chunks = chunks

    def documents(self, collection: str | None) -> list[Document]:
        """Returns all documents of a collection, newest first; None takes all collections."""
        return self._documents.page(collection=collection)

    def passages(self, document_id: str) -> list[Chunk]:
        return self._chunks.of(document_id)

    def passages_from(self, document_id: str, first: int, count: int) -> list[Chunk]:
        return self._chunks.of(document_id, start=first, count=count)


class OfCollections:
    """``DocumentReader`` of some collections; documents of others are not there."""

    def __init__(self, reader: DocumentReader, collections: frozenset[str]) -> None:
        self._reader = reader
        self._collections = collections

    def documents(self, collection: str | None) -> list[Document]:
        found = self._reader.documents(collection)
        return [document for document in found if document.collection in self._collections]

    def passages(self, document_id: str) -> list[Chunk]:
        return self._reader.passages(document_id)

    def passages_from(self, document_id: str, first: int, count: int) -> list[Chunk]:
        return self._reader.passages_from(document_id, first, count)


def seen_by(caller: Caller, reader: DocumentReader | None) -> DocumentReader | None:
    """Returns what ``caller`` may read whole documents from."""
    if reader is None or caller.collections is None:
        return reader
    return OfCollections(reader, caller.collections)


class DocumentReader(Protocol):
    """Where whole documents are read from."""

    def documents(self, collection: str | None) -> list[Document]:
        """Returns the searchable documents, newest first."""
        ...

    def passages(self, document_id: str) -> list[Chunk]:
        """Returns all chunks of a document, in order."""
        ...

    def passages_from(self, document_id: str, first: int, count: int) -> list[Chunk]:
        """Returns at most ``count`` chunks of a document from position ``first`` on, in order."""
        ...
