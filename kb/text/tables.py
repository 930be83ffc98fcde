"""Rows of a table as text: the line that is shown of a row, and the record that is embedded and indexed of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

JOINT = " | "
"""What stands between two cells of a line."""
_FIELD_JOINT = "; "
_LONGEST_NAME = 60
"""Characters of a column's name in a record; what is longer is an explanation, and every row would repeat it."""
_BLANK = re.compile(r"\s+")


def row_line(cells: Iterable[str]) -> str:
    """Returns the cells as one line; the empty ones at the end go, the others keep their place."""
    texts = [_BLANK.sub(" ", cell).strip().replace(JOINT, "|") for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return JOINT.join(texts)


def row_cells(line: str) -> list[str]:
    """Returns the cells of a line that ``row_line`` wrote."""
    return [cell.strip() for cell in line.split(JOINT)]


def cell_ranges(line: str) -> list[tuple[int, int]]:
    """Returns the (start, end) of each cell of a line, white space around it left out."""
    ranges: list[tuple[int, int]] = []
    start = 0
    for cell in line.split(JOINT):
        left = start + len(cell) - len(cell.lstrip())
        ranges.append((left, max(left, start + len(cell.rstrip()))))
        start += len(cell) + len(JOINT)
    return ranges


def column_names(header: Sequence[Sequence[str]]) -> list[str]:
    """Returns a name for each column from the rows of a header, the upper ones first: "Year ended May 31 2024".

    What stands alone in a row is the table's title and names no column; "" for a column without a name.
    """
    rows = [row for row in header if len(header) == 1 or not is_title(row)]
    names = [
        " ".join(dict.fromkeys(cell.strip(" :：") for cell in column if cell))
        for column in zip_longest(*rows, fillvalue="")
    ]
    return [name[:_LONGEST_NAME].strip() for name in names]


def is_title(cells: Sequence[str]) -> bool:
    """Returns whether a row holds one text only, be it repeated in every column that it spans."""
    return len({cell for cell in cells if cell}) == 1


def record(names: Sequence[str], cells: Sequence[str], *, joint: str = _FIELD_JOINT) -> str:
    """Returns a row as "column: value; column: value"; empty cells and missing names are left out."""
    fields = (
        f"{name}: {cell}" if name else cell for name, cell in zip_longest(names, cells, fillvalue="") if cell
    )
    return joint.join(fields)
