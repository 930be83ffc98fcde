"""Cells that span rows and columns -> rows in which every cell holds what a reader sees there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.text.tables import column_names, record, row_cells
from kb.types import Block, BlockKind

_ROW_JOINT = "; "
"""What stands between the rows of a table in a cell."""
_WIDEST = 1000
"""Columns and rows that one cell may span; a file may say anything."""
_MOST_REPEATED = 200_000
"""Cells of one table that spans may add."""
_LONGEST_CELL = 400
"""Characters of a cell with values, tables in it included: a longer one is a column of a page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as its file states it."""

    text: str
    columns: int = 1
    rows: int = 1
    """0 reaches to the end of the table."""
    is_header: bool = False


_Pending = dict[int, tuple[str, int]]
"""Column -> the text that reaches into it from above, and how many more rows it takes."""


def filled_rows(rows: Iterable[Sequence[Cell]]) -> list[list[str]]:
    """Returns the texts of the cells by row and column, those that span several in each of them.

    A row that is one cell over all columns belongs to none of them: its text is there once.
    """
    filled: list[list[str]] = []
    pending: _Pending = {}
    room = _MOST_REPEATED
    for row in rows:
        line: list[str] = []
        for cell in row:
            _take(pending, line, len(line))
            down = cell.rows - 1 if 0 < cell.rows <= _WIDEST else _WIDEST
            columns = max(1, min(cell.columns, _WIDEST, room))
            room -= columns - 1
            for _ in range(columns):
                if down:
                    pending[len(line)] = cell.text, down
                line.append(cell.text)
        _take(pending, line, max(pending, default=0))
        room -= len(line) - len(row)
        if room <= 0:
            pending.clear()
        filled.append(line[:1] if len(row) == 1 and len(set(line)) == 1 else line)
    return filled


def _take(pending: _Pending, line: list[str], last: int) -> None:
    """Adds what reaches into the next columns of ``line`` from above, at least up to the column ``last``."""
    while len(line) in pending or len(line) < last:
        text, left = pending.pop(len(line), ("", 0))
        if left > 1:
            pending[len(line)] = text, left - 1
        line.append(text)


def stated_header(rows: Sequence[Sequence[Cell]]) -> int:
    """Returns how many of the first rows are header cells throughout, as far as the file says; empty ones count."""
    count = 0
    for row in rows[:-1]:
        if not any(cell.is_header for cell in row) or any(not cell.is_header and cell.text for cell in row):
            break
        count += 1
    return count


def is_layout(rows: Sequence[Sequence[Cell]]) -> bool:
    """Returns whether a table that holds tables only places them on a page, and is none itself.

    One with values has as many columns in each row and short cells, or names its columns.
    """
    if stated_header(rows):
        return False
    widths = {sum(cell.columns for cell in row) for row in rows if row}
    longest = max((len(cell.text) for row in rows for cell in row), default=0)
    return len(rows) < 2 or len(widths) > 1 or longest > _LONGEST_CELL


def text_in_cell(block: Block) -> str:
    """Returns a block that stands in a cell as one line, a table in it row by row: "Calls: 100; Data: 2 GB"."""
    if block.kind is not BlockKind.TABLE:
        return block.text
    rows = [row_cells(line) for line in block.text.split("\n")]
    if all(len(row) <= 2 for row in rows):
        return _ROW_JOINT.join(": ".join(filter(None, row)) for row in rows)
    names = column_names(rows[: block.header_rows]) if block.header_rows else []
    return _ROW_JOINT.join(record(names, row, joint=", ") for row in rows[block.header_rows :])
