"""What is looked up in the index of words besides the search: places by number, words as the library spells them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from kb.errors import BackendDown, Misconfigured
from kb.ports import LexicalIndex, TokenCounter
from kb.state.candidates import Passages
from kb.state.chunks import Chunks
from kb.state.documents import Documents
from kb.types import Chunk, Document, Filters

_MOST = 200
"""Chunks looked at for one way to write a number."""
_NAMED = 300
_ALIKE = 50
_OPENING = "("
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

    def is_word(self, word: str) -> bool:
        """Returns whether ``word`` is one of many texts, of whatever language and whether or not it occurs here."""
        ...

    def texts_like(self, word: str) -> list[str]:
        """Returns texts that hold ``word`` but for a slip or two."""
        ...


class IndexedWords:
    """``WordLookup`` on the index of words and the tables behind it."""

    def __init__(
        self,
        lexical: LexicalIndex,
        passages: Passages,
        chunks: Chunks,
        documents: Documents,
        *,
        tokens: TokenCounter,
    ) -> None:
        """``tokens`` counts with a tokenizer whose tokens were learnt from many texts."""
        self._tokens = tokens
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

    def is_word(self, word: str) -> bool:
        """Returns whether ``word`` is a single token: a vocabulary has its frequent words whole, slips in pieces.

        At the beginning of a text a token may have a space of its own in front, so it is tried behind a bracket, too.
        While the tokenizer is on a server that is away, every word may be one.
        """
        forms = list(dict.fromkeys((word, word.lower())))
        try:
            counts = self._tokens.count_tokens([_OPENING, *forms, *(_OPENING + form for form in forms)])
        except (BackendDown, Misconfigured):
            return True
        opening, alone, behind = counts[0], counts[1 : 1 + len(forms)], counts[1 + len(forms) :]
        return min(*alone, *(count - opening for count in behind)) <= 1

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
