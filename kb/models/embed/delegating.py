"""An embedder that is another one in all that a subclass does not change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb.ports import Embedder
from kb.types import Fingerprint, WholeTexts

if TYPE_CHECKING:
    from kb.types import Matrix


class DelegatingEmbedder:
    """Hands every call on to ``embedder``, closing included."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @property
    def fingerprint(self) -> Fingerprint:
        return self._embedder.fingerprint

    @property
    def max_tokens(self) -> int:
        return self._embedder.max_tokens

    @property
    def engine_status(self) -> str:
        return self._embedder.engine_status

    @property
    def is_light(self) -> bool:
        return self._embedder.is_light

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.count_tokens(texts)

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        return self._embedder.embed_queries(texts)

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        return self._embedder.embed_documents(texts, urgent=urgent)

    def embed_whole(self, texts: Sequence[str]) -> WholeTexts:
        return self._embedder.embed_whole(texts)

    def warm_up(self) -> None:
        self._embedder.warm_up()

    def close(self) -> None:
        self._embedder.close()
