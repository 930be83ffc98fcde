"""Tables of a page made whole: the names above their columns, the titles among their rows, and which cell is where.

Lines are found to be a table by cells that stand below each other. What belongs to it and has one cell only was taken
for text: "Year ended May 31" over three columns, "Current assets:" between two rows. Its place tells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.parse.pdf.blocks import Group, Row
from ingest.parse.pdf.lines import Line
from ingest.parse.table_header import MOST, header_rows, is_figure, over_their_columns
from kb.text.tables import JOINT
from kb.types import Block, BlockKind, Span

_STEP = 2.6
"""In units of the font size: rows of a table are no further apart."""
_INDENT = 4.0
"""In units of the font size: a title of rows begins this near to the left edge of the table."""
_LONGEST_TITLE = 80
"""Characters of a title of rows, or of a name above columns."""
_MOST_ABOVE = 3
"""Rows of names above columns."""
_NEAR = 0.8
"""In units of the font size: edges that are as near are the same."""
_SAME_EDGE = 1.0
"""Points: a longer cell that begins where those of a column do is one of them."""
_SIGN = re.compile(r"[^\w\s.–—☐☑☒✓✔✗✘-]{1,3}$")
"""A cell of its own that belongs to the figure beside it: "$", "€", "%", ")". A dash stands for nothing, a tick for
what its column says."""
_OPENING = re.compile(r"[$€£¥(₹₩]")

Columns = list[tuple[float, float]]
"""The (u0, u1) of each column."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """Pieces of a row that belong together."""

    pieces: tuple[Line, ...]

    @property
    def u0(self) -> float:
        return self.pieces[0].u0

    @property
    def u1(self) -> float:
        return self.pieces[-1].u1

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)


def complete_tables(groups: Sequence[Group]) -> list[Group]:
    """Returns the groups, those joined with a table that are part of it: rows above, titles, the next page's rows."""
    joined: list[Group] = []
    for group in groups:
        if group.kind is BlockKind.TABLE:
            beside = _row_beside(joined[-1], group) if joined else None
            if beside is not None:
                group.rows[beside] = Row([*joined.pop().rows[0].pieces, *group.rows[beside].pieces])
            above = _rows_above(joined, group)
            if above:
                del joined[-len(above) :]
                group.rows = [row for part in above for row in part.rows] + group.rows
            while _goes_on(joined, group):
                between = [] if joined[-1].kind is BlockKind.TABLE else joined.pop().rows
                group.rows = joined.pop().rows + between + group.rows
        joined.append(group)
    return joined


def _row_beside(group: Group, table: Group) -> int | None:
    """Returns the number of the row that a group stands beside: the first column's name, as high as several rows.

    None where it stands above the table, or is none.
    """
    columns, name = _columns(table), group.rows[0]
    if len(columns) < 2 or not _is_short(group) or len(group.rows) > 1 or name.u1 > columns[1][0]:
        return None
    middle = (name.main.v0 + name.main.v1) / 2
    rows = table.rows[:MOST]
    same = name.main.rect.page == rows[0].main.rect.page and name.main.way is rows[0].main.way
    if not same or not rows[0].main.v0 < middle < rows[-1].main.v1 or not _is_title_of_rows(group, columns):
        return None
    near = min(
        range(len(rows)), key=lambda number: abs(rows[number].main.v0 + rows[number].main.v1 - 2 * middle)
    )
    return near if rows[near].u0 > name.u1 else None


def _rows_above(groups: Sequence[Group], table: Group) -> list[Group]:
    """Returns the groups right above a table that name its columns, with a title of rows that stands between."""
    found: list[Group] = []
    columns = _columns(table)
    if len(columns) < 2:
        return []
    taken = 0
    first = table.rows[0]
    for group in reversed(groups[-_MOST_ABOVE - 1 :]):
        if not _is_short(group) or not _is_right_above(group, first):
            break
        is_title = _is_title_of_rows(group, columns)
        names_all = bool(table.columns) and len(group.rows) == 1 and _is_in_each(group.rows[0], columns)
        if not is_title and not names_all and group.rows[0].u0 < columns[1][0] - 2 * group.size:
            break
        found.insert(0, group)
        first = group.rows[0]
        if not is_title:
            taken = len(found)
    return found[len(found) - taken :]


def _is_in_each(row: Row, columns: Columns) -> bool:
    """Returns whether a row has a cell in each column."""
    return [_nearest(cell, columns) for cell in _cells(row)] == list(range(len(columns)))


