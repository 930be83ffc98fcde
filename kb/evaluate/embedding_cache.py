"""Embeds each distinct text once, however many sets, settings and runs ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from kb.models.embed.delegating import DelegatingEmbedder
from kb.ports import Embedder
from kb.state.chunks import text_hash
from kb.state.db import Database
from kb.state.vectors import Vectors

if TYPE_CHECKING:
    from kb.types import Matrix


_TOGETHER = 256
"""Questions embedded between two reports of how far it is."""


class RememberingEmbedder(DelegatingEmbedder):
    """Another embedder, with its vectors cached in a database beside the libraries of the evaluation.

    Vectors come back in half precision, new ones too, so that a run gives the same figures whether
    they were cached or not. The library stores chunks' vectors in half precision anyway.
    """

    def __init__(self, embedder: Embedder, database: Database) -> None:
        super().__init__(embedder)
        self._passages = Vectors(database, embedder.fingerprint)
        own = embedder.fingerprint
        details = f"{own.details}; questions{f' {own.questions!r}' if own.questions else ''}"
        self._questions = Vectors(database, replace(own, native_width=own.width, details=details))
        self._remembers = True

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Returns the questions' vectors at the width in use; those not in the cache are computed in one call."""
        if not texts or not self._remembers:
            return self._embedder.embed_queries(texts)
        by_key = {text_hash(text): text for text in texts}
        if missing := self._questions.missing(by_key):
            self._questions.put(missing, self._embedder.embed_queries([by_key[key] for key in missing]))
        return self._questions.get([text_hash(text) for text in texts], width=self.fingerprint.width)

    def prepare(self, questions: Sequence[str]) -> Iterator[int]:
        """Embeds the questions that are not in the cache, in batches; yields the number done."""
        by_key = {text_hash(text): text for text in questions}
        missing = self._questions.missing(by_key)
        for start in range(0, len(missing), _TOGETHER):
            part = missing[start : start + _TOGETHER]
            yield len(by_key) - len(missing) + start
            self._questions.put(part, self._embedder.embed_queries([by_key[key] for key in part]))

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        """Returns the passages' vectors at full width; those not in the cache are computed in one call."""
        if not texts or not self._remembers:
            return self._embedder.embed_documents(texts, urgent=urgent)
        by_key = {text_hash(text): text for text in texts}
        if missing := self._passages.missing(by_key):
            new = self._embedder.embed_documents([by_key[key] for key in missing], urgent=urgent)
            self._passages.put(missing, new)
        return self._passages.get([text_hash(text) for text in texts], width=self.fingerprint.native_width)

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Bypasses the cache, so that everything is computed as for a person's question: for measuring time."""
        self._remembers = False
        try:
            yield
        finally:
            self._remembers = True

    def close(self) -> None:
        """Does nothing: the other embedder serves other libraries too, and whoever opened it closes it."""
