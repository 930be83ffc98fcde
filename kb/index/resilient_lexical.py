"""A lexical index that stays usable while it is damaged or being rebuilt."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from kb.errors import Damaged, DiskFull
from kb.index.resilient import ResilientIndex
from kb.ports import LexicalIndex

log = logging.getLogger(__name__)


class ResilientLexicalIndex(ResilientIndex[LexicalIndex]):
    """A LexicalIndex that answers from what it holds so far while it is built."""

    def add(
        self, ids: Sequence[int], texts: Sequence[str], *, collection: str, document_name: str = ""
    ) -> None:
        with self._written() as opened:
            opened.engine.add(ids, texts, collection=collection, document_name=document_name)

    def delete(self, ids: Sequence[int]) -> None:
        with self._written() as opened:
            opened.engine.delete(ids)

    def commit(self) -> None:
        with self._written() as opened:
            opened.engine.commit()

    def search(
        self,
        question: str,
        k: int,
        *,
        collection: str | None = None,
        allowed_ids: Collection[int] | None = None,
    ) -> list[tuple[int, float]]:
        with self._read() as opened:
            if opened is None:
                return []
            try:
                return opened.engine.search(question, k, collection=collection, allowed_ids=allowed_ids)
            except Damaged as error:
                self._discard(opened, str(error))
            except DiskFull as error:
                log.warning("words are not searched", extra={"reason": str(error)})
        return []

    def phrase_search(self, phrases: Sequence[str], k: int, *, collection: str | None = None) -> list[int]:
        with self._read() as opened:
            if opened is None:
                return []
            try:
                return opened.engine.phrase_search(phrases, k, collection=collection)
            except Damaged as error:
                self._discard(opened, str(error))
            except DiskFull as error:
                log.warning("phrases are not searched", extra={"reason": str(error)})
        return []

    def search_like(self, word: str, k: int, *, collection: str | None = None) -> list[int]:
        with self._read() as opened:
            if opened is None:
                return []
            try:
                return opened.engine.search_like(word, k, collection=collection)
            except Damaged as error:
                self._discard(opened, str(error))
            except DiskFull as error:
                log.warning("words spelt alike are not searched", extra={"reason": str(error)})
        return []

    def search_names(self, question: str, k: int, *, collection: str | None = None) -> list[int]:
        with self._read() as opened:
            if opened is None:
                return []
            try:
                return opened.engine.search_names(question, k, collection=collection)
            except Damaged as error:
                self._discard(opened, str(error))
            except DiskFull as error:
                log.warning("names are not searched", extra={"reason": str(error)})
        return []

    def names(self, ids: Collection[int]) -> dict[int, str]:
        with self._read() as opened:
            if opened is None:
                return {}
            try:
                return opened.engine.names(ids)
            except Damaged as error:
                self._discard(opened, str(error))
            except DiskFull as error:
                log.warning("names are not compared", extra={"reason": str(error)})
        return {}

    def highest_idf(self) -> float:
        """Returns the idf that BM25 gives a word which no passage holds; 1 where there is no index to ask."""
        with self._read() as opened:
            return 1.0 if opened is None else opened.engine.highest_idf()

    def ids(self) -> set[int]:
        """Returns every id it holds; empty when it proved damaged."""
        with self._read() as opened:
            if opened is None:
                return set()
            try:
                return opened.engine.ids()
            except Damaged as error:
                self._discard(opened, str(error))
        return set()
