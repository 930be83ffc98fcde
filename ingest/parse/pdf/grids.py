"""The grids that the lines of a page draw: rows and columns of cells, with lines around each or below each row."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from ingest.parse.pdf.drawn_lines import DrawnLines
from ingest.parse.pdf.letters import Box
from ingest.parse.pdf.lines import Line

_MEETS = 2.0
"""Points: lines that end as near to each other meet."""
_SAME_EDGE = 3.0
"""Points: edges of cells that are as near are one."""
_OPEN = 6.0
"""Points by which the level lines of a table without lines at its sides go on beyond the outermost upright ones."""
_DRAWN = 0.6
"""Share of the edges between neighbouring cells that are drawn: in a diagram of joined boxes fewer are."""
_GUTTER = 0.5
"""In units of the font size: what is free of text over all rows and as wide parts columns, where no line does."""

Place = tuple[int, int]
"""The number of a row and of a column."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines that cross, and the edges of cells between them."""

    rows: tuple[float, ...]
    columns: tuple[float, ...]
    level: tuple[tuple[Box, ...], ...]
    """The lines at each edge of ``rows``."""
    upright: tuple[tuple[Box, ...], ...]
    """The lines at each edge of ``columns``."""

    def place(self, line: Line) -> Place | None:
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

    def end(self, place: Place, line: Line) -> float:
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


def grids(drawn: DrawnLines, lines: Sequence[Line]) -> Iterator[Grid]:
    """Yields the grids of two rows and columns or more on a page whose text stands in ``lines``.

    First those of level and upright lines that cross, then those of level lines alone, one below the other.
    """
    for upright in _connected(drawn):
        level = [line for line in drawn.level if any(_cross(line, other) for other in upright)]
        columns = _edges((line[0] for line in upright), (line[end] for line in level for end in (0, 2)))
        rows = _edges((line[1] for line in level), (line[end] for line in upright for end in (1, 3)))
        grid = Grid(rows, columns, _at(rows, level, 1), _at(columns, upright, 0))
        if len(rows) > 2 and len(columns) > 2 and grid.is_whole():
            yield grid
    alone = [line for line in drawn.level if not any(_cross(line, other) for other in drawn.upright)]
    for stack in _stacks(alone):
        columns = _gutters(stack, lines)
        if len(columns) > 2:
            upright = [(x, stack[0][1], x, stack[-1][3]) for x in columns]
            rows = tuple(line[1] for line in stack)
            yield Grid(rows, columns, _at(rows, stack, 1), _at(columns, upright, 0))


def _stacks(level: Sequence[Box]) -> Iterator[list[Box]]:
    """Yields three and more level lines that begin and end below each other, from the top down."""
    for _, run in groupby(sorted(level, key=lambda line: (_extent(line), line[1])), key=_extent):
        stack: list[Box] = []
        for line in run:
            if not stack or line[1] - stack[-1][1] > _SAME_EDGE:
                stack.append(line)
        if len(stack) > 2:
            yield stack


def _extent(line: Box) -> tuple[int, int]:
    return round(line[0] / _SAME_EDGE), round(line[2] / _SAME_EDGE)


def _gutters(stack: Sequence[Box], lines: Sequence[Line]) -> tuple[float, ...]:
    """Returns the edges of the columns between level lines: where no text of a row with several pieces stands."""
    left, top, right, foot = stack[0][0], stack[0][1], stack[0][2], stack[-1][3]
    within = [
        line
        for line in lines
        if left < (line.rect.x0 + line.rect.x1) / 2 < right and top < (line.rect.y0 + line.rect.y1) / 2 < foot
    ]
    row_of = [bisect([rule[1] for rule in stack], (line.rect.y0 + line.rect.y1) / 2) for line in within]
    pieces = Counter(row_of)
    beside = sorted(
        (line for line, row in zip(within, row_of, strict=True) if pieces[row] > 1),
        key=lambda line: line.rect.x0,
    )
    edges = [left]
    reach = left
    for line in beside:
        if line.rect.x0 - reach > _GUTTER * line.size and reach > left:
            edges.append((reach + line.rect.x0) / 2)
        reach = max(reach, line.rect.x1)
    return (*edges, right)


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
