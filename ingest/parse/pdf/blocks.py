"""Makes paragraphs, list items, code and tables of the lines of one PDF page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median
from typing import TypeAlias

from ingest.parse.pdf.lines import Line
from ingest.parse.pdf.text import ENTRY, first_word, join_lines
from kb.types import Block, BlockKind, Span

_MARK = re.compile(
    r"(?:[•‣◦⁃∙▪▫■□☐☑☒●○◆◇►▸➢➤✓✔]|[-–—*·](?=\s)"
    r"|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{2,5})[.)](?=\s)|[（(]?[一二三四五六七八九十]{1,3}[、）)]|[①-⑳])\s*"
)
"""What a list item begins with."""

_END = re.compile(r"[.!?:;。！？：；…][\"'”’»」』）)\]]*\d{0,2}$")
"""The end of a sentence, a footnote mark included."""

_SAME_EDGE = 3.0
"""Points within which lines end alike."""
_ENOUGH_STEPS = 4
"""Line spacings that show whether a text is set with double ones."""

_CELL_GAP = 1.4
"""In units of the font size: pieces of a row further apart are cells."""
_SAME_RULE = 1.0
"""Points by which a cell may reach over the rule behind it."""


class Row:
    """The pieces of text side by side: mostly one, several in a table."""

    __slots__ = ("main", "pieces", "size", "text", "u0", "u1")

    def __init__(self, pieces: Sequence[Line]) -> None:
        self.pieces = pieces
        self.main = max(pieces, key=lambda piece: len(piece.text))  # no footnote mark
        self.size = max(self.main.size, 1.0)
        self.u0 = min(piece.u0 for piece in pieces)
        self.u1 = max(piece.u1 for piece in pieces)
        self.text = " ".join(piece.text for piece in pieces)

    def cells(self) -> list[tuple[float, float]]:
        """Returns (u0, u1) of each cell."""
        cells: list[tuple[float, float]] = []
        for piece in self.pieces:
            if cells and not _is_apart(cells[-1][1], piece, self.size):
                cells[-1] = cells[-1][0], max(cells[-1][1], piece.u1)
            else:
                cells.append((piece.u0, piece.u1))
        return cells


def _is_apart(end: float, piece: Line, size: float) -> bool:
    """Returns whether a piece is another cell than what ends before it: behind a wide gap, or a rule of a table."""
    if piece.rule is not None and piece.rule >= end - _SAME_RULE:
        return True
    return piece.u0 - end >= _CELL_GAP * size


@dataclass(slots=True)
class Group:
    """Rows that belong together: a block in the making."""

    rows: list[Row]
    kind: BlockKind
    right: float
    """Where the lines of the column around it end."""
    level: int = 0
    columns: Sequence[tuple[float, float]] = ()
    """The (u0, u1) of each column of a table that is drawn as a grid; empty where gaps tell."""

    @property
    def text(self) -> str:
        """Its rows as they are, for comparisons only."""
        return " ".join(row.text for row in self.rows)

    @property
    def size(self) -> float:
        """Font size of most of its rows."""
        return median(row.size for row in self.rows)

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(row.main.bold for row in self.rows)

    @property
    def page(self) -> int:
        """The page on which it ends."""
        return self.rows[-1].main.rect.page


Margins: TypeAlias = Sequence[tuple[float, float]]
"""The (left, right) edges that several lines of a page share."""


def group_lines(lines: Sequence[Line], margins: Margins) -> list[Group]:
    """Returns lines of one page, in reading order, as paragraphs, list items, code and tables.

    ``margins`` are those of the whole page.
    """
    groups: list[Group] = []
    for region in _regions(_rows(lines)):
        for rows, table in _tables(region):
            right = right_edge(rows)
            if table:
                groups.append(Group(rows, BlockKind.TABLE, right))
            elif len(rows) > 1 and all(row.main.mono for row in rows) and not _prose(rows):
                groups.append(Group(rows, BlockKind.CODE, right))
            else:
                groups += _paragraphs(rows, margins)
    return groups


def right_margins(lines: Iterable[Line]) -> Margins:
    """Returns the edges that at least four lines of the page share: its columns."""
    edges = Counter((round(line.u0 / 4), round(line.u1 / 4)) for line in lines)
    return [(4.0 * left, 4.0 * right) for (left, right), count in edges.items() if count >= 4]


def _rows(lines: Iterable[Line]) -> Iterator[Row]:
    """Yields rows: lines that follow each other side by side are joined."""
    pieces: list[Line] = []
    for line in lines:
        if pieces and not _beside(pieces, line):
            yield Row(pieces)
            pieces = []
        pieces.append(line)
    if pieces:
        yield Row(pieces)


def _beside(pieces: Sequence[Line], line: Line) -> bool:
    """Returns whether ``line`` goes on with the row of ``pieces``."""
    last = pieces[-1]
    if last.way is not line.way or last.broken or not line.height:
        return False
    larger, smaller = max(line.size, last.size, 1.0), min(line.size, last.size)
    small = smaller < 0.85 * larger  # an exponent or an index
    shared = min(last.v1, line.v1) - max(last.v0, line.v0)
    level = shared > (0.25 if small else 0.5) * min(last.height, line.height)
    return level and line.u0 > last.u0 and line.u0 >= last.u1 - 0.5 * larger


def right_edge(rows: Sequence[Row]) -> float:
    """Returns where the lines of a column end: an edge that three of them share, since a few may run over it."""
    ends = sorted((row.u1 for row in rows), reverse=True)
    few = ends[: len(ends) // 4 + 1]
    shared = (end for end, third in zip(few, ends[2:], strict=False) if end - third < _SAME_EDGE)
    return next(shared, ends[0])


def _regions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yields regions: the page is split at gaps, jumps to another column, and changes of direction."""
    region: list[Row] = []
    for row in rows:
        if region and not _follows(region[-1], row):
            yield region
            region = []
        region.append(row)
    if region:
        yield region


