"""An embedder whose requests are told to the log of requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kb.models.embed.delegating import DelegatingEmbedder
from kb.models.embed.runtime import NamesEngine
from kb.ports import Embedder
from kb.system.request_recording import hash_of, recorded
from kb.types import RequestKind, WholeTexts

if TYPE_CHECKING:
    from kb.types import Matrix

_COUNTED = 64
"""Texts whose tokens are counted: a question with its sentences. More would cost as much as a small model takes."""


def engine_of(embedder: Embedder, as_set: str) -> str:
    """Returns the name of the engine that computes the vectors; what is set, for those that have but one."""
    return embedder.engine_used if isinstance(embedder, NamesEngine) else as_set


class RecordedEmbedder(DelegatingEmbedder):
    """Another ``Embedder`` in all but that; for what embeds on the way of a question."""

    def __init__(self, embedder: Embedder, *, engine: str) -> None:
        super().__init__(embedder)
        self._engine = engine

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        with self._recorded(texts, "\n".join(texts)):
            return self._embedder.embed_queries(texts)

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        with self._recorded(texts, hash_of("\n".join(texts))):  # the library holds them, the log need not
            return self._embedder.embed_documents(texts, urgent=urgent)

    def embed_whole(self, texts: Sequence[str]) -> WholeTexts:
        with self._recorded(texts, hash_of("\n".join(texts))):
            return self._embedder.embed_whole(texts)

    @contextmanager
    def _recorded(self, texts: Sequence[str], text: str) -> Iterator[None]:
        model = self._embedder.fingerprint.model
        with recorded(RequestKind.EMBEDDING, engine=self._engine, model=model, text=text) as request:
            yield
            request.engine = engine_of(self._embedder, self._engine)
            if len(texts) <= _COUNTED:
                request.count(sum(self._embedder.count_tokens(texts)))
