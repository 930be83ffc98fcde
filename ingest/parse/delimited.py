"""Tables as text (CSV, TSV) -> rows with the lines they stand on.

The delimiter, the quotes, the title above the table and the row that names the columns are told from the values:
programs write them in every way, and a file says of none which it is.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from ingest.parse.encoding import MAX_TEXT_BYTES, read_text
from ingest.parse.normalise import normalise_text, squeeze
from ingest.parse.table_header import header_rows, over_their_columns, stands_over
from ingest.parse.text import parse_text
from kb.text.tables import row_line
from kb.types import Block, BlockKind, LinePlace, ParsedDocument, Span

_USUAL = "\t;|,"
"""The delimiters that programs offer, the less likely to stand within a value first."""
_UNUSUAL = ":^~¦§"
_SAMPLE_LINES = 300
_CONSISTENT = 0.8
"""The share of rows that have as many cells as most have: less is a text with commas in it."""
_LEAST_SPLIT = 0.5
"""The share of lines that are rows: a short table may have as many lines above it, and notes below."""
_LONG_CELL = 60
"""Characters: longer is a clause of a sentence."""
_MOST_LINES_OF_A_ROW = 200
"""A row over more lines is an opening quote that nobody closed."""
_DECIMAL = re.compile(r"(?<=\d),(?=\d)")
_SEPARATOR_LINE = re.compile(r"sep=([^\s\w\"'\\]|\t)$", re.IGNORECASE)
"""What Excel writes above a table, and reads."""


class Row(NamedTuple):
    """A row, and the lines of the file on which it begins and ends."""

    first: int
    last: int
    cells: list[str]

    @property
    def filled(self) -> int:
        """How many of its cells hold something."""
        return sum(map(bool, self.cells))


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How the cells of a row are told apart."""

    delimiter: str
    quote: str | None
    """None where quotes mean nothing."""
    escape: str | None = None


def parse_delimited(path: Path, name: str) -> ParsedDocument:
    """Returns the tables of a CSV or TSV file, a span a row; a file without columns is read as plain text.

    Raises:
        BadInput: the file is binary, too large, or holds nothing but white space.
    """
    decoded = read_text(path, name)
    lines = re.sub("\r\n?", "\n", decoded.text).removeprefix("\ufeff").split("\n")
    stated = _SEPARATOR_LINE.match(lines[0].strip("\"' "))
    if stated:
        lines[0] = ""
    delimiter = stated[1] if stated else _delimiter(lines)
    if delimiter is None:
        return parse_text(path, name)
    rows = _rows(lines, delimiter)
    blocks = [block for part in _parts(rows) for block in _blocks(part, _Lines(lines, delimiter))]
    return ParsedDocument(tuple(blocks), metadata={"encoding": decoded.encoding}, warnings=decoded.warnings)


@dataclass(frozen=True, slots=True)
class _Split:
    """What one delimiter makes of the lines."""

    delimiter: str
    width: int
    """Cells of most rows that it splits."""
    consistent: float
    """The share of those rows that have as many."""
    split: float
    """The share of all rows that it splits."""
    longest: float
    """Characters of the longest cell of a row, the median of the rows."""

    @property
    def is_even(self) -> bool:
        """Whether it makes rows of as many cells of most lines."""
        return self.split >= _LEAST_SPLIT and self.consistent >= _CONSISTENT


def _delimiter(lines: Sequence[str]) -> str | None:
    """Returns the character that splits most rows into as many cells; None where none does.

    A comma between digits is a decimal one where another character splits the rows as well. Rows that break off
    early are split by what is in nearly all of them, if that leaves no long runs of words, as in prose.
    """
    sample = [line for line in lines if line.strip()][:_SAMPLE_LINES]
    usual, unusual = ([_split(sample, each) for each in delimiters] for delimiters in (_USUAL, _UNUSUAL))
    decimal = _are_decimal(sample)
    for splits in (
        [each for each in usual if each.is_even and not (decimal and each.delimiter == ",")],
        [each for each in unusual if each.is_even],
        [each for each in usual if each.is_even],
        [each for each in usual if each.split >= _CONSISTENT and each.longest <= _LONG_CELL],
    ):
        if splits:
            best = max(round(each.consistent, 1) for each in splits)
            near = [each for each in splits if round(each.consistent, 1) == best]
            return max(near, key=lambda each: (each.width, -_USUAL.find(each.delimiter))).delimiter
    return None


def _split(sample: Sequence[str], delimiter: str) -> _Split:
    rows = [row.cells for row in _read(sample, _dialect(sample, delimiter))]
    wide = [cells for cells in rows if len(cells) > 1]
    if not wide:
        return _Split(delimiter, 1, 0.0, 0.0, 0.0)
    width, times = Counter(map(len, wide)).most_common(1)[0]
    longest = median(max(map(len, cells)) for cells in wide)
    return _Split(delimiter, width, times / len(wide), len(wide) / len(rows), longest)


def _are_decimal(sample: Sequence[str]) -> bool:
    """Returns whether the commas of ``sample`` stand within numbers, nearly all."""
    text = "\n".join(sample)
    return len(_DECIMAL.findall(text)) >= 0.9 * text.count(",") > 0