def _follows(a: Row, b: Row) -> bool:
    """Returns whether ``b`` is below ``a`` in the same column, within a wide line spacing."""
    if a.main.way is not b.main.way:
        return False
    size = max(a.size, b.size)
    step = b.main.v1 - a.main.v1
    overlap = min(a.u1, b.u1) - max(a.u0, b.u0)
    return 0.2 * size < step < 2.6 * size and overlap > 0.2 * min(a.u1 - a.u0, b.u1 - b.u0)


def _tables(rows: list[Row]) -> Iterator[tuple[list[Row], bool]]:
    """Yields the parts of a region as (rows, whether they are a table)."""
    text: list[Row] = []
    for wide, run in groupby(rows, key=lambda row: len(row.cells()) > 1):
        part = list(run)
        if wide and _is_table(part):
            if text:
                yield text, False
                text = []
            yield part, True
        else:  # a word and its explanation stand side by side too, and the explanation goes on below
            text += part
    if text:
        yield text, False


def _is_table(rows: Sequence[Row]) -> bool:
    """Returns whether the rows share at least two columns of short cells."""
    cells = [row.cells() for row in rows]
    aligned = sum(
        _aligned(a, b, 0.8 * row.size) >= 2 for row, (a, b) in zip(rows, pairwise(cells), strict=False)
    )
    short = median(len(row.text) / len(cell) for row, cell in zip(rows, cells, strict=True)) <= 45
    enough = len(rows) >= 3 or (len(rows) == 2 and min(map(len, cells)) >= 3)
    return enough and short and aligned >= 0.6 * (len(rows) - 1)


def _aligned(above: list[tuple[float, float]], below: list[tuple[float, float]], near: float) -> int:
    """Returns how many cells are under a cell: flush left, flush right or centred."""
    return sum(
        any(abs(a - c) < near or abs(b - d) < near or abs(a + b - c - d) < near for a, b in above)
        for c, d in below
    )


def _prose(rows: Sequence[Row]) -> bool:
    """Returns whether lines of a fixed-width font are running text: full lines of words, a typewriter's page."""
    text = " ".join(row.text for row in rows)
    signs = sum(char in "{}()[]<>=;_#$\\/|+*&%" for char in text)
    return signs < 0.03 * len(text)


