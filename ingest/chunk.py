"""Blocks to chunks: along the document's own structure, measured in the embedder's tokens."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ingest.chunking.unit import Unit
from ingest.chunking.units import stop_if, units_of_blocks
from kb.ports import TokenCounter
from kb.types import Chunk, ParsedDocument, Span

CHUNKER_VERSION = "9"
"""Raised when the same file would be cut differently, or a parser finds other positions in it:
what is imported already is then read and cut anew in the background."""

_LEAST_OF_A_PAGE = 0.1
"""The share of a chunk that becomes a chunk of its own where a page ends: about a sentence. Less goes with what
follows, and that is then said to be on the page before."""

_CHUNKS_TOGETHER = 250
"""So many chunks are measured in one call."""


@dataclass(slots=True)
class _Draft:
    """The chunk that is being filled."""

    units: list[Unit] = field(default_factory=list)
    tokens: int = 0
    rows: int = 0
    """Of tables."""

    def add(self, unit: Unit) -> None:
        """Adds a unit; the first row of a long table brings what stands above its columns."""
        if not self.units:
            self.tokens = sum(len(title) for title in unit.heading_path) // 3
        if unit.head and (not self.units or self.units[-1].table != unit.table):
            self.units += unit.head
            self.tokens += sum(above.tokens for above in unit.head)
        self.units.append(unit)
        self.tokens += unit.tokens
        self.rows += unit.table > 0 and not unit.keeps_next


def chunk_document(
    parsed: ParsedDocument,
    counter: TokenCounter,
    *,
    max_tokens: int,
    cancelled: threading.Event | None = None,
) -> list[Chunk]:
    """Returns the chunks of a document, each of at most ``max_tokens``, heading path included.

    Sentences, table rows and lines of code stay whole unless one alone is too long. A chunk never
    reaches across a heading, and prefers to end where a paragraph ends. Every character of every
    block is in exactly one chunk, but for what names the columns of a long table, which stands above
    each of its parts. Chunks come in the order of the document, without ids.

    Raises:
        Cancelled: ``cancelled`` was set meanwhile.
    """
    units = units_of_blocks(parsed.blocks, counter, max_tokens, cancelled)
    chunks = [_chunk(draft) for draft in _pack(units, max_tokens)]
    measured: list[Chunk] = []
    for first in range(0, len(chunks), _CHUNKS_TOGETHER):
        stop_if(cancelled)
        part = chunks[first : first + _CHUNKS_TOGETHER]
        lengths = counter.count_tokens([chunk.embedded_text for chunk in part])
        measured += [
            replace(chunk, tokens=length, position=position)
            for position, (chunk, length) in enumerate(zip(part, lengths, strict=True), start=first)
        ]
    return measured


def _pack(units: Iterable[tuple[Unit, int]], max_tokens: int) -> Iterator[_Draft]:
    """Yields chunks filled greedily; a block that would fit whole into the next chunk is not split."""
    draft = _Draft()
    for unit, block_tokens in units:
        if draft.units and _must_break(draft, unit, block_tokens, max_tokens):
            yield draft
            draft = _Draft()
        draft.add(unit)
    if draft.units:
        yield draft


def _must_break(draft: _Draft, unit: Unit, block_tokens: int, max_tokens: int) -> bool:
    last = draft.units[-1]
    if unit.is_heading and not last.is_heading:
        return True
    if last.keeps_next and (last.is_heading or unit.table == last.table):
        return False
    if unit.heading_path != last.heading_path or (
        (unit.rows_together or last.rows_together) and unit.table != last.table
    ):
        return True
    if unit.rows_together and (unit.keeps_next or draft.rows >= unit.rows_together):
        return True
    if draft.tokens + unit.tokens > max_tokens:
        return True
    if not unit.starts_block:
        return False
    if _page(unit) != _page(draft.units[0]):  # so that a passage is on the page it is said to be on
        return draft.tokens >= _LEAST_OF_A_PAGE * max_tokens
    fits_whole = draft.tokens + block_tokens <= max_tokens
    return not fits_whole and draft.tokens * 2 >= max_tokens


def _page(unit: Unit) -> int | None:
    return next((span.place.page for span in unit.spans if span.place is not None), None)


def _spans(unit: Unit) -> tuple[Span, ...]:
    """Returns where ``unit`` comes from; what names the rest is told as such where no place is known, too."""
    return unit.spans or ((Span(0, len(unit.text)),) if unit.names_below else ())


def _chunk(draft: _Draft) -> Chunk:
    text = indexed = ""
    spans: list[Span] = []
    for number, unit in enumerate(draft.units):
        joint = unit.joint if number else ""
        text += joint + unit.text
        indexed += joint + unit.indexed
        offset = len(text) - len(unit.text)
        spans.extend(
            replace(span, start=span.start + offset, end=span.end + offset, is_heading=unit.names_below)
            for span in _spans(unit)
        )
    return Chunk(
        text=text,
        spans=tuple(spans),
        heading_path=draft.units[0].heading_path,
        indexed_text=indexed if indexed != text else "",
    )
