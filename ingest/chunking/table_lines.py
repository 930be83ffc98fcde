"""The lines of a table: which name its columns, which are the titles of the rows below, and the record of each row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import zip_longest
from statistics import median

from ingest.chunking.unit import Piece
from kb.text.tables import column_names, is_title, record, row_cells
from kb.types import Block

_LOOKED_AT = 200
"""Rows that show how many cells a row has."""
_LONGEST_TITLE = 80
"""Characters of a title of rows; a longer single text is a note."""
ABOVE = " > "
"""What stands between the title of some rows and the record of each, as between headings."""


class LineKind(StrEnum):
    """What a line of a table does."""

    TITLE = "title"
    """Names the whole table: a header row with one text."""
    NAMES = "names"
    """Names columns."""
    GROUP = "group"
    """Names the rows below it: "Current assets"."""
    ROW = "row"


@dataclass(frozen=True, slots=True)
class TableLine:
    """A line of a table."""

    kind: LineKind
    piece: Piece
    group: str = ""
    """The title of the rows among which it stands."""


_LAST = TableLine(LineKind.GROUP, Piece(0, 0, ""))
"""What stands below the last line."""


class TableLines:
    """A table block, line by line."""

    def __init__(self, block: Block) -> None:
        self.block = block

    @cached_property
    def names(self) -> list[str]:
        """The name of each column, "" where it has none; empty for a table without a header."""
        return column_names([row_cells(line) for line in self._header]) if self._header else []

    @cached_property
    def lines(self) -> list[TableLine]:
        """Its lines that hold something, in order. The records of rows hold the title above them."""
        lines = list(self._read())
        return [
            replace(line, piece=replace(line.piece, indexed=""))
            if line.kind is LineKind.GROUP and below.kind is LineKind.ROW
            else line
            for line, below in zip_longest(lines, lines[1:], fillvalue=_LAST)
        ]

    @cached_property
    def _header(self) -> list[str]:
        lines = [line for line in self.block.text.split("\n") if line.strip()]
        return lines[: self.block.header_rows] if len(lines) > self.block.header_rows else []

    def _read(self) -> Iterator[TableLine]:
        ranges = _ranges(self.block.text)
        header = len(self._header)
        has_groups = _has_groups(
            [self.block.text[start:end] for start, end in ranges[header : header + _LOOKED_AT]]
        )
        group = ""
        for place, (start, end) in enumerate(ranges):
            text = self.block.text[start:end]
            cells = row_cells(text)
            if place < header:
                named = header > 1 and is_title(cells)
                kind = LineKind.TITLE if named else LineKind.NAMES
                yield TableLine(kind, Piece(start, end, _first(cells) if named else ""))
            elif has_groups and is_title(cells) and len(_first(cells)) <= _LONGEST_TITLE:
                group = _first(cells).rstrip(" :：")
                yield TableLine(LineKind.GROUP, Piece(start, end, group), group)
            else:
                fields = record(self.names, cells) if self.names and len(cells) > 1 else text
                yield TableLine(
                    LineKind.ROW, Piece(start, end, f"{group}{ABOVE}{fields}" if group else fields), group
                )


def _has_groups(lines: list[str]) -> bool:
    """Returns whether a row with one text is the exception, so that it names the rows below."""
    rows = [row_cells(line) for line in lines]
    return bool(rows) and median(sum(map(bool, cells)) for cells in rows) > 1


def _first(cells: list[str]) -> str:
    return next(cell for cell in cells if cell)


def _ranges(text: str) -> list[tuple[int, int]]:
    """Returns (start, end) of each line of ``text`` that holds something; blank cells at its start are part of it."""
    ranges: list[tuple[int, int]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            ranges.append((start, start + len(line.rstrip())))
        start += len(line)
    return ranges
