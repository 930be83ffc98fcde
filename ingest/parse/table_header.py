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
    count, counting = 0, False
    for row in rows[: min(MOST, len(rows) - 1)]:
        if counting and row[0] not in ("", rows[0][0]) and not stands_over(rows[count - 1], row):
            return count
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
        if like and (counting or any(years[column] for column in like) or not _count_on(row)):
            return count
        counting = counting or bool(like)  # years, and below them what each of their columns is
        count += 1
    return count


def over_their_columns(header: Rows, *, written: bool = False) -> list[list[str]]:
    """Returns the rows of a header, each name of a group of columns in all of them.

    A group is told by the names below, which come back in each: "2023" over "Budget" and "Actual", "2024" over the
    same. ``written``: as in ``stands_over``.
    """
    rows = [list(row) for row in header]
    width = max(map(len, rows), default=0)
    for row in rows:
        row += [""] * (width - len(row))
    for upper, lower in reversed(list(pairwise(rows))):
        for start, end in _groups(upper, lower) or (_written_groups(upper, lower) if written else ()):
            upper[start:end] = [next(filter(None, upper[start:end]))] * (end - start)
    return rows


def stands_over(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Returns whether a row names groups of the columns that the next one names.

    Programs write a name over the first column of its group; without names that come back, it is one if there is
    nothing else in the row but what names a column that the row below does not.
    """
    width = max(len(upper), len(lower))
    above, below = ([*row, *[""] * (width - len(row))] for row in (upper, lower))
    return bool(_groups(above, below) or _written_groups(above, below))


def _groups(upper: Sequence[str], lower: Sequence[str]) -> list[tuple[int, int]]:
    """Returns the (start, end) of the groups whose columns have the same names in each, one name above each group."""
    width = len(lower)
    for start in range(width):
        for size in range(2, (width - start) // 2 + 1):
            names = lower[start : start + size]
            count = _times(names, lower[start:])
            found = [(start + place * size, start + (place + 1) * size) for place in range(count)]
            if (
                len(found) > 1
                and all(names)
                and len(set(names)) == size
                and all(sum(map(bool, upper[first:last])) == 1 for first, last in found)
            ):
                return found
    return []


def _times(names: Sequence[str], row: Sequence[str]) -> int:
    """Returns how many times ``row`` begins with ``names``."""
    size = len(names)
    return next(
        (count for count in range(len(row) // size + 1) if row[count * size : (count + 1) * size] != names), 0
    )


def _written_groups(upper: Sequence[str], lower: Sequence[str]) -> list[tuple[int, int]]:
    starts = [column for column, (over, name) in enumerate(zip(upper, lower, strict=True)) if over and name]
    if not starts or not starts[0]:
        return []
    found = []
    for start, end in pairwise([*starts, len(upper)]):
        last = next((column for column in range(start, end) if not lower[column]), end)
        if last - start < 2 or not all(upper[last:end]):
            return []
        found.append((start, last))
    return found


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
