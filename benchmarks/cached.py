"""An embedder that caches every vector in a folder, so that a benchmark runs twice in seconds."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.models.embed import bundled
from kb.models.embed.local import LocalEmbedder

if TYPE_CHECKING:
    from kb.types import Fingerprint, Matrix, Vector

FOLDER = Path(tempfile.gettempdir()) / "footnote-benchmarks"
"""The cache between runs; nothing else is written there."""


class CachedEmbedder:
    """``kb.ports.Embedder``: asks the model only for what it has not seen; ``save`` writes what is new."""

    def __init__(self, embedder: LocalEmbedder, folder: Path) -> None:
        self._embedder = embedder
        name = hashlib.sha256(embedder.fingerprint.key.encode()).hexdigest()[:12]
        self._file = folder / f"vectors-{name}.npz"
        self._vectors: dict[str, Vector] = {}
        self._saved = 0
        if self._file.is_file():
            with np.load(self._file) as stored:
                self._vectors = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
            self._saved = len(self._vectors)

    @property
    def fingerprint(self) -> Fingerprint:
        return self._embedder.fingerprint

    @property
    def max_tokens(self) -> int:
        return self._embedder.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Counts by the model's tokenizer, not cached."""
        return self._embedder.count_tokens(texts)

    @property
    def is_busy(self) -> bool:
        return self._embedder.is_busy

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        return self._kept("q", texts, self._embedder.embed_queries)

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        return self._kept("d", texts, partial(self._embedder.embed_documents, urgent=urgent))

    def warm_up(self) -> None:
        """Does nothing: the weights are loaded when something new is embedded."""

    def save(self) -> None:
        """Writes the vectors that are new."""
        if len(self._vectors) == self._saved:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new.npz")
        np.savez(new, keys=np.array(list(self._vectors)), vectors=np.stack(list(self._vectors.values())))
        new.replace(self._file)
        self._saved = len(self._vectors)

    def close(self) -> None:
        """Saves, and frees the model."""
        self.save()
        self._embedder.close()

    def _kept(self, door: str, texts: Sequence[str], embed: Callable[[Sequence[str]], Matrix]) -> Matrix:
        keys = [hashlib.sha256(f"{door}\0{text}".encode()).hexdigest()[:32] for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        if missing:
            for key, vector in zip(missing, embed(list(missing.values())), strict=True):
                self._vectors[key] = vector
        if not keys:
            return np.empty((0, self.fingerprint.native_width), np.float32)
        return np.stack([self._vectors[key] for key in keys])


def bundled_embedder(folder: Path = FOLDER) -> CachedEmbedder:
    """Returns the bundled model behind the cache in ``folder``."""
    models = folder / "models"
    models.mkdir(parents=True, exist_ok=True)
    return CachedEmbedder(LocalEmbedder(bundled.unpack(models), device="cpu"), folder)
