"""An embedder without weights: a text is the sum of its words' pseudo-random directions.

It implements the whole port, so that tests of the store and the pipeline need no model. Texts with
words in common are near each other; that is all it knows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kb.text.words import words
from kb.types import Fingerprint, WholeTexts

if TYPE_CHECKING:
    from kb.types import Matrix, Vector


class HashEmbedder:
    """Counts what it embeds, so that a test can tell whether something was embedded twice."""

    max_tokens = 512
    is_light = True
    engine_status = "Words are hashed."

    def __init__(self, *, width: int = 64, model: str = "hash") -> None:
        self.fingerprint = Fingerprint(model, "1", width, width, "no prompts")
        self.embedded: list[str] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(words(text)) for text in texts]

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        return self._rows(texts)

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        self.embedded.extend(texts)
        return self._rows(texts)

    def embed_whole(self, texts: Sequence[str]) -> WholeTexts:
        return WholeTexts(self._rows(texts), tuple(self.count_tokens(texts)))

    def warm_up(self) -> None:
        """There is nothing to load."""

    def close(self) -> None:
        self.embedded.clear()

    def _rows(self, texts: Sequence[str]) -> Matrix:
        rows = [self._vector(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.fingerprint.width), np.float32)

    def _vector(self, text: str) -> Vector:
        total = np.ones(self.fingerprint.width, np.float32) * 1e-3
        for word in words(text):
            total += direction(word, self.fingerprint.width)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


def direction(word: str, width: int) -> Vector:
    """The pseudo-random direction of ``word``, shape (width,)."""
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(width).astype(np.float32)
