"""Hits that tests of the answer build from plain text."""

from __future__ import annotations

from kb.types import Chunk, Document, DocumentState, Hit, Rect, Span


def hit(text: str, *, number: int = 1, page: int = 1, heading: tuple[str, ...] = ()) -> Hit:
    """A passage on one page, each of its sentences on a line of its own."""
    spans, start = [], 0
    for line, piece in enumerate(text.split("\n")):
        rect = Rect(page, 0.0, 20.0 * line, 100.0, 20.0 * line + 10)
        spans.append(Span(start, start + len(piece), rect=rect))
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
    return Hit(chunk=chunk, document=document, score=1.0 / number, rank=number)
