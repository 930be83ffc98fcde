"""Which rows of a table name its columns, told from the values below them where the file does not say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

Rows = Sequence[Sequence[str]]

MOST = 3
"""Rows of a header: a group of columns, their names, their units."""
_LOOKED_AT = 200
"""Rows that show what a column holds."""
_MOSTLY = 0.7
"""The share of a column's values that are figures where it is a column of figures: a few are "n/a" or a note."""
_LONGEST = 80
"""Characters of a column's name."""
_NOTHING = re.compile(r"[\W_]*$")
_NUMBER = re.compile(r"\d{1,4}$")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}$")
_YEARS = (1800, 2200)


def header_rows(rows: Rows) -> int:
    """Returns how many of the first rows are a header; 0 where they look like those below.

    Words above a column of figures are its name, and so are years, quarters and dates above figures that are none.
    Where no column holds figures, a first row names the columns if it is full, short, and says nothing that a row
    below says.
    """
    below = rows[max(1, min(MOST, len(rows) // 2)) : _LOOKED_AT]
    figures = list(_columns(below, is_figure))
    if not any(figures):
        return int(len(rows) > 1 and _names_columns(rows))
    years, words, dates = (list(_columns(below, kind)) for kind in (_is_year, _has_letters, _is_date))
    count = 0
    for row in rows[: min(MOST, len(rows) - 1)]:
        above = [
            column for column, holds in enumerate(figures) if holds and column < len(row) and row[column]
        ]
        if not above:
            break
        like = [
            column
            for column in above
            if is_figure(row[column])
            and (words[column] or not _has_letters(row[column]))
            and (dates[column] or not _is_date(row[column]))
        ]
        if like:
            return count + (not any(years[column] for column in like) and _count_on(row))
        count += 1
    return count


def _has_letters(cell: str) -> bool:
    return any(map(str.isalpha, cell))


def _is_date(cell: str) -> bool:
    return _DATE.match(cell) is not None


def is_figure(cell: str) -> bool:
    """Returns whether a cell holds a number, an amount, a date or an id rather than words."""
    digits = sum(char.isdigit() for char in cell)
    return digits > 0 and digits >= sum(char.isalpha() for char in cell)


def _is_year(cell: str) -> bool:
    return _NUMBER.match(cell) is not None and _YEARS[0] <= int(cell) <= _YEARS[1]


def _columns(rows: Rows, holds: Callable[[str], bool]) -> Iterator[bool]:
    """Yields for each column whether most of its values are of a kind."""
    for column in range(max(map(len, rows), default=0)):
        values = [row[column] for row in rows if column < len(row) and not _NOTHING.match(row[column])]
        yield bool(values) and sum(map(holds, values)) >= _MOSTLY * len(values)


def _count_on(row: Sequence[str]) -> bool:
    """Returns whether the figures of a row are years or months that follow each other, each perhaps repeated."""
    numeric = list(dict.fromkeys(cell for cell in row if is_figure(cell)))
    if (row[0] and is_figure(row[0])) or not all(map(_NUMBER.match, numeric)):
        return False
    numbers = [int(cell) for cell in numeric]
    steps = {after - before for before, after in pairwise(numbers)}
    return len(steps) <= 1 and (all(map(_is_year, numeric)) or (numbers[0] == 1 and len(numbers) > 2))


def _names_columns(rows: Rows) -> bool:
    first, below = rows[0], rows[1 : _LOOKED_AT + 1]
    width = max(map(len, rows[: _LOOKED_AT + 1]))
    named = [cell for cell in first if cell]
    if (
        len(named) < max(2, width)
        or len(set(named)) < len(named)
        or any(len(cell) > _LONGEST for cell in named)
    ):
        return False
    return not any(map(is_figure, named)) and not any(
        cell in _values(below, column) for column, cell in enumerate(first)
    )


def _values(rows: Rows, column: int) -> Iterable[str]:
    return {row[column] for row in rows if column < len(row)}
