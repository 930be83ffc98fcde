"""What can be quoted of a passage: sentences, lines without a full stop, rows of a table, items of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from kb.answer.quote.lines import CELL, Line, Range, UnitKind, ends, lines_of, place_at
from kb.text.dates import dates
from kb.text.item_numbers import without_item_number
from kb.text.place_names import place_of_line
from kb.text.sentences import is_question, is_whole, sentences
from kb.text.weekdays import weekdays
from kb.text.words import words
from kb.types import Chunk, LinePlace, ParagraphPlace, PdfPlace

_LEAST_WORDS = 4
"""A sentence with fewer is a fragment more often than an answer."""
_TITLE = 80
"""Characters of the longest line that is taken for a title of what stands below it."""
_MOST_ITEMS = 12
"""Items of a list that are quoted with the line above it."""
_MOST_ANSWER = 3
"""Units behind a question that are quoted with it."""
_LEADS_IN = re.compile(r"[:：]$")
_CLAUSE_ENDS = ("；", ";")
"""Where a sentence in Han script is parted into clauses that each say something by themselves."""
_KEY = re.compile(r"[^:：\n]{1,80}[:：]")
_LEADS_CLAUSES = re.compile(r"[^:：\n]{1,80}[:：](?!\d)")
_BESIDE_DATE = 2
"""Words beside a day, of the weather or the place, with which it still only says when the rest was."""
_WITH_VALUE = re.compile(r"[:：=]\s*\S|\t")
"""A key and its value: such a line is no title."""


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
    needs_above: int = 0
    """Of the last of ``above``, how many it says little without: names of columns, a line with a colon, headings."""
    is_clause: bool = False
    """Whether it is all of a line with a number: of statutes, of minutes."""

    @property
    def needed(self) -> tuple[Range, ...]:
        """What of ``above`` is quoted with it whatever the question's words are."""
        return self.above[len(self.above) - self.needs_above :]


def units_of(chunk: Chunk) -> list[Unit]:
    """Returns the units of ``chunk`` in their order, none of which holds another; a title is above others and none."""
    text = chunk.text
    lines = list(lines_of(chunk))
    heads = [_heads(chunk, lines, place) for place in range(len(lines))]
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
        pieces = list(
            _pieces(
                text, line, is_cut=_may_be_cut(chunk, lines, place), begins=_is_of_paragraphs(chunk, line)
            )
        )
        dated = len(pieces) > 1 and _is_date(text[pieces[0][0] : pieces[0][1]])
        if dated:  # of a diary: what is said in the rest of the line was then
            above = (*above, pieces.pop(0)[:2])
        leads = _clause_leads(text, pieces)
        for (start, end, kind), leading in zip(pieces, leads, strict=True):
            needed = 1 if dated or lead is not None else 0
            if not needed and kind is UnitKind.LINE:
                needed = _headings_above(chunk, lines, heads, place)
            clause = len(pieces) == 1 and _is_numbered(text[start:end])
            over, needed = (*above, *leading), needed + len(leading)
            found.append(Unit(start, end, kind, over, below, needs_above=needed, is_clause=clause))
    return _with_answers(text, found)


def _clause_leads(text: str, pieces: Sequence[tuple[int, int, UnitKind]]) -> list[tuple[Range, ...]]:
    """Returns for each of ``pieces`` what leads in to it within its sentence: 规定如下： of （2）住户……；."""
    found: list[tuple[Range, ...]] = []
    leading: tuple[Range, ...] = ()
    for start, end, _ in pieces:
        colon = _LEADS_CLAUSES.match(text, start, end)
        found.append(() if _KEY.match(text, start, end) else leading)  # "电话：12345；" is no item
        if not text[start:end].endswith(_CLAUSE_ENDS):
            leading = ()
        elif colon is not None and not leading:
            leading = ((start, colon.end()),)
    return found


def _headings_above(chunk: Chunk, lines: Sequence[Line], heads: Sequence[bool], place: int) -> int:
    """Returns how many headings stand right above the lines without a full stop that the line at ``place`` is one of.

    That of the whole document says nothing that its name does not, and counts where it is the only one.
    """
    last = place
    while last > 0 and not heads[last - 1] and lines[last - 1].kind is UnitKind.LINE:
        last -= 1
    first = last
    while first > 0 and lines[first - 1].is_heading and lines[first - 1].kind is not UnitKind.ROW:
        first -= 1
    has_title = chunk.position == 0 and first == 0
    return max(min(1, last), last - 1) if has_title else last - first


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


def _row(lines: Sequence[Line], heads: Sequence[bool], place: int) -> Iterator[Unit]:
    """Yields a row with the names of its columns above it; these are no row themselves."""
    line = lines[place]
    header = _header(lines, place)
    titles = _titles(lines, heads, header.start)
    if place not in header:
        names = tuple((lines[number].start, lines[number].end) for number in header)
        yield Unit(line.start, line.end, UnitKind.ROW, (*titles, *names), needs_above=len(names))


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


def _may_be_cut(chunk: Chunk, lines: Sequence[Line], place: int) -> bool:
    """Returns whether the line at ``place`` may break off in a sentence that goes on elsewhere.

    On a page of a PDF lines end where the column does, and the rest may stand on the next page; in a file of
    paragraphs they end where somebody ended them.
    """
    if place + 1 < len(lines) and chunk.text[lines[place + 1].start].islower():
        return True
    return isinstance(place_at(chunk, lines[place].end - 1), PdfPlace)