def _goes_on(groups: Sequence[Group], table: Group) -> bool:
    """Returns whether ``table`` is the rest of the last table: behind a title of rows, or on the next page."""
    if not groups:
        return False
    last = groups[-1]
    if last.kind is BlockKind.TABLE:
        turned = table.rows[0].main.rect.page == last.page + 1
        return turned and _same_columns(last, table) and not _has_header(table)
    if len(groups) < 2 or groups[-2].kind is not BlockKind.TABLE or not _is_short(last) or len(last.rows) > 1:
        return False
    before = groups[-2]
    return (
        _is_title_of_rows(last, _columns(before))
        and _is_right_above(last, table.rows[0])
        and (
            _is_right_above(before, last.rows[0]) or (last.page == before.page + 1 and not _has_header(table))
        )
        and _same_columns(before, table)
    )


def _is_short(group: Group) -> bool:
    is_text = group.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
    return is_text and len(group.rows) <= 2 and len(group.text) <= _LONGEST_TITLE


def _is_right_above(group: Group, row: Row) -> bool:
    last = group.rows[-1].main
    same = last.rect.page == row.main.rect.page and last.way is row.main.way
    return same and 0 < row.main.v1 - last.v1 < _STEP * max(row.size, group.size)


def _is_title_of_rows(group: Group, columns: Columns) -> bool:
    """Returns whether a group stands where the rows of a table begin."""
    near = abs(group.rows[0].u0 - columns[0][0]) < _INDENT * group.size
    return near and len(group.rows) == 1 and len(_cells(group.rows[0])) == 1


def _same_columns(above: Group, below: Group) -> bool:
    """Returns whether two tables have their columns in the same places, but for the first, whose words vary."""
    first, second = _columns(above), _columns(below)
    near = _NEAR * above.size
    return len(first) == len(second) > 1 and all(
        abs(a - c) < near or abs(b - d) < near or abs(a + b - c - d) < near
        for (a, b), (c, d) in zip(first[1:], second[1:], strict=True)
    )


def _has_header(table: Group) -> bool:
    columns = _columns(table)
    rows = [_by_column(row, columns, is_above=place < MOST) for place, row in enumerate(table.rows)]
    return header_rows(_texts(rows)) > 0


# --- Cells and columns --------------------------------------------------------------------------


def _cells(row: Row) -> list[_Cell]:
    """Returns the cells of a row; a sign that stands apart from its figure belongs to it."""
    cells: list[_Cell] = []
    pending: list[Line] = []
    for u0, u1 in row.cells():
        pieces = [piece for piece in row.pieces if u0 <= piece.u0 and piece.u1 <= u1]
        text = " ".join(piece.text for piece in pieces)
        if _SIGN.match(text) and _OPENING.match(text):
            pending += pieces
        elif _SIGN.match(text) and cells:
            cells[-1] = _Cell((*cells[-1].pieces, *pieces))
        else:
            cells.append(_Cell((*pending, *pieces)))
            pending = []
    return [*cells, _Cell(tuple(pending))] if pending else cells


def _columns(table: Group) -> Columns:
    """Returns where the columns are: as drawn, or as in the rows that have as many cells as most have, or more."""
    if table.columns:
        return list(table.columns)
    found = [cells for cells in map(_cells, table.rows) if len(cells) > 1]
    if not found:
        return []
    counts = Counter(map(len, found))
    most = max(counts, key=lambda count: (counts[count], count))
    full = [cells for cells in found if len(cells) == most]
    columns = [
        (min(cell.u0 for cell in column), max(cell.u1 for cell in column))
        for column in zip(*full, strict=True)
    ]
    if any(
        right > left for (_, right), (left, _) in pairwise(columns)
    ):  # a long label runs under the figures
        usual = [[(cell.u0, cell.u1) for cell in column] for column in zip(*full, strict=True)]
        columns = [(median(u0 for u0, _ in column), median(u1 for _, u1 in column)) for column in usual]
    return columns


