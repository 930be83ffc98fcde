"""Tables that are drawn as a grid: what stands between the same lines is a cell, over one line of text or several."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.parse.pdf.blocks import Group, Row, group_lines, right_edge, right_margins
from ingest.parse.pdf.drawn_lines import DrawnLines
from ingest.parse.pdf.letters import Box
from ingest.parse.pdf.lines import Line, Page, Way
from ingest.parse.pdf.sentence_parts import union
from ingest.parse.pdf.text import first_word, join_lines
from ingest.parse.table_header import is_figure
from kb.types import BlockKind, Rect, Span

_MEETS = 2.0
"""Points: lines that end as near to each other meet."""
_SAME_EDGE = 3.0
"""Points: edges of cells that are as near are one."""
_WITHIN = 1.0
"""Points: a cell is that much smaller than the edges around it, on either side."""
_OPEN = 6.0
"""Points by which the level lines of a table without lines at its sides go on beyond the outermost upright ones."""
_LONGEST_CELL, _MOST_LINES = 120, 15
"""Characters of a cell (half of them are shorter), and its lines of text: ruled columns of a page hold more."""
_ROWS_OF_CELLS = 0.4
"""Share of the rows with two cells or more that are not empty."""

_DRAWN = 0.6
"""Share of the edges between neighbouring cells that are drawn: in a diagram of joined boxes fewer are."""

_Place = tuple[int, int]
"""The number of a row and of a column."""
_Cells = Mapping[_Place, list[Line]]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Lines that cross, and the edges of cells between them."""

    rows: tuple[float, ...]
    columns: tuple[float, ...]
    level: tuple[tuple[Box, ...], ...]
    """The lines at each edge of ``rows``."""
    upright: tuple[tuple[Box, ...], ...]
    """The lines at each edge of ``columns``."""

    def place(self, line: Line) -> _Place | None:
        """Returns where the cell of a line of text begins; None outside."""
        x, y = (line.rect.x0 + line.rect.x1) / 2, (line.rect.y0 + line.rect.y1) / 2
        if not (self.columns[0] < x < self.columns[-1] and self.rows[0] < y < self.rows[-1]):
            return None
        column, row = bisect(self.columns, x) - 1, bisect(self.rows, y) - 1
        while column and not self._parts_columns(column, y):
            column -= 1
        while row and not self._parts_rows(row, x):
            row -= 1
        return row, column

    def end(self, place: _Place, line: Line) -> float:
        """Returns the right edge of the cell at ``place``, in which ``line`` stands."""
        y = (line.rect.y0 + line.rect.y1) / 2
        column = place[1] + 1
        while column < len(self.columns) - 1 and not self._parts_columns(column, y):
            column += 1
        return self.columns[column]

    def is_whole(self) -> bool:
        """Returns whether most of the edges between cells are drawn, upright and level ones."""
        across = [(left + right) / 2 for left, right in pairwise(self.columns)]
        down = [(top + foot) / 2 for top, foot in pairwise(self.rows)]
        upright = [self._parts_columns(number, y) for number in range(1, len(self.columns) - 1) for y in down]
        level = [self._parts_rows(number, x) for number in range(1, len(self.rows) - 1) for x in across]
        return all(sum(drawn) >= _DRAWN * len(drawn) for drawn in (upright, level))

    def _parts_columns(self, number: int, y: float) -> bool:
        return any(line[1] <= y <= line[3] for line in self.upright[number])

    def _parts_rows(self, number: int, x: float) -> bool:
        return any(line[0] <= x <= line[2] for line in self.level[number])


def groups_of_page(page: Page, lines: Sequence[Line], vocabulary: Container[str]) -> list[Group]:
    """Returns ``lines`` of a page, in reading order, as groups: each grid with text in it a table, the rest by gaps."""
    tables: dict[int, Group] = {}
    inside: set[int] = set()
    for grid in _grids(page.drawn):
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


def _grids(drawn: DrawnLines) -> Iterator[_Grid]:
    """Yields the grids of two rows and columns or more: level and upright lines that are joined by crossing."""
    for upright in _connected(drawn):
        level = [line for line in drawn.level if any(_cross(line, other) for other in upright)]
        columns = _edges((line[0] for line in upright), (line[end] for line in level for end in (0, 2)))
        rows = _edges((line[1] for line in level), (line[end] for line in upright for end in (1, 3)))
        grid = _Grid(rows, columns, _at(rows, level, 1), _at(columns, upright, 0))
        if len(rows) > 2 and len(columns) > 2 and grid.is_whole():
            yield grid


