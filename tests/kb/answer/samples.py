"""Hits that tests of the answer build from plain text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kb.config.thresholds import default_thresholds
from kb.types import Chunk, Document, DocumentState, Hit, PdfPlace, Rect, Span

if TYPE_CHECKING:
    from kb.types import Matrix


class FixedSimilarity:
    """Finds everything equally alike, or as alike as ``of`` says."""

    def __init__(self, cosine: float = 0.0, of: Callable[[str, str], float] | None = None) -> None:
        self._of = of or (lambda _text, _other: cosine)
        self.thresholds = default_thresholds()

    def to_question(self, question: str, texts: Sequence[str]) -> list[float]:
        return [self._of(question, text) for text in texts]

    def between(self, texts: Sequence[str], others: Sequence[str]) -> Matrix:
        rows = [[self._of(text, other) for other in others] for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), len(others))


def hit(
    text: str, *, number: int = 1, page: int = 1, heading: tuple[str, ...] = (), cosine: float = 0.9
) -> Hit:
    """A passage on one page, each of its sentences on a line of its own."""
    spans, start = [], 0
    for line, piece in enumerate(text.split("\n")):
        rect = Rect(page, 0.0, 20.0 * line, 100.0, 20.0 * line + 10)
        spans.append(Span(start, start + len(piece), PdfPlace((rect,))))
        start += len(piece) + 1
    document = Document(
        id=f"d{number}",
        name=f"file{number}.pdf",
        collection="c",
        state=DocumentState.READY,
        sha256="0" * 64,
        bytes=1,
        added="2026-01-01T00:00:00+00:00",
    )
    chunk = Chunk(text=text, spans=tuple(spans), heading_path=heading, id=number, document_id=document.id)
    return Hit(
        chunk=chunk,
        document=document,
        score=1.0 / number,
        rank=number,
        scores={"dense": cosine, "words": 1.0},
    )
