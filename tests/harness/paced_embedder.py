"""The hashing embedder at the bundled model's width and a pace that lets a kill land between its batches."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kb.text.words import words
from tests.doubles.hash_embedder import HashEmbedder, direction

if TYPE_CHECKING:
    from kb.types import Matrix, Vector

WIDTH = 384
"""That of the bundled model."""


class PacedEmbedder(HashEmbedder):
    """Takes ``seconds`` a text and keeps no list of what it embedded, so that it can run for hours."""

    def __init__(self, *, model: str, seconds: float) -> None:
        super().__init__(width=WIDTH, model=model)
        self._seconds = seconds

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        """As the double does, in the time that a model would take."""
        time.sleep(self._seconds * len(texts))
        return self._rows(texts)

    def _vector(self, text: str) -> Vector:
        total = np.full(WIDTH, 1e-3, np.float32)
        for word in words(text):
            total += _direction(word)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


@lru_cache(maxsize=4096)
def _direction(word: str) -> Vector:
    return direction(word, WIDTH)