def _is_of_paragraphs(chunk: Chunk, line: Line) -> bool:
    """Returns whether ``line`` is of a file of lines or paragraphs, which begins where somebody began it."""
    return isinstance(place_at(chunk, line.start), LinePlace | ParagraphPlace)


def _is_numbered(line: str) -> bool:
    return without_item_number(line) != line


def begins_with_day(text: str) -> bool:
    """Returns whether ``text`` begins with a day, of the month or of the week."""
    return any(start == 0 for start, _ in _days(text))


def _days(text: str) -> list[Range]:
    """Returns where ``text`` names a day, of the month or of the week."""
    found = [(date.start, date.end) for date in dates(text) if any(day.day for day in date.readings)]
    return found + [(start, end) for start, end, _ in weekdays(text)]


def _is_date(piece: str) -> bool:
    """Returns whether ``piece`` begins with a day, of the month or of the week, and says next to nothing else."""
    if len(piece) > _TITLE:
        return False
    found = _days(piece)
    rest = list(piece)
    for start, end in found:
        rest[start:end] = " " * (end - start)
    return any(start == 0 for start, _ in found) and len(words("".join(rest))) <= _BESIDE_DATE


def _pieces(text: str, line: Line, *, is_cut: bool, begins: bool) -> Iterator[tuple[int, int, UnitKind]]:
    """Yields what ``line`` says, sentence by sentence.

    ``begins``: whether it is no rest of another line, whatever its first letter.
    """
    if line.kind is UnitKind.LINE:
        yield line.start, line.end, UnitKind.LINE
        return
    found = sentences(text[line.start : line.end])
    for number, (start, end) in enumerate(found):
        piece = squeezed(text[line.start + start : line.start + end])
        is_clause = number + 1 < len(found) and piece.endswith(_CLAUSE_ENDS)
        begun = bool(number) or begins  # small letters may begin one there
        if is_whole(piece) or is_clause or (begun and ends(piece)):
            kind = UnitKind.SENTENCE if len(words(piece)) >= _LEAST_WORDS else UnitKind.LINE
        elif number and not is_cut and not piece[:1].islower():
            kind = UnitKind.LINE  # somebody left its full stop out
        else:
            kind = UnitKind.PIECE if piece[:1].islower() or not ends(piece) else UnitKind.LINE
        yield line.start + start, line.start + end, kind


# --- What stands above and below ------------------------------------------------------------------


def _header(lines: Sequence[Line], place: int) -> range:
    """Returns the lines that name the columns of the table that the row at ``place`` is in; none of a row alone.

    Those that are known as such; where none is, the first, which most tables have for that.
    """
    first = place
    while first > 0 and lines[first - 1].kind is UnitKind.ROW:
        first -= 1
    known = first
    while known < len(lines) and lines[known].kind is UnitKind.ROW and lines[known].is_heading:
        known += 1
    if known > first:
        return range(first, known)
    alone = first == place and (place + 1 == len(lines) or lines[place + 1].kind is not UnitKind.ROW)
    return range(first, first if alone else first + 1)


def _titles(lines: Sequence[Line], heads: Sequence[bool], place: int) -> tuple[Range, ...]:
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


def _heads(chunk: Chunk, lines: Sequence[Line], place: int) -> bool:
    """Returns whether the line at ``place`` only says what stands below it, so that it answers nothing by itself."""
    text, line = chunk.text, lines[place]
    if place + 1 == len(lines):
        return False
    if line.kind is UnitKind.ROW:
        return False
    if line.is_heading:
        return True
    if line.kind is UnitKind.LINE and text[line.start : line.end] in chunk.heading_path:
        return True
    if not _is_title(text, line) or _leads_in(text, lines, place):
        return False
    begins = chunk.position == 0  # the first line of a document is its title
    if (begins and place == 0) or lines[place + 1].kind is not UnitKind.LINE:
        return True
    said = text[lines[place].start : lines[place].end]
    name = place_of_line(said)
    return (name is not None and name.end == len(said)) or _is_date(said)


def _is_title(text: str, line: Line) -> bool:
    said = text[line.start : line.end]
    return line.kind is UnitKind.LINE and len(said) <= _TITLE and not _WITH_VALUE.search(said)


def _lead(text: str, lines: Sequence[Line], place: int) -> int | None:
    """Returns the line that leads in to the list that the line at ``place`` is an item of; None where it is in none."""
    line = text[lines[place].start : lines[place].end]
    if lines[place].kind is UnitKind.ROW or (not _is_numbered(line) and len(sentences(line)) > 1):
        return None  # a paragraph is no item: what stands above it is "Dear residents:"
    for number in range(place - 1, max(-1, place - 1 - _MOST_ITEMS), -1):
        if _leads_in(text, lines, number):
            return number
        if lines[number].kind is not UnitKind.LINE or lines[number + 1].gap:
            return None
    return None


def _leads_in(text: str, lines: Sequence[Line], place: int) -> bool:
    """Returns whether a list follows: behind a colon, or where the line stands alone above lines without full stops."""
    line = lines[place]
    if place + 1 == len(lines) or lines[place + 1].kind is UnitKind.ROW:
        return False
    if _LEADS_IN.search(text[line.start : line.end]):
        return True
    alone = line.kind is UnitKind.LINE and place > 0 and line.gap and lines[place + 1].gap
    return alone and place + 2 < len(lines) and not lines[place + 2].gap and _is_title(text, line)


def _items(text: str, lines: Sequence[Line], place: int) -> tuple[Range, ...]:
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
