"""Blocks to chunks: along the document's own structure, measured in the embedder's tokens."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from kb.errors import Cancelled
from kb.ports import TokenCounter
from kb.text.sentences import sentences
from kb.types import Block, BlockKind, Chunk, ParsedDocument, Span

CHUNKER_VERSION = "6"
"""Raised when the same file would be cut differently, or a parser finds other positions in it:
what is imported already is then read and cut anew in the background."""

_MAX_HEADINGS = 4
"""Deeper heading paths are truncated at the top: the nearest headings say most about a passage."""

_LEAST_OF_A_PAGE = 0.1
"""The share of a chunk that becomes a chunk of its own where a page ends: about a sentence. Less goes with what
follows, and that is then said to be on the page before."""

_LINEWISE = (BlockKind.TABLE, BlockKind.CODE)
"""Kinds that are only ever split between lines: a table row stays whole."""


_PIECES_TOGETHER = 2000
_CHUNKS_TOGETHER = 250
"""So many sentences and lines, and chunks, are measured in one call."""


@dataclass(frozen=True, slots=True)
class _Outline:
    """A block, the headings above it, and where its sentences or lines are."""

    block: Block
    path: tuple[str, ...]
    pieces: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Unit:
    """The smallest piece that stays whole: a sentence, a table row, a line of code."""

    text: str
    spans: tuple[Span, ...]
    tokens: int
    joint: str
    """The joint between the unit before and this one: nothing, a space, a line break."""
    heading_path: tuple[str, ...]
    starts_block: bool
    is_heading: bool


@dataclass(slots=True)
class _Draft:
    """The chunk that is being filled."""

    units: list[_Unit] = field(default_factory=list)
    tokens: int = 0

    def add(self, unit: _Unit) -> None:
        self.units.append(unit)
        self.tokens += unit.tokens


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
    block is in exactly one chunk. Chunks come in the order of the document, without ids.

    Raises:
        Cancelled: ``cancelled`` was set meanwhile.
    """
    units = _units(parsed.blocks, counter, max_tokens, cancelled)
    chunks = [_chunk(draft) for draft in _pack(units, max_tokens)]
    measured: list[Chunk] = []
    for first in range(0, len(chunks), _CHUNKS_TOGETHER):
        _stop_if(cancelled)
        part = chunks[first : first + _CHUNKS_TOGETHER]
        lengths = counter.count_tokens([chunk.embedded_text for chunk in part])
        measured += [
            replace(chunk, tokens=length, position=position)
            for position, (chunk, length) in enumerate(zip(part, lengths, strict=True), start=first)
        ]
    return measured


def _stop_if(cancelled: threading.Event | None) -> None:
    if cancelled is not None and cancelled.is_set():
        raise Cancelled("It was stopped while its text was cut into passages.")


# --- Blocks to units --------------------------------------------------------------------------


def _units(
    blocks: Iterable[Block], counter: TokenCounter, max_tokens: int, cancelled: threading.Event | None
) -> Iterator[tuple[_Unit, int]]:
    """Yields every unit with the tokens from it to the end of its block, in order.

    Many are measured together, since one call of the tokenizer is many times as fast; not all, since a long document
    would then be in memory several times over.
    """
    for outlines in _together(blocks):
        texts = [outline.block.text[start:end] for outline in outlines for start, end in outline.pieces]
        lengths = _lengths(texts, counter, cancelled)
        for outline in outlines:
            units = list(_units_of(outline, lengths, counter, max_tokens))
            to_the_end = accumulate(unit.tokens for unit in reversed(units))
            yield from zip(units, reversed(list(to_the_end)), strict=True)


def _lengths(texts: Sequence[str], counter: TokenCounter, cancelled: threading.Event | None) -> Iterator[int]:
    """Yields the number of tokens of each text; a block may have more pieces than are measured at once."""
    for first in range(0, len(texts), _PIECES_TOGETHER):
        _stop_if(cancelled)
        yield from counter.count_tokens(texts[first : first + _PIECES_TOGETHER])


def _together(blocks: Iterable[Block]) -> Iterator[list[_Outline]]:
    """Yields blocks with their pieces, as many together as are measured at once."""
    outlines: list[_Outline] = []
    count = 0
    for block, path in _with_heading_paths(blocks):
        outlines.append(_Outline(block, path, _pieces(block)))
        count += 1 + len(outlines[-1].pieces)
        if count >= _PIECES_TOGETHER:
            yield outlines
            outlines, count = [], 0
    yield outlines


