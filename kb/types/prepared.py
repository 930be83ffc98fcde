"""What preparing a file yields, in parts that another machine can send: first its chunks, then their vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.types.passages import Chunk

if TYPE_CHECKING:
    from kb.types.vectors import Matrix


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A file that was parsed and chunked: a function of its bytes, its name, the chunker and the tokenizer."""

    chunks: tuple[Chunk, ...]
    """In the order of the document, without ids."""
    chunker_version: str | None = None
    """None where it is not known: such a document is chunked again at the next start."""
    chunk_tokens: int | None = None
    """The longest that a chunk could be; None where it is not known."""
    title: str | None = None
    pages: int | None = None
    """None for formats without pages."""
    language: str | None = None
    """As ``kb.text.language.language`` tells."""
    warnings: tuple[str, ...] = ()
    """Sentences for the person: what was left out or repaired, and where."""

    def __repr__(self) -> str:
        return f"PreparedDocument({len(self.chunks)} chunks, {self.pages} pages)"


@dataclass(frozen=True, slots=True)
class PreparedVectors:
    """The vectors of some chunks, whichever documents they belong to."""

    embedder: str
    """The stored key of what made them."""
    hashes: tuple[bytes, ...]
    """``kb.state.chunks.text_hash`` of what was embedded."""
    vectors: Matrix
    """Shape (len(hashes), native width), rows of length 1."""

    def __repr__(self) -> str:
        return f"PreparedVectors({len(self.hashes)} of {self.embedder})"
