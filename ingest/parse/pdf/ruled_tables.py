"""Tables that are drawn as a grid: what stands between the same lines is a cell, over one line of text or several."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from statistics import median

from ingest.parse.pdf.blocks import Group, Row, group_lines, make_block, right_edge, right_margins
from ingest.parse.pdf.grids import Grid, Place, grids
from ingest.parse.pdf.lines import Line, Page, Way
from ingest.parse.pdf.sentence_parts import union
from ingest.parse.pdf.text import first_word
from ingest.parse.table_header import is_figure
from kb.types import BlockKind, Rect

_WITHIN = 1.0
"""Points: a cell is that much smaller than the edges around it, on either side."""
_LONGEST_CELL, _MOST_LINES = 120, 15
"""Characters of a cell (half of them are shorter), and its lines of text: ruled columns of a page hold more."""
_ROWS_OF_CELLS = 0.4
"""Share of the rows with two cells or more that are not empty."""


_Cells = Mapping[Place, list[Line]]


def groups_of_page(page: Page, lines: Sequence[Line], vocabulary: Container[str]) -> list[Group]:
    """Returns ``lines`` of a page, in reading order, as groups: each grid with text in it a table, the rest by gaps."""
    tables: dict[int, Group] = {}
    inside: set[int] = set()
    for grid in grids(page.drawn, lines):
        found = _table(grid, [line for line in lines if id(line) not in inside], page.width, vocabulary)
        if found is not None:
            table, own = found
            own_ids = {id(line) for line in own}
            tables[next(number for number, line in enumerate(lines) if id(line) in own_ids)] = table
            inside |= own_ids
    margins = right_margins(lines)
    groups: list[Group] = []
    run: list[Line] = []
    for number, line in enumerate(lines):
        if number in tables:
            groups += group_lines(run, margins)
            groups.append(tables[number])
            run = []
        elif id(line) not in inside:
            run.append(line)
    return groups + group_lines(run, margins)


def _table(
    grid: Grid, lines: Sequence[Line], width: float, vocabulary: Container[str]
) -> tuple[Group, list[Line]] | None:
    """Returns the table of a grid and the lines in it; None where what stands in it is none."""
    cells: dict[Place, list[Line]] = {}
    for line in lines:
        place = grid.place(line)
        if place is not None:
            cells.setdefault(place, []).append(line)
    own = [line for cell in cells.values() for line in cell]
    ways = {line.way for line in own}
    if len(ways) != 1 or not ways <= {Way.RIGHT, Way.LEFT} or not _is_table(cells, grid):
        return None
    rows = [
        Row([_cell(grid, place, cells[place], width, vocabulary) for place in _of_row(cells, row, ways)])
        for row in sorted({row for row, _ in cells})
    ]
    columns = [
        _along(grid.columns[column], grid.columns[column + 1], ways, width)
        for column in sorted({column for _, column in cells}, reverse=Way.LEFT in ways)
    ]
    return Group(rows, BlockKind.TABLE, right_edge(rows), columns=columns), own


def _along(left: float, right: float, ways: Container[Way], width: float) -> tuple[float, float]:
    """Returns where a cell begins and ends along its lines of text, just within its edges."""
    u0, u1 = (width - right, width - left) if Way.LEFT in ways else (left, right)
    return u0 + _WITHIN, u1 - _WITHIN


def _of_row(cells: _Cells, row: int, ways: Container[Way]) -> list[Place]:
    return sorted((place for place in cells if place[0] == row), reverse=Way.LEFT in ways)


def _is_table(cells: _Cells, grid: Grid) -> bool:
    counts = [sum(place[0] == row for place in cells) for row in {row for row, _ in cells}]
    if len(counts) < 2 or sum(count > 1 for count in counts) < max(2, _ROWS_OF_CELLS * len(counts)):
        return False
    lengths = [sum(len(line.text) for line in cell) for cell in cells.values()]
    if median(lengths) > _LONGEST_CELL or max(map(len, cells.values())) > _MOST_LINES:
        return False
    return not any(_holds_rows(cells, row, grid) for row in {row for row, _ in cells})


def _holds_rows(cells: _Cells, row: int, grid: Grid) -> bool:
    """Returns whether two cells of a row hold as many lines as each other, which end before they have to.

    They are rows with no lines between them, and gaps tell their cells.
    """
    below_each_other = [
        (_without_marks(cell), grid.end(place, cell[0])) for place, cell in cells.items() if place[0] == row
    ]
    ended = [len(cell) for cell, end in below_each_other if len(cell) > 1 and not _is_wrapped(cell, end)]
    return len(ended) != len(set(ended))


def _without_marks(cell: Sequence[Line]) -> list[Line]:
    """Returns the lines of a cell that stand below each other: the mark of a footnote is a line beside another."""
    found = [cell[0]]
    for line in cell[1:]:
        if (line.rect.y0 + line.rect.y1) / 2 > found[-1].rect.y1:
            found.append(line)
    return found


def _is_wrapped(cell: Sequence[Line], end: float) -> bool:
    """Returns whether each line of a cell ends where the first word of the next would not have fitted any more.

    Figures below each other are no text that was broken, however narrow their column is.
    """
    if all(is_figure(line.text) for line in cell):
        return False
    room = end - min(line.rect.x0 for line in cell)
    return all(
        above.broken or (above.u1 - above.u0) + _width_of_first_word(below) > room - below.size
        for above, below in pairwise(cell)
    )


def _width_of_first_word(line: Line) -> float:
    return (line.u1 - line.u0) * len(first_word(line.text)) / max(1, len(line.text))


def _cell(grid: Grid, place: Place, lines: Sequence[Line], width: float, vocabulary: Container[str]) -> Line:
    """Returns the lines of a cell as one, as wide as the cell and as high as the first, with the place of each."""
    said = make_block(Group([Row([line]) for line in lines], BlockKind.PARAGRAPH, 0.0), vocabulary)
    first = lines[0]
    u0, u1 = _along(grid.columns[place[1]], grid.end(place, first), (first.way,), width)
    box = union([(line.rect.x0, line.rect.y0, line.rect.x1, line.rect.y1) for line in lines])
    bold, mono = all(line.bold for line in lines), all(line.mono for line in lines)
    return Line(
        said.text, Rect(first.rect.page, *box), u0, u1, first.v0, first.v1, first.size, bold, mono,
        False, first.way, said.spans, u0 - _WITHIN,
    )  # fmt: skip
