"""Embeddings, and what decides whether two of them may be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector: TypeAlias = NDArray[np.float32]
    """One embedding: shape (width,), length 1."""
    Matrix: TypeAlias = NDArray[np.float32]
    """Embeddings: shape (rows, width), every row of length 1."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What decides whether two vectors may be compared.

    Two embedders with the same ``key`` give the same text the same vector.
    """

    model: str
    revision: str
    width: int
    """The width in use, at most the native width."""
    native_width: int
    details: str
    """Prompts, pooling and chunker version, in one stable string."""
    questions: str = ""
    """The instruction that questions get in place of the model's own. Passages have none, so no key depends on it."""

    @property
    def stored_key(self) -> str:
        """The key under which full-width vectors are stored: it does not depend on the width in use."""
        return f"{self.model}@{self.revision}/{self.native_width}/{self.details}"

    @property
    def key(self) -> str:
        """The key of an index: the stored key and the width in use."""
        return f"{self.stored_key}#{self.width}"


@dataclass(frozen=True, slots=True)
class WholeTexts:
    """Texts that were embedded in one piece each, with nothing of them left out."""

    vectors: Matrix
    """Shape (texts, native width), rows of length 1."""
    tokens: tuple[int, ...]
    """What the model read of each text: prompt and special tokens included."""


@dataclass(frozen=True, slots=True)
class StoredProof:
    """What was proved of an embedding server, as it is kept."""

    place: str
    """Which model of which server; a hash, so that no login stands in it."""
    record: str
    """JSON; only ``kb.models.embed.served`` reads it."""
    vectors: bytes
    """Those of the texts that it was proved with, in half precision, row after row."""