def _units_of(
    outline: _Outline, lengths: Iterator[int], counter: TokenCounter, max_tokens: int
) -> Iterator[_Unit]:
    """Yields the units of one block; takes as many of ``lengths`` as it has pieces."""
    block, path = outline.block, outline.path
    limit = max(16, max_tokens - _path_tokens(path, counter)) if outline.pieces else max_tokens
    previous = None
    for start, end in outline.pieces:
        joint = "\n" if previous is None else block.text[previous:start]
        parts = _parts(block.text, start, end, next(lengths), limit, counter)
        for number, (part_start, part_end, part_tokens) in enumerate(parts):
            yield _Unit(
                text=block.text[part_start:part_end],
                spans=_cut_spans(block.spans, part_start, part_end),
                tokens=part_tokens,
                joint=joint if number == 0 else "",
                heading_path=path,
                starts_block=previous is None and number == 0,
                is_heading=block.kind is BlockKind.HEADING,
            )
        previous = end


def _with_heading_paths(blocks: Iterable[Block]) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """Yields each block with the headings above it; a heading's own path is that of its parents."""
    path: list[tuple[int, str]] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            while path and path[-1][0] >= block.level:
                path.pop()
        outside = block.kind in (BlockKind.MARGIN, BlockKind.FOOTNOTE)
        yield block, () if outside else tuple(title for _, title in path[-_MAX_HEADINGS:])
        if block.kind is BlockKind.HEADING and block.text.strip():
            path.append((block.level, " ".join(block.text.split())))


def _pieces(block: Block) -> list[tuple[int, int]]:
    if block.kind is BlockKind.HEADING:
        return [(0, len(block.text))] if block.text.strip() else []
    if block.kind in _LINEWISE:
        return list(_lines(block.text))
    return sentences(block.text)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            yield start, start + len(line.rstrip())
        start += len(line)


def _parts(
    text: str, start: int, end: int, tokens: int, limit: int, counter: TokenCounter
) -> Iterator[tuple[int, int, int]]:
    """Yields (start, end, tokens) of pieces of at most ``limit`` tokens: halves, split at white space if possible."""
    if tokens <= limit or end - start < 2:
        yield start, end, tokens
        return
    middle = (start + end) // 2
    space = text.rfind(" ", start + (end - start) // 4, middle)
    cut = space + 1 if space > 0 else middle
    left, right = counter.count_tokens([text[start:cut], text[cut:end]])
    yield from _parts(text, start, cut, left, limit, counter)
    yield from _parts(text, cut, end, right, limit, counter)


def _path_tokens(path: tuple[str, ...], counter: TokenCounter) -> int:
    return counter.count_tokens([" > ".join(path)])[0] + 1 if path else 0


def _cut_spans(spans: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """Returns the spans within [start, end), counted from ``start``: by halves, a table may have 100,000."""
    found: list[Span] = []
    for index in range(bisect_right(spans, start, key=lambda span: span.end), len(spans)):
        span = spans[index]
        if span.start >= end:
            break
        found.append(replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start))
    return tuple(found)


# --- Units to chunks --------------------------------------------------------------------------


def _pack(units: Iterable[tuple[_Unit, int]], max_tokens: int) -> Iterator[_Draft]:
    """Yields chunks filled greedily; a block that would fit whole into the next chunk is not split."""
    draft = _Draft()
    for unit, block_tokens in units:
        if draft.units and _must_break(draft, unit, block_tokens, max_tokens):
            yield draft
            draft = _Draft(tokens=0)
        if not draft.units:
            draft.tokens = sum(len(title) for title in unit.heading_path) // 3
        draft.add(unit)
    if draft.units:
        yield draft


def _must_break(draft: _Draft, unit: _Unit, block_tokens: int, max_tokens: int) -> bool:
    last = draft.units[-1]
    if unit.is_heading and not last.is_heading:
        return True
    if unit.heading_path != last.heading_path and not last.is_heading:
        return True
    if draft.tokens + unit.tokens > max_tokens:
        return not last.is_heading
    if not unit.starts_block or last.is_heading:
        return False
    if _page(unit) != _page(draft.units[0]):  # so that a passage is on the page it is said to be on
        return draft.tokens >= _LEAST_OF_A_PAGE * max_tokens
    fits_whole = draft.tokens + block_tokens <= max_tokens
    return not fits_whole and draft.tokens * 2 >= max_tokens


def _page(unit: _Unit) -> int | None:
    return next((span.place.page for span in unit.spans if span.place is not None), None)


def _chunk(draft: _Draft) -> Chunk:
    text = ""
    spans: list[Span] = []
    for number, unit in enumerate(draft.units):
        text += (unit.joint if number else "") + unit.text
        offset = len(text) - len(unit.text)
        spans.extend(replace(span, start=span.start + offset, end=span.end + offset) for span in unit.spans)
    return Chunk(text=text, spans=tuple(spans), heading_path=draft.units[0].heading_path)