def _paragraphs(rows: list[Row], margins: Margins) -> list[Group]:
    """Returns the paragraphs of a column."""
    left, right = min(row.u0 for row in rows), right_edge(rows)
    if len(rows) < 4:  # too few to show where their column ends
        near = [edge for start, edge in margins if abs(start - left) < 2 * rows[0].size and edge > right]
        right = min(near, default=right)
    steps = [below.main.v1 - above.main.v1 for above, below in pairwise(rows)]
    usual = median(steps) if len(steps) >= _ENOUGH_STEPS else 0.0
    groups: list[Group] = []
    for row in rows:
        if groups and _continues(groups[-1], row, usual):
            groups[-1].rows.append(row)
        else:
            kind = BlockKind.LIST_ITEM if _MARK.match(row.text) else BlockKind.PARAGRAPH
            groups.append(Group([row], kind, right))
    return groups


def _continues(group: Group, row: Row, usual: float) -> bool:
    """Returns whether ``row`` goes on with the paragraph of ``group``; ``usual`` is the column's line spacing."""
    last = group.rows[-1]
    if last.pieces[-1].broken:
        return True
    if abs(row.size - last.size) > 0.12 * last.size or (row.main.bold != last.main.bold and group.bold):
        return False
    if ENTRY.search(last.text):
        return False
    if _MARK.match(row.text) and (group.kind is BlockKind.LIST_ITEM or _END.search(last.text)):
        return False
    if len(row.cells()) > 1 and (len(last.cells()) > 1 or row.u0 < last.u0 - row.size):
        return False
    steps = [below.main.v1 - above.main.v1 for above, below in pairwise(group.rows)]
    if row.main.v1 - last.main.v1 > (1.3 * median(steps) if steps else max(1.9 * row.size, 1.1 * usual)):
        return False
    return not is_short(group, row) and not _is_indented(group, row)


def is_short(group: Group, row: Row) -> bool:
    """Returns whether the first word of ``row`` would have fitted into the last line of ``group``."""
    last = group.rows[-1]
    text = row.text
    width = (row.u1 - row.u0) * len(first_word(text)) / max(1, len(text))
    room = group.right - last.u1 - width - 0.3 * last.size
    return room > (0.5 if is_ended(group) else 4) * last.size


def is_ended(group: Group) -> bool:
    """Returns whether the last line ends like a sentence."""
    return bool(_END.search(group.rows[-1].text))


def _is_indented(group: Group, row: Row) -> bool:
    if not is_ended(group) or group.kind is not BlockKind.PARAGRAPH:
        return False
    left = min(above.main.u0 for above in group.rows[1:] or group.rows)
    return 0.8 * row.size < row.u0 - left < 6 * row.size


def make_block(group: Group, vocabulary: Container[str]) -> Block:
    """Returns the block of a group: its lines joined as a person would read them, with a span a sentence."""
    text, spans = "", list[Span]()
    for row in group.rows:
        for place, piece in enumerate(row.pieces):
            if not piece.text:
                continue
            glue = ""
            if text and place:
                glue = _glue(group.kind, row, row.pieces[place - 1], piece)
            elif text and group.kind in (BlockKind.TABLE, BlockKind.CODE):
                glue = "\n"
            elif text:
                text, glue = join_lines(text, piece.text, vocabulary)
                spans[-1] = Span(spans[-1].start, min(spans[-1].end, len(text)), spans[-1].place)
            text += glue
            spans += piece.spans(len(text))
            text += piece.text
    return Block(group.kind, text, tuple(spans), group.level)


def _glue(kind: BlockKind, row: Row, before: Line, after: Line) -> str:
    """Returns the text between two pieces of a row."""
    gap = after.u0 - before.u1
    if kind is BlockKind.TABLE and gap >= _CELL_GAP * row.size:
        return " | "
    small = min(before.size, after.size) < 0.85 * max(before.size, after.size)
    return "" if small and gap < 0.15 * row.size else " "
