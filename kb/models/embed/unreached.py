"""Stands in for an embedder that could not be opened yet, so that words alone answer meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb.errors import BackendDown, FootnoteError
from kb.text.token_estimate import estimated_tokens
from kb.types import Fingerprint, WholeTexts

if TYPE_CHECKING:
    from kb.types import Matrix, Vector


class Unreached:
    """``kb.ports.Embedder`` and ``VectorSearch`` of a server that never answered: it embeds and finds nothing."""

    max_tokens = 512
    is_light = False

    def __init__(self, model: str, reason: FootnoteError) -> None:
        """``reason`` says what does not answer."""
        self.fingerprint = Fingerprint(model, "unknown", 1, 1, "not reached yet")
        self.engine_status = str(reason)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Returns an estimate."""
        return [estimated_tokens(text) for text in texts]

    def embed_queries(self, texts: Sequence[str]) -> Matrix:  # noqa: ARG002 - as the port has it
        """Raises BackendDown."""
        raise BackendDown(self.engine_status)

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:  # noqa: ARG002 - as above
        """Raises BackendDown."""
        raise BackendDown(self.engine_status)

    def embed_whole(self, texts: Sequence[str]) -> WholeTexts:  # noqa: ARG002 - as above
        """Raises BackendDown."""
        raise BackendDown(self.engine_status)

    def search(
        self,
        vector: Vector,  # noqa: ARG002 - as above
        k: int,  # noqa: ARG002 - as above
        *,
        collection: str | None = None,  # noqa: ARG002 - as above
    ) -> list[tuple[int, float]]:
        """Returns nothing."""
        return []

    def warm_up(self) -> None:
        """There is nothing to load."""

    def close(self) -> None:
        """There is nothing to free."""
