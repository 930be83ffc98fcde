"""The rows of passages in both derived indexes: what is written of a passage, and how it is moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import TypeVar

from kb.ports import LexicalIndex, VectorStore
from kb.state.chunks import Chunks, text_hash
from kb.state.documents import Documents
from kb.state.vectors import Vectors
from kb.text.document_names import borne_names
from kb.types import Chunk, Document, MoveToFollow

ROWS = 1000
"""How many rows are read, held and written at a time."""

T = TypeVar("T")


class Rows:
    """Writes rows; who calls it holds the writer's lock, and commits words that are added alone."""

    def __init__(
        self,
        *,
        documents: Documents,
        chunks: Chunks,
        vectors: Vectors,
        store: VectorStore,
        lexical: LexicalIndex,
        width: int,
    ) -> None:
        self._documents = documents
        self._chunks = chunks
        self._vectors = vectors
        self._store = store
        self._lexical = lexical
        self._width = width

    def follow(self, move: MoveToFollow) -> None:
        """Puts the rows of a document into the collection that it is in: there before they go from where they were."""
        if not move.is_live or move.collection == move.indexed_in:
            return
        for document in self._documents.existing([move.document_id]):
            whole = self._chunks.of(document.id)
            names = names_of(document, whole)
            for chunks in slices(whole, ROWS):
                self.add_words(chunks, document, names)
                self.add_stored_vectors(chunks, collection=move.collection)
                self._store.delete([chunk.id for chunk in chunks], collection=move.indexed_in)
            self._lexical.commit()

    def add_documents(self, documents: Iterable[Document]) -> None:
        """Adds the rows by which ``documents`` will be found, and commits the words; vectors of small documents go in
        together, which costs as much as one of them does. Both indexes wait for the disk, so they do it at once.

        Those that are removed meanwhile are left out.

        Raises:
            KeyError: a passage of one that is not has no vector.
        """
        waiting: dict[str, list[Chunk]] = {}
        for document in documents:
            whole = self._chunks.coming(document.id, places=False)
            names = names_of(document, whole)
            for chunks in slices(whole, ROWS):
                self.add_words(chunks, document, names)
            together = waiting.setdefault(document.collection, [])
            together += whole
            if len(together) >= ROWS:
                self._add_all_vectors(together, document.collection)
                together.clear()
        with ThreadPoolExecutor(1, thread_name_prefix="commit-words") as beside:
            committed = beside.submit(self._lexical.commit)
            for collection, together in waiting.items():
                self._add_all_vectors(together, collection)
        committed.result()

    def _add_all_vectors(self, chunks: Sequence[Chunk], collection: str) -> None:
        for part in slices(chunks, ROWS):
            lacking = self.add_stored_vectors(part, collection=collection)
            for document_id in {chunk.document_id for chunk in part if chunk.id in lacking}:
                still = {chunk.id for chunk in self._chunks.coming(document_id, places=False)}
                if lacking & still:
                    raise KeyError(
                        f"{len(lacking & still)} passages of document {document_id} have no vector"
                    )

    def add_words_of_several(self, chunks: Sequence[Chunk]) -> None:
        for document in self._documents.existing({chunk.document_id for chunk in chunks}):
            names = names_of(document, self._chunks.of(document.id))
            self.add_words([chunk for chunk in chunks if chunk.document_id == document.id], document, names)

    def add_words(self, chunks: Sequence[Chunk], document: Document, names: str) -> None:
        self._lexical.add(
            [chunk.id for chunk in chunks],
            [chunk.embedded_text for chunk in chunks],
            collection=document.collection,
            document_name=names,
        )

    def add_stored_vectors(self, chunks: Sequence[Chunk], *, collection: str) -> set[int]:
        """Adds the vectors of ``chunks``; returns the ids of those that have none any more, as those that were removed
        since they were read.
        """
        places, vectors = self._vectors.get_stored(hashes(chunks), width=self._width)
        if places:
            self._store.add([chunks[place].id for place in places], vectors, collection=collection)
        return {chunk.id for chunk in chunks} - {chunks[place].id for place in places}


def hashes(chunks: Sequence[Chunk]) -> list[bytes]:
    """Returns the keys of the vectors of ``chunks``, one each."""
    return [text_hash(chunk.embedded_text) for chunk in chunks]


def names_of(document: Document, whole: Sequence[Chunk]) -> str:
    """Returns what a question may call a document, a line each: its name, its title, and the names that it bears."""
    borne = borne_names([chunk.text for chunk in whole])
    return "\n".join((PurePath(document.name).stem, document.title or "", *borne)).rstrip()


def slices(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yields ``items`` in lists of at most ``size``."""
    whole = list(items)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]
