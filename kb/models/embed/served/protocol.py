"""What an embedding server is to us, whatever it speaks: it takes texts, and returns vectors and a count of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from kb.errors import BackendDown, FootnoteError, Misconfigured
from kb.ports import Embedder

if TYPE_CHECKING:
    from kb.types import Matrix

TokenCount = Callable[[Sequence[str]], list[int]]
"""Counts the tokens of each text, special ones that the tokenizer adds not counted."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server tells of itself and of the model; what it does not tell is empty or None."""

    kind: str
    """As in ``vLLM``."""
    version: str = ""
    digest: str = ""
    """What names the model's weights, by the server's own account."""
    max_tokens: int | None = None
    """The longest input that it allows, special tokens included."""
    weight_bits: float | None = None
    """Bits for each weight."""

    @property
    def served(self) -> str:
        """Kind and version, in words."""
        return f"{self.kind} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class Answered:
    """The reply to one request, as the server gave it."""

    vectors: Matrix
    """Shape (texts, native width), in the order of the texts, float32, of whatever length."""
    tokens: int | None
    """Of all texts together, special ones included; None where the server does not tell."""


class TextEmbedder(Protocol):
    """One model of one server. Safe to call from several threads."""

    @property
    def who(self) -> str:
        """The server as a message names it, at the beginning of a sentence."""
        ...

    def embed(self, texts: Sequence[str]) -> Answered:
        """Returns the vectors of ``texts``, sent in one request as they are; no prompt, no end token is added.

        Raises:
            TextsRefused: the server answers, and does not take these texts: too many, too long, not to its liking.
            NotVectors: what it sent is not a finite vector of one width for each text.
            BackendDown: it does not answer, or has no time now.
            Misconfigured: it refuses the key, or does not know the model.
        """
        ...


class EmbeddingServer(TextEmbedder, Protocol):
    """The same with what the server tells of the model."""

    model: str
    """As the server knows it."""

    def facts(self) -> ServerFacts:
        """Returns what server and model are.

        Raises:
            BackendDown: it does not answer.
            Misconfigured: it does not have the model, or refuses the key.
        """
        ...

    def counted(self, text: str) -> int | None:
        """Returns the server's count of the tokens of ``text``, special ones not counted; None for no such page.

        Raises:
            BackendDown: it does not answer.
        """
        ...

    def close(self) -> None:
        """Frees the connections."""
        ...


@runtime_checkable
class LongTexts(Protocol):
    """A server that can be made to take longer inputs than it was proved with."""

    most_whole: int
    """Tokens of the longest, special ones included."""

    def embed_whole(self, text: str, tokens: int) -> Answered:
        """Returns the vector of ``text``, which has ``tokens``, special ones included; raises as ``embed``."""
        ...


@runtime_checkable
class ProvedEmbedder(Embedder, Protocol):
    """One that is not our own process, and is proved before it may write."""

    def require_proof(self) -> None:
        """Proves it, where that is still to be done since the start or since it was away.

        Raises:
            ProofFailed (Misconfigured): it computes something else than it should; the sentence names what differs.
            BackendDown: it does not answer.
        """
        ...


class TextsRefused(FootnoteError):
    """The server does not take these texts; fewer, or shorter ones, may be taken."""


class ServerFault(BackendDown):
    """The server answers, with an error of its own: these texts, asked once more, may be answered."""


class NotVectors(BackendDown):
    """The server sent something that is not a vector for each text."""


class ProofFailed(Misconfigured):
    """What the server computes is not what it must be; nothing may be stored of it."""


def matrix(rows: Any, *, count: int, who: str) -> Matrix:
    """Returns ``rows``, lists of numbers as JSON has them, as one matrix of float32: shape (count, width).

    Raises:
        NotVectors: it is something else: another number of rows, strings, rows of different widths, no numbers.
    """
    if not isinstance(rows, list) or len(rows) != count:
        found = f"{len(rows)} vectors" if isinstance(rows, list) else "no list of vectors"
        raise NotVectors(f"{who} sent {found} for {count} texts.")
    widths = {len(row) if isinstance(row, list) else 0 for row in rows}
    if len(widths) != 1 or 0 in widths:
        raise NotVectors(f"{who} sent vectors of different widths, or none: {sorted(widths)[:5]}.")
    if not all(type(value) in (int, float) for row in rows for value in row):
        raise NotVectors(f"{who} sent a vector that holds something else than numbers.")
    try:
        with np.errstate(over="ignore"):
            found_rows = np.asarray(rows, dtype=np.float64).astype(np.float32)
    except (ValueError, OverflowError) as error:
        raise NotVectors(f"{who} sent a vector with a number beyond measure.") from error
    return require_finite(found_rows, who)


def require_finite(vectors: Matrix, who: str) -> Matrix:
    """Returns ``vectors``.

    Raises:
        NotVectors: a value is not finite, or a row is all zeros, so that it has no direction.
    """
    lengths = np.linalg.norm(vectors, axis=-1)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise NotVectors(f"{who} sent a vector without a direction: all zeros, or not numbers.")
    return vectors