def _at(edges: Sequence[float], lines: Iterable[Box], axis: int) -> tuple[tuple[Box, ...], ...]:
    """Returns the lines at each of ``edges``, which are y (axis 1) or x (axis 0)."""
    found: list[list[Box]] = [[] for _ in edges]
    for line in lines:
        number = min(bisect(edges, line[axis] + _SAME_EDGE), len(edges)) - 1
        if number >= 0 and abs(edges[number] - line[axis]) <= _SAME_EDGE:
            found[number].append(line)
    return tuple(map(tuple, found))


def _connected(drawn: DrawnLines) -> list[list[Box]]:
    """Returns the upright lines in groups that level lines join."""
    groups: list[list[Box]] = [[line] for line in drawn.upright]
    for level in drawn.level:
        joined = [group for group in groups if any(_cross(level, line) for line in group)]
        if len(joined) > 1:
            groups = [group for group in groups if group not in joined]
            groups.append([line for group in joined for line in group])
    return groups


def _cross(level: Box, upright: Box) -> bool:
    return (
        level[0] - _MEETS <= upright[0] <= level[2] + _MEETS
        and upright[1] - _MEETS <= level[1] <= upright[3] + _MEETS
    )


def _edges(lines: Iterable[float], ends: Iterable[float]) -> tuple[float, ...]:
    """Returns where cells begin and end: at lines, and where those that cross them end, if that is further out."""
    edges: list[float] = []
    for edge in sorted(lines):
        if not edges or edge - edges[-1] > _SAME_EDGE:
            edges.append(edge)
    found = list(ends)
    if edges and found and min(found) < edges[0] - _OPEN:
        edges.insert(0, min(found))
    if edges and found and max(found) > edges[-1] + _OPEN:
        edges.append(max(found))
    return tuple(edges)


def _table(
    grid: _Grid, lines: Sequence[Line], width: float, vocabulary: Container[str]
) -> tuple[Group, list[Line]] | None:
    """Returns the table of a grid and the lines in it; None where what stands in it is none."""
    cells: dict[_Place, list[Line]] = {}
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


def _of_row(cells: _Cells, row: int, ways: Container[Way]) -> list[_Place]:
    return sorted((place for place in cells if place[0] == row), reverse=Way.LEFT in ways)


def _is_table(cells: _Cells, grid: _Grid) -> bool:
    counts = [sum(place[0] == row for place in cells) for row in {row for row, _ in cells}]
    if len(counts) < 2 or sum(count > 1 for count in counts) < max(2, _ROWS_OF_CELLS * len(counts)):
        return False
    lengths = [sum(len(line.text) for line in cell) for cell in cells.values()]
    if median(lengths) > _LONGEST_CELL or max(map(len, cells.values())) > _MOST_LINES:
        return False
    return not any(_holds_rows(cells, row, grid) for row in {row for row, _ in cells})


def _holds_rows(cells: _Cells, row: int, grid: _Grid) -> bool:
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


def _cell(
    grid: _Grid, place: _Place, lines: Sequence[Line], width: float, vocabulary: Container[str]
) -> Line:
    """Returns the lines of a cell as one, as wide as the cell, with the place of each."""
    text, spans = "", list[Span]()
    for line in lines:
        glue = ""
        if text:
            text, glue = join_lines(text, line.text, vocabulary)
            spans[-1] = Span(spans[-1].start, min(spans[-1].end, len(text)), spans[-1].place)
        text += glue
        spans += line.spans(len(text))
        text += line.text
    first = lines[0]
    u0, u1 = _along(grid.columns[place[1]], grid.end(place, first), (first.way,), width)
    box = union([(line.rect.x0, line.rect.y0, line.rect.x1, line.rect.y1) for line in lines])
    bold, mono = all(line.bold for line in lines), all(line.mono for line in lines)
    return Line(
        text, Rect(first.rect.page, *box), u0, u1, first.v0, lines[-1].v1, first.size, bold, mono,
        False, first.way, tuple(spans), u0 - _WITHIN,
    )  # fmt: skip
