"""Blocks to chunks: along the document's own structure, measured in the embedder's tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from kb.ports import TokenCounter
from kb.text.sentences import sentences
from kb.types import Block, BlockKind, Chunk, ParsedDocument, Span

CHUNKER_VERSION = "5"
"""Raised when the same file would be cut differently, or a parser finds other positions in it:
what is imported already is then read and cut anew in the background."""

_MAX_HEADINGS = 4
"""Deeper heading paths are cut at the top: the nearest headings say most about a passage."""

_LEAST_OF_A_PAGE = 0.1
"""The share of a chunk that becomes a chunk of its own where a page ends: about a sentence. Less goes with what
follows, and that is then said to be on the page before."""

_LINEWISE = (BlockKind.TABLE, BlockKind.CODE)
"""Kinds that are only ever cut between lines: a table row stays whole."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """The smallest piece that stays whole: a sentence, a table row, a line of code."""

    text: str
    spans: tuple[Span, ...]
    tokens: int
    joint: str
    """What stands between the unit before and this one: nothing, a space, a line break."""
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


def chunk_document(parsed: ParsedDocument, counter: TokenCounter, *, max_tokens: int) -> list[Chunk]:
    """Cuts a document into chunks of at most ``max_tokens``, heading path included.

    Sentences, table rows and lines of code stay whole unless one alone is too long. A chunk never
    reaches across a heading, and prefers to end where a paragraph ends. Every character of every
    block is in exactly one chunk. Chunks come in the order of the document, without ids.
    """
    units = _units(parsed.blocks, counter, max_tokens)
    drafts = _pack(units, max_tokens)
    chunks = [_chunk(draft) for draft in drafts]
    lengths = counter.count_tokens([chunk.embedded_text for chunk in chunks])
    return [
        replace(chunk, tokens=length, position=position)
        for position, (chunk, length) in enumerate(zip(chunks, lengths, strict=True))
    ]


# --- Blocks to units --------------------------------------------------------------------------


def _units(blocks: Sequence[Block], counter: TokenCounter, max_tokens: int) -> list[_Unit]:
    """Returns all units of a document, measured together: one call of the tokenizer is many times as fast."""
    pieces: list[tuple[Block, int, int, tuple[str, ...]]] = []
    for block, path in _with_heading_paths(blocks):
        pieces.extend((block, start, end, path) for start, end in _pieces(block))
    lengths = counter.count_tokens([block.text[start:end] for block, start, end, _ in pieces])
    units: list[_Unit] = []
    previous: tuple[Block | None, int] = (None, 0)
    for (block, start, end, path), tokens in zip(pieces, lengths, strict=True):
        same_block = previous[0] is block
        joint = block.text[previous[1] : start] if same_block else "\n"
        limit = max(16, max_tokens - _path_tokens(path, counter))
        for number, (part_start, part_end, part_tokens) in enumerate(
            _parts(block.text, start, end, tokens, limit, counter)
        ):
            units.append(
                _Unit(
                    text=block.text[part_start:part_end],
                    spans=_cut_spans(block.spans, part_start, part_end),
                    tokens=part_tokens,
                    joint=joint if number == 0 else "",
                    heading_path=path,
                    starts_block=not same_block and number == 0,
                    is_heading=block.kind is BlockKind.HEADING,
                )
            )
        previous = (block, end)
    return units


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


def _cut_spans(spans: Iterable[Span], start: int, end: int) -> tuple[Span, ...]:
    """Returns the spans within [start, end), counted from ``start``."""
    return tuple(
        replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start)
        for span in spans
        if span.start < end and span.end > start
    )


# --- Units to chunks --------------------------------------------------------------------------


def _pack(units: Sequence[_Unit], max_tokens: int) -> Iterator[_Draft]:
    """Fills chunks greedily; a block that would fit whole into the next chunk is not torn."""
    block_tokens = _tokens_of_blocks(units)
    draft = _Draft()
    for index, unit in enumerate(units):
        if draft.units and _must_break(draft, unit, block_tokens[index], max_tokens):
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


def _tokens_of_blocks(units: Sequence[_Unit]) -> list[int]:
    """For each unit, the tokens from it to the end of its block."""
    totals = [0] * len(units)
    running = 0
    for index in range(len(units) - 1, -1, -1):
        running += units[index].tokens
        totals[index] = running
        if units[index].starts_block:
            running = 0
    return totals


def _chunk(draft: _Draft) -> Chunk:
    text = ""
    spans: list[Span] = []
    for number, unit in enumerate(draft.units):
        text += (unit.joint if number else "") + unit.text
        offset = len(text) - len(unit.text)
        spans.extend(replace(span, start=span.start + offset, end=span.end + offset) for span in unit.spans)
    return Chunk(text=text, spans=tuple(spans), heading_path=draft.units[0].heading_path)