def _by_column(row: Row, columns: Columns, *, is_above: bool) -> list[list[_Cell]]:
    """Returns the cells of each column; one that stands over several, with none beside it there, is in all of them.

    ``is_above``: the row may name columns. Below, a figure between two columns belongs to one of them.
    """
    cells = [part for cell in _cells(row) for part in _parted(cell, columns)]
    places = [_nearest(cell, columns) for cell in cells]
    placed: list[list[_Cell]] = [
        [cell for cell, place in zip(cells, places, strict=True) if place == column]
        for column in range(len(columns))
    ]
    spanning = [
        cell
        for cell, place in zip(cells, places, strict=True)
        if place > 0 and _spans(cell, columns) and (is_above or not is_figure(cell.text))
    ]
    for column, (u0, u1) in enumerate(columns[1:], start=1):
        if not placed[column] and spanning:
            middle = (u0 + u1) / 2
            cell = min(spanning, key=lambda cell: abs((cell.u0 + cell.u1) / 2 - middle))
            placed[column] = [cell]
    return placed


def _parted(cell: _Cell, columns: Columns) -> list[_Cell]:
    """Returns the cells that a narrow gap made one: a piece that begins or ends where those of a column do is a cell.

    Which gap parts cells is not known before the columns are; here the other rows tell.
    """
    parts = [[cell.pieces[0]]]
    for piece in cell.pieces[1:]:
        is_cell = any(
            abs(piece.u0 - u0) < _SAME_EDGE or abs(piece.u1 - u1) < _SAME_EDGE for u0, u1 in columns[1:]
        )
        if is_cell:
            parts.append([piece])
        else:
            parts[-1].append(piece)
    return [_Cell(tuple(part)) for part in parts]


def _nearest(cell: _Cell, columns: Columns) -> int:
    def distance(place: int) -> tuple[float, float]:
        u0, u1 = columns[place]
        shared = min(cell.u1, u1) - max(cell.u0, u0)
        return -max(shared, 0.0), abs((cell.u0 + cell.u1) - (u0 + u1))

    return min(range(len(columns)), key=distance)


def _spans(cell: _Cell, columns: Columns) -> bool:
    """Returns whether a cell reaches over more than one of the columns of values, or stands between two."""
    middle = (cell.u0 + cell.u1) / 2
    under = sum(cell.u0 < u1 and cell.u1 > u0 for u0, u1 in columns[1:])
    return under > 1 or not any(
        u0 <= middle <= u1 or (cell.u1 > u1 and abs(cell.u0 - u0) < _SAME_EDGE) for u0, u1 in columns
    )


def _texts(rows: Sequence[Sequence[Sequence[_Cell]]]) -> list[list[str]]:
    return [[" ".join(cell.text for cell in cells) for cells in row] for row in rows]


def table_block(group: Group) -> Block:
    """Returns the block of a table: a line a row, each cell in its column, a span a piece."""
    columns = _columns(group)
    rows: list[list[list[_Cell]]] = [
        _by_column(row, columns, is_above=place < MOST)
        if len(columns) > 1
        else [[cell] for cell in _cells(row)]
        for place, row in enumerate(group.rows)
    ]
    header = header_rows(_texts(rows))
    rows[:header] = _over_their_columns(rows[:header])
    lines: list[str] = []
    spans: list[Span] = []
    offset = 0
    for placed in rows:
        line, found = _line(placed, offset)
        lines.append(line)
        spans += found
        offset += len(line) + 1
    return Block(BlockKind.TABLE, "\n".join(lines), tuple(spans), header_rows=header)


def _over_their_columns(header: Sequence[Sequence[list[_Cell]]]) -> list[list[list[_Cell]]]:
    """Returns the rows of a header, each name of a group of columns in all of them."""
    full: list[list[list[_Cell]]] = []
    for placed, texts in zip(header, over_their_columns(_texts(header)), strict=True):
        named = {" ".join(cell.text for cell in cells): cells for cells in placed}
        full.append([cells or named.get(text, []) for cells, text in zip(placed, texts, strict=False)])
    return full


def _line(placed: Sequence[Sequence[_Cell]], offset: int) -> tuple[str, list[Span]]:
    """Returns the line of a row, and its spans counted from ``offset``; a cell in several columns has one place."""
    text = ""
    spans: list[Span] = []
    seen: set[int] = set()
    last = max((column for column, cells in enumerate(placed) if cells), default=0)
    for column, cells in enumerate(placed[: last + 1]):
        text += JOINT if column else ""
        for number, piece in enumerate(piece for cell in cells for piece in cell.pieces):
            text += " " if number else ""
            if id(piece) not in seen:
                spans += piece.spans(offset + len(text))
            seen.add(id(piece))
            text += piece.text
    return text, spans
