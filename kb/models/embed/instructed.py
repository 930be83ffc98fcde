"""An embedder that serves several collections, its questions for something else in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from kb.errors import Misconfigured
from kb.models.embed.delegating import DelegatingEmbedder
from kb.ports import Embedder
from kb.types import Fingerprint

if TYPE_CHECKING:
    from kb.types import Matrix


@runtime_checkable
class Instructable(Protocol):
    """An embedder whose questions can be for something else than it was made for."""

    def embed_for(self, instruction: str, texts: Sequence[str]) -> Matrix:
        """Does as ``Embedder.embed_queries``; raises Misconfigured where the model is known to take no instruction."""
        ...


class InstructedEmbedder(DelegatingEmbedder):
    """Another embedder, its weights and its passages' vectors included, with an instruction of its own."""

    def __init__(self, embedder: Embedder, instruction: str) -> None:
        """``embedder`` goes on to serve others: closing this one does not close it.

        Raises:
            Misconfigured: the model takes no instructions.
        """
        super().__init__(embedder)
        if not isinstance(embedder, Instructable):
            raise Misconfigured(f"{embedder.fingerprint.model} takes no instructions.")
        embedder.embed_for(instruction, ())
        self._asked: Instructable = embedder
        self._instruction = instruction

    @property
    def fingerprint(self) -> Fingerprint:
        return replace(self._embedder.fingerprint, questions=self._instruction)

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        return self._asked.embed_for(self._instruction, texts)

    def close(self) -> None:
        """Does nothing: whoever made the embedder closes it."""
