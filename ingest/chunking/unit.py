"""The smallest piece of a document that stays whole, and how one that is too long is cut."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kb.ports import TokenCounter
from kb.types import Span


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, a table row, a line of code."""

    text: str
    spans: tuple[Span, ...]
    tokens: int
    """Of what is indexed of it."""
    joint: str
    """The joint between the unit before and this one: nothing, a space, a line break."""
    heading_path: tuple[str, ...]
    starts_block: bool
    is_heading: bool
    indexed: str
    """What is embedded and indexed of it: a row as a record, nothing for names of columns, else its text."""
    keeps_next: bool = False
    """Whether no chunk ends with it: a heading, a line above a table, names of columns."""
    table: int = 0
    """The number of the table whose part it is; 0 outside of tables."""
    rows_together: int = 0
    """How many rows of that table make a chunk; 0 for a table that fits into one."""
    names_below: bool = False
    """Whether it names what stands below: a heading, the names of columns, the name of a table within it."""
    head: tuple[Unit, ...] = ()
    """What stands above this row in a chunk that begins with it: the table's name and its columns, without places."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Where a unit stands in its block, and what is indexed of it."""

    start: int
    end: int
    indexed: str


def halves(
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
    yield from halves(text, start, cut, left, limit, counter)
    yield from halves(text, cut, end, right, limit, counter)


def cut_spans(spans: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """Returns the spans within [start, end), counted from ``start``: by halves, a table may have 100,000."""
    found: list[Span] = []
    for index in range(bisect_right(spans, start, key=lambda span: span.end), len(spans)):
        span = spans[index]
        if span.start >= end:
            break
        found.append(replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start))
    return tuple(found)
