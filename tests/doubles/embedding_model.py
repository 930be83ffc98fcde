"""A small real embedding model run as a server would run it, with the faults that servers are known for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.models.embed.engines import LocalModel, open_runtime
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.served.protocol import Answered, TextsRefused

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from kb.models.embed.runtime import Runtime
    from kb.types import Matrix, Vector

_COMPUTED: dict[tuple[Path, tuple[int, ...]], Vector] = {}


@dataclass
class ServedModel:
    """The model in ``folder``; implements ``TextEmbedder`` itself, and stands behind the doubles of HTTP servers."""

    folder: Path
    adds_end_token: bool = True
    """Older GGUF files do not."""
    longest: int = 4096
    """In tokens; what is longer is refused, or cut where ``cuts`` says so."""
    cuts: str = ""
    """``end`` or ``beginning``: what is cut off in silence."""
    tells_tokens: bool = True
    counts_before_cutting: bool = False
    batch_differs: float = 0.0
    """How much of another text's vector is mixed into those of a batch."""
    swaps: bool = False
    narrow_batches: bool = False
    quantised: float = 0.0
    """Noise on every vector, the same for the same text."""
    who: str = "The double"
    requests: list[tuple[str, ...]] = field(default_factory=list)

    def embed(self, texts: Sequence[str]) -> Answered:
        self.requests.append(tuple(texts))
        vectors, tokens = self.compute(texts)
        return Answered(vectors, tokens if self.tells_tokens else None)

    def compute(self, texts: Sequence[str]) -> tuple[Matrix, int]:
        """Returns the vectors and the count of tokens; raises TextsRefused for what is too long."""
        rows = [self._tokenizer.encode(text).ids for text in texts]
        if not self.adds_end_token:
            rows = [row[:-1] for row in rows]
        whole = sum(map(len, rows))
        if max(map(len, rows)) > self.longest:
            if not self.cuts:
                raise TextsRefused(f"{self.who} takes at most {self.longest} tokens.")
            part = slice(None, self.longest) if self.cuts == "end" else slice(-self.longest, None)
            rows = [row[part] for row in rows]
        vectors = np.stack([self._vector(tuple(row)) for row in rows])
        return self._distorted(vectors), whole if self.counts_before_cutting else sum(map(len, rows))

    def _vector(self, row: tuple[int, ...]) -> Vector:
        """Computed once for all doubles of a folder: what they show is in how it is passed on."""
        if (self.folder, row) not in _COMPUTED:
            _COMPUTED[self.folder, row] = self._runtime.run([list(row)])[0]
        return _COMPUTED[self.folder, row]

    def _distorted(self, vectors: Matrix) -> Matrix:
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        if self.quantised:
            noise = np.random.default_rng(1).standard_normal(vectors.shape[1], dtype=np.float32)
            vectors = vectors + np.float32(self.quantised) * noise / np.sqrt(np.float32(vectors.shape[1]))
        if len(vectors) > 1:
            vectors = vectors + self.batch_differs * np.roll(vectors, 1, axis=0)
            vectors = np.roll(vectors, 1, axis=0) if self.swaps else vectors
            vectors = vectors[:, :-8] if self.narrow_batches else vectors
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """As the model's own tokenizer counts, without what it adds."""
        return [len(self._tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]

    def close(self) -> None:
        self._runtime.close()
        self._embedder.close()

    @cached_property
    def _embedder(self) -> LocalEmbedder:
        return LocalEmbedder(self.folder, device="cpu", engine="torch")

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self.folder / "tokenizer.json"))

    @cached_property
    def _runtime(self) -> Runtime:
        model = LocalModel(self.folder, self._embedder.spec, device="cpu", engine="torch", kept=None)
        return open_runtime(model, pad=0)[0]
