"""Tables to units: whatever part of one begins a chunk, what names the table, its columns and its rows is repeated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count

from ingest.chunking.table_lines import ABOVE, LineKind, TableLine, TableLines
from ingest.chunking.unit import Unit, cut_spans, halves
from kb.ports import TokenCounter
from kb.text.tables import JOINT, cell_ranges, record, row_cells, row_line
from kb.types import Span

ROWS_TOGETHER = 1
"""Rows of a table that make a chunk where it does not fit into one."""
_MOST_CHUNKS = 10_000
"""Chunks of one table: of a longer one more rows go together."""
_MOST_KEYS = 3
_DISTINCT = 0.95
"""The share of rows that the key columns tell apart."""
_MOST_OF_A_PART = 0.4
"""The share of a chunk that the key columns, or the lines above the table, may take where each part repeats them."""
_MOST_LOOKED_AT = 5000


@dataclass(frozen=True, slots=True)
class _Field:
    """A cell, or a part of one that is too long, as it is indexed."""

    column: int
    start: int
    end: int
    tokens: int


class TableUnits:
    """Makes units of the rows of one table."""

    def __init__(
        self,
        table: TableLines,
        lead: Sequence[Unit],
        path: tuple[str, ...],
        *,
        limit: int,
        counter: TokenCounter,
    ) -> None:
        self._table = table
        self._path = path
        self._counter = counter
        self._limit = limit
        self._lead = tuple(lead)
        self._room = limit
        self._rows_together = 0

    def units(self, tokens: Sequence[int], numbers: Iterator[int]) -> Iterator[Unit]:
        """Yields the lines of the table; ``tokens`` of each line's record, ``numbers`` for it and its wide rows."""
        number = next(numbers)
        if sum(tokens) + sum(unit.tokens for unit in self._lead) > self._limit:
            self._rows_together = max(ROWS_TOGETHER, len(tokens) // _MOST_CHUNKS)
        lines = list(zip(self._table.lines, tokens, strict=True))
        above = sum(unit.tokens for unit in self._lead)
        above += sum(length for line, length in lines if line.kind is LineKind.TITLE)
        if above > _MOST_OF_A_PART * self._limit:
            yield from self._lead
            self._lead, above = (), 0
        self._room = self._limit - above
        wide = any(length > self._room for _, length in lines)
        names: list[Unit] = []
        group: list[Unit] = []
        if not wide:
            for unit in self._lead:
                yield replace(unit, table=number, rows_together=self._rows_together, keeps_next=True)
            self._repeat()
        for line, length in lines:
            unit = self._unit(line, length, number)
            if line.kind in (LineKind.TITLE, LineKind.NAMES):
                unit = replace(unit, names_below=True)
                names.append(_repeated(unit))
                if not wide:
                    yield replace(unit, keeps_next=True)
            elif line.kind is LineKind.GROUP:
                group = [replace(_repeated(unit), indexed="", tokens=0)]
                yield replace(unit, keeps_next=True, head=(*self._lead, *names))
                self._repeat()
            elif length > self._room:
                yield from self._wide(line, numbers)
            else:
                yield replace(unit, head=(*self._lead, *names, *group))
                self._repeat()

    def _repeat(self) -> None:
        """Takes their places from the lines above the table, once they stand in a part of it."""
        self._lead = tuple(_repeated(unit) for unit in self._lead)

    def _unit(self, line: TableLine, tokens: int, number: int) -> Unit:
        piece = line.piece
        return Unit(
            text=self._table.block.text[piece.start : piece.end],
            spans=cut_spans(self._table.block.spans, piece.start, piece.end),
            tokens=tokens if piece.indexed else 0,
            joint="\n",
            heading_path=self._path,
            starts_block=False,
            is_heading=False,
            indexed=piece.indexed,
            table=number,
            rows_together=self._rows_together,
        )

    def _wide(self, line: TableLine, numbers: Iterator[int]) -> Iterator[Unit]:
        """Yields the parts of a row that is too wide for a chunk, each with the columns that tell which row it is."""
        keys, others, room = self._fields(line)
        part: list[_Field] = []
        for field in others:
            if part and sum(each.tokens for each in part) + field.tokens > room:
                yield self._part(line, [*keys, *part], next(numbers))
                self._repeat()
                part = []
            part.append(field)
        if part:
            yield self._part(line, [*keys, *part], next(numbers))
            self._repeat()

    def _fields(self, line: TableLine) -> tuple[list[_Field], list[_Field], int]:
        """Returns the fields that are repeated, the others, and the tokens that a part has for these."""
        text = self._table.block.text
        ranges = [
            (column, line.piece.start + start, line.piece.start + end)
            for column, (start, end) in enumerate(cell_ranges(text[line.piece.start : line.piece.end]))
            if end > start
        ]
        tokens = self._counter.count_tokens(
            [self._indexed(column, text[start:end]) for column, start, end in ranges]
        )
        fields = [_Field(*place, length) for place, length in zip(ranges, tokens, strict=True)]
        keys = [field for field in fields if field.column < self._keys]
        group = self._counter.count_tokens([line.group])[0] if line.group else 0
        taken = sum(field.tokens for field in keys)
        if taken > _MOST_OF_A_PART * self._limit or len(keys) == len(fields):
            keys, taken = [], 0
        room = max(1, self._room - taken - group)
        others = [part for field in fields if field not in keys for part in self._cut(field, room)]
        return keys, others, room

    def _cut(self, field: _Field, room: int) -> Iterator[_Field]:
        """Yields a field, or parts of one that is too long; each gets the name of its column."""
        if field.tokens <= room:
            yield field
            return
        name = self._name(field.column)
        named = self._counter.count_tokens([name])[0] + 1 if name else 0
        text = self._table.block.text
        for start, end, tokens in halves(
            text, field.start, field.end, field.tokens, max(1, room - named), self._counter
        ):
            yield _Field(field.column, start, end, tokens + named)

    def _part(self, line: TableLine, fields: Sequence[_Field], number: int) -> Unit:
        text = self._table.block.text
        shown, spans = "", list[Span]()
        for field in fields:
            shown += JOINT if shown else ""
            spans += [
                replace(span, start=span.start + len(shown), end=span.end + len(shown))
                for span in cut_spans(self._table.block.spans, field.start, field.end)
            ]
            shown += text[field.start : field.end]
        names = [self._name(field.column) for field in fields]
        indexed = record(names, [text[field.start : field.end] for field in fields])
        unit = self._unit(line, sum(field.tokens for field in fields), number)
        above = [
            replace(
                unit,
                text=row_line(names),
                spans=(),
                tokens=0,
                indexed="",
                keeps_next=True,
                names_below=True,
            )
        ]
        return replace(
            unit,
            text=shown,
            spans=tuple(spans),
            indexed=f"{line.group}{ABOVE}{indexed}" if line.group else indexed,
            head=(*self._lead, *(above if any(names) else ())),
        )

    def _name(self, column: int) -> str:
        return self._table.names[column] if column < len(self._table.names) else ""

    def _indexed(self, column: int, value: str) -> str:
        return record([self._name(column)], [value]) + ";"

    @cached_property
    def _keys(self) -> int:
        """How many of the first columns tell nearly every row from every other: those that a part of a row repeats."""
        rows = [
            row_cells(self._table.block.text[line.piece.start : line.piece.end])
            for line in self._table.lines[:_MOST_LOOKED_AT]
            if line.kind is LineKind.ROW
        ]
        for columns in count(1):
            if columns >= _MOST_KEYS or len({tuple(row[:columns]) for row in rows}) >= _DISTINCT * len(rows):
                return columns
        raise AssertionError("counting ends")


def _repeated(unit: Unit) -> Unit:
    """Returns ``unit`` as it stands above later parts: its words are somewhere else in the file."""
    return replace(unit, spans=(), starts_block=False, keeps_next=True, joint="\n", head=())
