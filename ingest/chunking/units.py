"""Blocks to units: each with the headings above it, many measured at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, count

from ingest.chunking.table_lines import TableLines
from ingest.chunking.table_units import TableUnits
from ingest.chunking.unit import Piece, Unit, cut_spans, halves
from kb.errors import Cancelled
from kb.ports import TokenCounter
from kb.text.sentences import sentences
from kb.types import Block, BlockKind

_MAX_HEADINGS = 4
"""Deeper heading paths are truncated at the top: the nearest headings say most about a passage."""

_PIECES_TOGETHER = 2000
"""So many sentences and lines are measured in one call."""
_LEAST_LIMIT = 16
"""Tokens that a unit may have, however long the headings are."""

_MOST_LEADS = 3
_LONGEST_LEAD = 120
"""Short lines right above a table belong to it: its name, its unit, its date. So many, of so many characters."""


@dataclass(frozen=True, slots=True)
class _Outline:
    """A block, the headings above it, and its pieces."""

    block: Block
    path: tuple[str, ...]
    pieces: Sequence[Piece]
    table: TableLines | None = None


_Section = Sequence[_Outline]
"""A block, or a table behind the lines that belong to it."""


def stop_if(cancelled: threading.Event | None) -> None:
    """Raises Cancelled where ``cancelled`` is set."""
    if cancelled is not None and cancelled.is_set():
        raise Cancelled("It was stopped while its text was cut into passages.")


def units_of_blocks(
    blocks: Iterable[Block], counter: TokenCounter, max_tokens: int, cancelled: threading.Event | None
) -> Iterator[tuple[Unit, int]]:
    """Yields every unit with the tokens from it to the end of its block, in order.

    Many are measured together, since one call of the tokenizer is many times as fast; not all, since a long document
    would then be in memory several times over.
    """
    numbers = count(1)
    for sections in _together(blocks):
        texts = [piece.indexed for section in sections for outline in section for piece in outline.pieces]
        lengths = _lengths(texts, counter, cancelled)
        for section in sections:
            units = list(_units_of(section, lengths, counter, max_tokens, numbers))
            to_the_end = accumulate(unit.tokens for unit in reversed(units))
            yield from zip(units, reversed(list(to_the_end)), strict=True)


def _lengths(texts: Sequence[str], counter: TokenCounter, cancelled: threading.Event | None) -> Iterator[int]:
    """Yields the number of tokens of each text; a block may have more pieces than are measured at once."""
    for first in range(0, len(texts), _PIECES_TOGETHER):
        stop_if(cancelled)
        yield from counter.count_tokens(texts[first : first + _PIECES_TOGETHER])


def _together(blocks: Iterable[Block]) -> Iterator[list[_Section]]:
    """Yields sections, as many together as are measured at once."""
    sections: list[_Section] = []
    pieces = 0
    for section in _sections(blocks):
        sections.append(section)
        pieces += sum(1 + len(outline.pieces) for outline in section)
        if pieces >= _PIECES_TOGETHER:
            yield sections
            sections, pieces = [], 0
    yield sections


def _sections(blocks: Iterable[Block]) -> Iterator[_Section]:
    """Yields each block by itself, a table together with the short lines right above it."""
    leads: list[_Outline] = []
    for block, path in _with_heading_paths(blocks):
        outline = _outline(block, path)
        if outline.table is not None:
            yield [*leads, outline]
            leads = []
        elif _may_lead(outline):
            leads.append(outline)
            if len(leads) > _MOST_LEADS:
                yield [leads.pop(0)]
        else:
            yield from ([lead] for lead in leads)
            yield [outline]
            leads = []
    yield from ([lead] for lead in leads)


def _may_lead(outline: _Outline) -> bool:
    """Returns whether a block would belong to a table below it: one short line."""
    block = outline.block
    is_short = len(block.text) <= _LONGEST_LEAD and "\n" not in block.text
    return block.kind is BlockKind.PARAGRAPH and is_short and len(outline.pieces) == 1


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


def _outline(block: Block, path: tuple[str, ...]) -> _Outline:
    text = block.text
    if block.kind is BlockKind.TABLE:
        table = TableLines(block)
        return _Outline(block, path, [line.piece for line in table.lines], table)
    if block.kind is BlockKind.HEADING:
        ranges: Iterable[tuple[int, int]] = [(0, len(text))] if text.strip() else []
    else:
        ranges = _code_lines(text) if block.kind is BlockKind.CODE else sentences(text)
    return _Outline(block, path, [Piece(start, end, text[start:end]) for start, end in ranges])


def _code_lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            yield start, start + len(line.rstrip())
        start += len(line)


def _units_of(
    section: _Section, lengths: Iterator[int], counter: TokenCounter, max_tokens: int, numbers: Iterator[int]
) -> Iterator[Unit]:
    """Yields the units of a section; takes as many of ``lengths`` as it has pieces."""
    tokens = [[next(lengths) for _ in outline.pieces] for outline in section]
    *leads, last = section
    limit = max(_LEAST_LIMIT, max_tokens - _path_tokens(last.path, counter)) if last.pieces else max_tokens
    above = [
        unit
        for outline, each in zip(leads, tokens, strict=False)
        for unit in _plain(outline, each, limit, counter)
    ]
    if last.table is None:
        yield from _plain(last, tokens[-1], limit, counter)
        return
    table = TableUnits(last.table, above, last.path, limit=limit, counter=counter)
    for place, unit in enumerate(table.units(tokens[-1], numbers)):
        yield replace(unit, starts_block=place == 0)


def _plain(outline: _Outline, tokens: Sequence[int], limit: int, counter: TokenCounter) -> Iterator[Unit]:
    """Yields the pieces of a block, one that is too long as several."""
    block = outline.block
    previous = None
    for piece, length in zip(outline.pieces, tokens, strict=True):
        joint = "\n" if previous is None else block.text[previous : piece.start]
        parts = list(halves(block.text, piece.start, piece.end, length, limit, counter))
        for number, (start, end, part_tokens) in enumerate(parts):
            yield Unit(
                text=block.text[start:end],
                spans=cut_spans(block.spans, start, end),
                tokens=part_tokens,
                joint=joint if number == 0 else "",
                heading_path=outline.path,
                starts_block=previous is None and number == 0,
                is_heading=block.kind is BlockKind.HEADING,
                names_below=block.kind is BlockKind.HEADING,
                indexed=block.text[start:end],
                keeps_next=block.kind is BlockKind.HEADING,
            )
        previous = piece.end


def _path_tokens(path: tuple[str, ...], counter: TokenCounter) -> int:
    return counter.count_tokens([" > ".join(path)])[0] + 1 if path else 0