def _dialect(sample: Sequence[str], delimiter: str) -> _Dialect:
    text = "\n".join(sample)
    opening = Counter(
        cell.strip()[0] for line in sample for cell in line.split(delimiter) if len(cell.strip()) > 1
    )
    quote = "'" if opening["'"] > opening['"'] and opening["'"] >= 0.3 * opening.total() else '"'
    escaped = f"\\{quote}" in text and quote * 2 not in text
    return _Dialect(delimiter, quote, "\\" if escaped else None)


def _rows(lines: Sequence[str], delimiter: str) -> list[Row]:
    """Returns the rows; those of a file with a quote that is never closed are its lines."""
    dialect = _dialect([line for line in lines if line.strip()][:_SAMPLE_LINES], delimiter)
    rows = list(_read(lines, dialect))
    if any(row.last - row.first > _MOST_LINES_OF_A_ROW for row in rows):
        rows = list(_read(lines, _Dialect(delimiter, None)))
    return rows


def _read(lines: Sequence[str], dialect: _Dialect) -> Iterator[Row]:
    csv.field_size_limit(MAX_TEXT_BYTES)
    reader = csv.reader(
        (f"{line}\n" for line in lines),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
        escapechar=dialect.escape,
        doublequote=dialect.escape is None,
        skipinitialspace=dialect.delimiter != "\t",
    )
    before = 0
    for cells in reader:
        yield Row(before + 1, reader.line_num, [squeeze(normalise_text(cell)) for cell in cells])
        before = reader.line_num


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yields the tables of a file: an empty line parts two where names of columns follow."""
    part: list[Row] = []
    gap = False
    for place, row in enumerate(rows):
        if not row.filled:
            gap = bool(part)
            continue
        ahead = rows[place : place + _SAMPLE_LINES] if gap else ()
        if gap and _begins(ahead) and not _is_above(part, ahead):
            yield part
            part = []
        gap = False
        part.append(row)
    if part:
        yield part


def _is_above(part: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Returns whether ``part`` is the title of the table that ``rows`` begin with."""
    return max(row.filled for row in part) <= _width(_until_gap(rows)) / 2


def _begins(rows: Sequence[Row]) -> bool:
    """Returns whether a table of its own begins with these rows: a header, with a title above or without."""
    near = _until_gap(rows)
    titles = _titles(near)
    return len(near) - titles > 1 and header_rows([row.cells for row in near[titles:]]) > 0


def _until_gap(rows: Sequence[Row]) -> list[Row]:
    return list(takewhile(lambda row: row.filled, rows))


def _width(rows: Sequence[Row]) -> int:
    """Returns how many cells of most rows are filled."""
    return Counter(row.filled for row in rows).most_common(1)[0][0]


def _titles(rows: Sequence[Row]) -> int:
    """Returns how many rows stand above the table: title, date, unit, in no more than half of its columns."""
    width = _width(rows)
    if width < 2:
        return 0
    count = next((place for place, row in enumerate(rows) if row.filled > width / 2), 0)
    while count and stands_over(rows[count - 1].cells, rows[count].cells):
        count -= 1
    return count


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a file, for what stands on them beside its tables."""

    lines: Sequence[str]
    delimiter: str

    def is_text(self, row: Row) -> bool:
        """Returns whether a row is a line of text: it has one cell, or its delimiters are marks of a sentence."""
        line = self.lines[row.first - 1]
        return row.filled == 1 or (row.first == row.last and f"{self.delimiter} " in line and '"' not in line)

    def block(self, row: Row) -> Block:
        """Returns a row that is none of a table: as it is written where it is text, else "label: value"."""
        text = ": ".join(cell.rstrip(":：") for cell in row.cells if cell)
        if row.filled > 1 and self.is_text(row):
            text = squeeze(normalise_text(self.lines[row.first - 1].strip(f"{self.delimiter} ")))
        return Block(BlockKind.PARAGRAPH, text, (Span(0, len(text), LinePlace(row.first, row.last)),))


def _blocks(rows: Sequence[Row], file: _Lines) -> Iterator[Block]:
    """Yields what stands above a table, a block a line, then the table."""
    titles = _titles(rows)
    yield from map(file.block, rows[:titles])
    table, below = _notes_apart(rows[titles:], file)
    header = header_rows([row.cells for row in table])
    names = over_their_columns([row.cells for row in table[:header]], written=True)
    lines = [row_line(cells) for cells in (*names, *(row.cells for row in table[header:]))]
    spans: list[Span] = []
    start = 0
    for row, line in zip(table, lines, strict=True):
        spans.append(Span(start, start + len(line), LinePlace(row.first, row.last)))
        start += len(line) + 1
    yield Block(BlockKind.TABLE, "\n".join(lines), tuple(spans), header_rows=header)
    yield from map(file.block, below)


def _notes_apart(rows: Sequence[Row], file: _Lines) -> tuple[Sequence[Row], Sequence[Row]]:
    """Returns the rows of a table and the lines of text below it, behind an empty line."""
    last = len(rows)
    while last > 1 and rows[last - 1].cells[0] and file.is_text(rows[last - 1]):
        last -= 1
    for place in range(last, len(rows)) if last > 1 and _width(rows) > 1 else ():
        if rows[place].first > rows[place - 1].last + 1:
            return rows[:place], rows[place:]
    return rows, ()
