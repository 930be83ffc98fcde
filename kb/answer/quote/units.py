"""What can be quoted of a passage: sentences, lines without a full stop, rows of a table, items of a list."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile

from kb.text.dates import dates
from kb.text.place_names import place_of_line
from kb.text.sentences import is_question, is_whole, sentences
from kb.text.words import words
from kb.types import Chunk, LinePlace

CELL = " | "
"""What stands between two cells of a row, in every format."""
_LEAST_WORDS = 4
"""A sentence with fewer is a fragment more often than an answer."""
_BROKEN = 40
"""Characters from which on a line may be broken because it was too long."""
_TITLE = 80
"""Characters of the longest line that is taken for a title of what stands below it."""
_MOST_ITEMS = 12
"""Items of a list that are quoted with the line above it."""
_MOST_ANSWER = 3
"""Units behind a question that are quoted with it."""
_LEADS_IN = re.compile(r"[:：]$")
_DATE = 30
"""Characters of the longest line that is nothing but a date."""
_WITH_VALUE = re.compile(r"[:：=]\s*\S|\t")
"""A key and its value: such a line is no title."""

Range = tuple[int, int]


class UnitKind(StrEnum):
    """What a unit is."""

    SENTENCE = "sentence"
    LINE = "line"
    """A line without a full stop: of a note, a list, a log, a title."""
    ROW = "row"
    PIECE = "piece"
    """What begins or ends in the middle of a sentence: quoted only where there is nothing else."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest piece of a passage that is quoted."""

    start: int
    end: int
    """It is ``text[start:end]`` of the passage."""
    kind: UnitKind
    above: tuple[Range, ...] = ()
    """The names of its columns, or the titles it stands under, in order."""
    below: tuple[Range, ...] = ()
    """Where it leads in to a list: the items."""
    needs_above: bool = False
    """Whether it says little without what stands above: a row, an item below its line with a colon."""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    kind: UnitKind
    """SENTENCE for a paragraph of one or more."""
    gap: bool
    """Whether the file leaves a line empty above it."""


def units_of(chunk: Chunk) -> list[Unit]:
    """Returns the units of ``chunk`` in their order, none of which holds another; a title is above others and none."""
    text = chunk.text
    lines = list(_lines(chunk))
    heads = [_heads(text, lines, place, begins=chunk.position == 0) for place in range(len(lines))]
    found: list[Unit] = []
    for place, line in enumerate(lines):
        if heads[place]:
            continue
        if line.kind is UnitKind.ROW:
            found += _row(lines, heads, place)
            continue
        lead = _lead(text, lines, place)
        above = _titles(lines, heads, place if lead is None else lead)
        if lead is not None:
            above = (*above, (lines[lead].start, lines[lead].end))
        below = _items(text, lines, place)
        if not below and place == 0 and len(lines) > 1 and _is_title(text, line):
            below = ((lines[1].start, lines[1].end),)
        for start, end, kind in _pieces(text, line):
            found.append(Unit(start, end, kind, above, below, needs_above=lead is not None))
    return _with_answers(text, found)


def _with_answers(text: str, units: Sequence[Unit]) -> list[Unit]:
    """Returns ``units``, of which a question leads in to what follows it, up to the next one: that answers."""
    asks = [is_question(text[unit.start : unit.end]) for unit in units]
    found = list(units)
    for place, unit in enumerate(units):
        if asks[place] and not unit.below:
            following = range(place + 1, min(len(units), place + 1 + _MOST_ANSWER))
            answer = takewhile(lambda number: not asks[number], following)
            below = tuple((units[number].start, units[number].end) for number in answer)
            found[place] = replace(unit, below=below)
    return found


def _row(lines: Sequence[_Line], heads: Sequence[bool], place: int) -> Iterator[Unit]:
    """Yields a row with the names of its columns above it; these are no row themselves."""
    line = lines[place]
    header = _header(lines, place)
    titles = _titles(lines, heads, place if header is None else header)
    if header is None:
        yield Unit(line.start, line.end, UnitKind.ROW, titles)
    elif header != place:
        names = (lines[header].start, lines[header].end)
        yield Unit(line.start, line.end, UnitKind.ROW, (*titles, names), needs_above=True)


def row_names(chunk: Chunk) -> list[str]:
    """Returns what the rows of the tables in ``chunk`` begin with: what each is about."""
    return [
        chunk.text[unit.start : unit.end].split(CELL, 1)[0].strip()
        for unit in units_of(chunk)
        if unit.kind is UnitKind.ROW
    ]


def squeezed(text: str) -> str:
    """Returns ``text`` on one line, as it is embedded and quoted."""
    return " ".join(text.split())


def reads_well(text: str) -> bool:
    """Returns whether ``text`` is a whole sentence: no heading, no row of a table, nothing truncated."""
    return len(words(text)) >= _LEAST_WORDS and CELL not in text and is_whole(text)


# --- Lines --------------------------------------------------------------------------------------


def _lines(chunk: Chunk) -> Iterator[_Line]:
    """Yields the lines of a passage; those of a paragraph that ends without a full stop as its file has them."""
    last: int | None = None
    start = 0
    for piece in chunk.text.split("\n"):
        end = start + len(piece)
        kind = _kind(piece.strip())
        parts = _as_written(chunk, start, end) if kind is UnitKind.LINE else [(start, end)]
        for left, right in parts:
            text = chunk.text[left:right]
            left, right = right - len(text.lstrip()), left + len(text.rstrip())
            if left < right:
                place = _line_place(chunk, left)
                gap = place is not None and last is not None and place.first > last + 1
                yield _Line(left, right, kind, gap)
                last = place.last if place is not None else None
        start = end + 1


