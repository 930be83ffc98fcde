"""Puts the lines of a page in reading order where the file draws them across two columns.

Most files draw their text in the order in which it is read, headings, columns and all, and know better
than any rule about gaps. Some programs write line by line over the whole width instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from statistics import quantiles

from ingest.parse.pdf.lines import Line, Way

_PAIRS = 6
"""Lines of text that must stand side by side, drawn one after the other, before columns are assumed."""
_SHARE = 0.6
"""Share of the page's lines that they must make up."""
_LONG = 20
"""Characters: shorter pieces side by side are the cells of a table."""


_TURNED = (Way.DOWN, Way.UP, Way.OVER)


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """Returns the lines, column by column where they are drawn across columns, else as they come."""
    rows = _from_the_right(_from_the_right(lines)[::-1])[::-1]
    return _column_by_column([line for run in _runs(rows) for line in _forwards(run)])


def _from_the_right(lines: Sequence[Line]) -> list[Line]:
    """Returns the lines, a number or a Latin name behind a right-to-left label as a part of its row."""
    turned: list[Line] = []
    for line in lines:
        last = turned[-1] if turned else line
        if last.way is Way.LEFT and line.way is Way.RIGHT:
            shared = min(last.v1, line.v1) - max(last.v0, line.v0)
            width = last.u0 + last.rect.x1
            if shared > 0.5 * min(last.height, line.height):
                line = replace(line, way=Way.LEFT, u0=width - line.u1, u1=width - line.u0, rule=None)
        turned.append(line)
    return turned


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yields runs of lines that follow each other and are read in the same direction."""
    for _, run in groupby(lines, key=lambda line: line.way):
        yield list(run)


def _forwards(lines: list[Line]) -> list[Line]:
    """Returns the lines, reversed when they are turned text: PDFium gives that from left to right, top to bottom."""
    if lines[0].way not in _TURNED:
        return lines
    backwards = sum(b.v0 < a.v0 - a.size for a, b in pairwise(lines))
    forwards = sum(b.v0 > a.v0 + a.size for a, b in pairwise(lines))
    return lines[::-1] if backwards > forwards else lines


def _column_by_column(lines: Sequence[Line]) -> list[Line]:
    pairs = [(a, b) for a, b in pairwise(lines) if _side_by_side(a, b)]
    if len(pairs) < _PAIRS or 2 * len(pairs) < _SHARE * len(lines):
        return list(lines)
    left_end = quantiles([a.u1 for a, _ in pairs], n=10)[-1]
    right_start = quantiles([b.u0 for _, b in pairs], n=10)[0]
    return list(_by_column(lines, (left_end + right_start) / 2)) if left_end < right_start else list(lines)


def _side_by_side(a: Line, b: Line) -> bool:
    shared = min(a.v1, b.v1) - max(a.v0, b.v0)
    level = a.way is b.way and shared > 0.5 * min(a.height, b.height)
    return level and b.u0 > a.u1 and min(len(a.text), len(b.text)) >= _LONG


def _by_column(lines: Sequence[Line], gutter: float) -> Iterator[Line]:
    """Yields the lines of each part of the page, left column first; a line across the gutter ends a part."""
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        if line.u0 < gutter - line.size and line.u1 > gutter + line.size:
            yield from (*left, *right, line)
            left, right = [], []
        else:
            (left if line.u0 < gutter else right).append(line)
    yield from (*left, *right)
