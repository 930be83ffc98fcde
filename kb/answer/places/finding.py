"""What is looked up in the index of words besides the search: places by number, words as the library spells them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from kb.ports import LexicalIndex
from kb.state.candidates import Passages
from kb.state.chunks import Chunks
from kb.state.documents import Documents
from kb.types import Chunk, Document, Filters

_MOST = 200
"""Chunks looked at for one way to write a number."""
_NAMED = 300
_ALIKE = 50
_READ = 400
"""Chunks of a document that are read for the places it has."""


class WordLookup(Protocol):
    """The index of words, and the chunks and documents behind it."""

    def holding(self, phrases: Iterable[str], filters: Filters) -> list[tuple[Chunk, Document]]:
        """Returns the chunks that hold one of ``phrases`` word for word and meet ``filters``, by document and place."""
        ...

    def with_term(self, term: str, filters: Filters) -> list[tuple[Chunk, Document]]:
        """Returns the chunks that hold ``term``, however signs part it in them, and meet ``filters``."""
        ...

    def named(self, question: str, filters: Filters) -> list[Document]:
        """Returns the documents whose names hold most of ``question``."""
        ...

    def following(self, chunk: Chunk, count: int) -> Sequence[Chunk]:
        """Returns at most ``count`` chunks behind ``chunk`` in its document, in order."""
        ...

    def beginning(self, document_id: str) -> Sequence[Chunk]:
        """Returns the chunks of a document in order, of a long one the first."""
        ...

    def occurs(self, word: str) -> bool:
        """Returns whether ``word``, or another that begins alike, stands anywhere."""
        ...

    def texts_like(self, word: str) -> list[str]:
        """Returns texts that hold ``word`` but for a slip or two."""
        ...


class IndexedWords:
    """``WordLookup`` on the index of words and the tables behind it."""

    def __init__(
        self, lexical: LexicalIndex, passages: Passages, chunks: Chunks, documents: Documents
    ) -> None:
        self._lexical = lexical
        self._passages = passages
        self._chunks = chunks
        self._documents = documents

    def holding(self, phrases: Iterable[str], filters: Filters) -> list[tuple[Chunk, Document]]:
        ids: set[int] = set()
        for phrase in dict.fromkeys(phrases):
            ids.update(self._lexical.phrase_search([phrase], _MOST, collection=filters.collection))
        return self._found(ids, filters)

    def with_term(self, term: str, filters: Filters) -> list[tuple[Chunk, Document]]:
        found = self._lexical.search(term, _ALIKE, collection=filters.collection)
        return self._found([chunk_id for chunk_id, _ in found], filters)

    def named(self, question: str, filters: Filters) -> list[Document]:
        ids = self._lexical.search_names(question, _NAMED, collection=filters.collection)
        owners = {found.document_id for found in self._passages.candidates(ids, filters)}
        return sorted(self._documents.existing(owners), key=lambda document: document.id)

    def following(self, chunk: Chunk, count: int) -> Sequence[Chunk]:
        return self._chunks.of(chunk.document_id, start=chunk.position + 1, count=count)

    def beginning(self, document_id: str) -> Sequence[Chunk]:
        return self._chunks.of(document_id, count=_READ)

    def occurs(self, word: str) -> bool:
        return bool(self._lexical.search(word, 1))

    def texts_like(self, word: str) -> list[str]:
        ids = self._lexical.search_like(word, _ALIKE)
        return [chunk.text for chunk in self._chunks.findable(ids).values()]

    def _found(self, ids: Collection[int], filters: Filters) -> list[tuple[Chunk, Document]]:
        allowed = [found.chunk_id for found in self._passages.candidates(ids, filters)]
        chunks = self._chunks.findable(allowed)
        owners = {chunk.document_id for chunk in chunks.values()}
        documents = {document.id: document for document in self._documents.existing(owners)}
        found = [
            (chunk, documents[chunk.document_id])
            for chunk in chunks.values()
            if chunk.document_id in documents
        ]
        return sorted(found, key=lambda one: (one[0].document_id, one[0].position))