def _as_written(chunk: Chunk, start: int, end: int) -> list[Range]:
    """Returns the lines of the file within ``text[start:end]``, those that a break at some width parted as one."""
    spans = [span for span in chunk.spans if span.start < end and span.end > start]
    if len(spans) < 2 or not all(isinstance(span.place, LinePlace) for span in spans):
        return [(start, end)]
    found: list[Range] = []
    for span in spans:
        left, right = max(start, span.start), min(end, span.end)
        if found and chunk.text[left : left + 1].islower() and found[-1][1] - found[-1][0] >= _BROKEN:
            found[-1] = (found[-1][0], right)
        else:
            found.append((left, right))
    return found


def _line_place(chunk: Chunk, position: int) -> LinePlace | None:
    """Returns the lines of the file that the character at ``position`` is in; None where the format has none."""
    at = bisect_right(chunk.spans, position, key=lambda span: span.start) - 1
    place = chunk.spans[at].place if at >= 0 else None
    return place if isinstance(place, LinePlace) else None


def _kind(line: str) -> UnitKind:
    if CELL in line:
        return UnitKind.ROW
    pieces = sentences(line)
    return UnitKind.LINE if len(pieces) <= 1 and not _ends(line) else UnitKind.SENTENCE


def _ends(line: str) -> bool:
    """Returns whether ``line`` ends like a sentence, however it begins."""
    return is_whole("A" + line) or is_whole(line)


def _pieces(text: str, line: _Line) -> Iterator[tuple[int, int, UnitKind]]:
    if line.kind is UnitKind.LINE:
        yield line.start, line.end, UnitKind.LINE
        return
    found = sentences(text[line.start : line.end])
    for number, (start, end) in enumerate(found):
        piece = squeezed(text[line.start + start : line.start + end])
        if is_whole(piece) or (
            number and _ends(piece)
        ):  # behind a mark that ends sentences, small letters begin one
            kind = UnitKind.SENTENCE if len(words(piece)) >= _LEAST_WORDS else UnitKind.LINE
        else:
            kind = UnitKind.PIECE if piece[:1].islower() or not _ends(piece) else UnitKind.LINE
        yield line.start + start, line.start + end, kind


# --- What stands above and below ------------------------------------------------------------------


def _header(lines: Sequence[_Line], place: int) -> int | None:
    """Returns the first row of the table that the row at ``place`` is in; None for a row that stands alone."""
    first = place
    while first > 0 and lines[first - 1].kind is UnitKind.ROW:
        first -= 1
    alone = first == place and (place + 1 == len(lines) or lines[place + 1].kind is not UnitKind.ROW)
    return None if alone else first


def _titles(lines: Sequence[_Line], heads: Sequence[bool], place: int) -> tuple[Range, ...]:
    """Returns the titles that the line at ``place`` stands under: those at the head of the passage, and the nearest."""
    first = 0
    while first < place and heads[first]:
        first += 1
    last = place
    while last > first and not heads[last - 1]:
        last -= 1
    begin = last
    while begin > first and heads[begin - 1]:
        begin -= 1
    numbers = (*range(first), *range(begin, last))
    return tuple((lines[number].start, lines[number].end) for number in numbers)


def _heads(text: str, lines: Sequence[_Line], place: int, *, begins: bool) -> bool:
    """Returns whether the line at ``place`` only says what stands below it, so that it answers nothing by itself.

    ``begins``: whether the passage is the first of its document, whose first line is its title.
    """
    if not _is_title(text, lines[place]) or place + 1 == len(lines) or _leads_in(text, lines, place):
        return False
    if (begins and place == 0) or lines[place + 1].kind is not UnitKind.LINE:
        return True
    said = text[lines[place].start : lines[place].end]
    name = place_of_line(said)
    return (name is not None and name.end == len(said)) or (len(said) <= _DATE and bool(dates(said)))


def _is_title(text: str, line: _Line) -> bool:
    said = text[line.start : line.end]
    return line.kind is UnitKind.LINE and len(said) <= _TITLE and not _WITH_VALUE.search(said)


def _lead(text: str, lines: Sequence[_Line], place: int) -> int | None:
    """Returns the line that leads in to the list that the line at ``place`` is an item of; None where it is in none."""
    if lines[place].kind is UnitKind.ROW:
        return None
    for number in range(place - 1, max(-1, place - 1 - _MOST_ITEMS), -1):
        if _leads_in(text, lines, number):
            return number
        if lines[number].kind is not UnitKind.LINE or lines[number + 1].gap:
            return None
    return None


def _leads_in(text: str, lines: Sequence[_Line], place: int) -> bool:
    """Returns whether a list follows: behind a colon, or where the line stands alone above lines without full stops."""
    line = lines[place]
    if place + 1 == len(lines) or lines[place + 1].kind is UnitKind.ROW:
        return False
    if _LEADS_IN.search(text[line.start : line.end]):
        return True
    alone = line.kind is UnitKind.LINE and place > 0 and line.gap and lines[place + 1].gap
    return alone and place + 2 < len(lines) and not lines[place + 2].gap and _is_title(text, line)


def _items(text: str, lines: Sequence[_Line], place: int) -> tuple[Range, ...]:
    if not _leads_in(text, lines, place):
        return ()
    found: list[Range] = []
    for number in range(place + 1, min(len(lines), place + 1 + _MOST_ITEMS)):
        line = lines[number]
        if line.kind is UnitKind.ROW or _leads_in(text, lines, number) or (found and line.gap):
            break
        if found and line.kind is not lines[place + 1].kind:
            break
        found.append((line.start, line.end))
    return tuple(found)
