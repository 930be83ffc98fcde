"""Reads the lines of one PDF page through PDFium: their words, positions and print.

PDFium is asked for the text of a page once, and for the place of the first and last character of each
word: a call for every character through ctypes would take three times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parse.pdf.annotations import Marks
from ingest.parse.pdf.characters import RTL_LETTERS, Characters, View
from ingest.parse.pdf.drawn_lines import NOTHING_DRAWN, DrawnLines, drawn_lines, is_ruled_off, rule_before
from ingest.parse.pdf.field_places import put_in_place
from ingest.parse.pdf.form_fields import Field
from ingest.parse.pdf.glyphs import LostLetters, mark_lost
from ingest.parse.pdf.invisible import not_shown
from ingest.parse.pdf.legibility import Legibility, legibility
from ingest.parse.pdf.letters import Box
from ingest.parse.pdf.sentence_parts import INNER_STOP, Word, parts_of_line, union
from ingest.parse.pdf.spread import words_of_letters
from ingest.parse.pdf.strikes import struck_by_lines
from ingest.parse.pdf.text import LEADERS, read_words
from kb.types import Block, PdfPlace, Rect, Span

_WORD = re.compile(r"[^\s\x02\ufffe]+|\r?\n|[\x02\ufffe]")
_BREAKS = "\x02\ufffe"
"""What PDFium puts in the place of a hyphen at the end of a line."""

_CAPTION = 50
"""Characters: a page with fewer, and a picture, may be a scan."""
_MANY_PATHS = 20

_WIDEST_SPACE = 1.2
"""In units of the font size: words further apart may belong to different cells or columns."""


class Way(StrEnum):
    """The direction in which a line is read on the page as it is shown."""

    RIGHT = "right"
    LEFT = "left"
    DOWN = "down"
    UP = "up"
    OVER = "over"
    """Left-to-right text that stands upside down."""


_LEVEL = (Way.RIGHT, Way.LEFT)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one column, or one cell of a table row.

    ``u`` runs along the line in reading direction, ``v`` from line to line, both in points, so that
    right-to-left, vertical and turned text look alike to the layout.
    """

    text: str
    rect: Rect
    u0: float
    u1: float
    v0: float
    v1: float
    size: float
    """Font size in points, as shown."""
    bold: bool
    mono: bool
    broken: bool
    """Whether the line ends within a word, at a hyphen."""
    way: Way
    parts: tuple[Span, ...] = ()
    """Where its sentences stand, if one ends within the line: so a cited one can be marked without the next."""
    rule: float | None = None
    """Where along ``u`` the last upright line before it is drawn, a rule of a table; None where none is."""

    def spans(self, offset: int) -> list[Span]:
        """Returns the spans of its characters, counted from ``offset``."""
        whole = Span(0, len(self.text), PdfPlace((self.rect,)))
        return [Span(part.start + offset, part.end + offset, part.place) for part in self.parts or (whole,)]

    @property
    def height(self) -> float:
        """From the top of the line to its foot."""
        return self.v1 - self.v0


@dataclass(frozen=True, slots=True)
class Page:
    """The text that PDFium found on a page."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    cut: bool = False
    """Whether the page has more than ``MAX_CHARACTERS`` characters."""
    doubtful: float = 0.0
    """Share of the characters for which the file does not say which letter they are."""
    legibility: Legibility = Legibility.READABLE
    struck: int = 0
    """How many passages are struck out by a mark or a drawn line, and left out."""
    hidden: int = 0
    """How many passages are not painted, and left out."""
    notes: tuple[Block, ...] = ()
    """The remarks on it."""
    pictured: bool = False
    """Whether there are pictures on the page, or drawings that may hold words, and hardly any text."""
    drawn: DrawnLines = NOTHING_DRAWN
    """The straight lines on it."""

    @property
    def text(self) -> str:
        """Its lines as they are drawn."""
        return "\n".join(line.text for line in self.lines)


def read_page(
    page: pdfium.PdfPage, number: int, lost: LostLetters, fields: Sequence[Field], marks: Marks
) -> Page:
    """Returns the lines of ``page`` in the order in which the file draws them; ``number`` is 1-based.

    ``fields`` are those of a form, which is drawn into the page, and ``marks`` what lay on it before it was.

    What the file does not name goes into ``lost``, and its placeholders into the lines.
    """
    view = View(page)
    textpage = page.get_textpage()
    try:
        reader = Characters(textpage, view)
        hidden = not_shown(page, reader)
        reader.blank(hidden)
        read = reader.text
        mark_lost(reader, lost)
        drawn = drawn_lines(page, view)
        struck = [*marks.struck, *struck_by_lines(drawn.thin, reader)]
        if struck:
            reader.leave_out(struck)
        doubtful = reader.doubtful()
        put_in_place(reader, fields)
        lines = tuple(
            line for line in _lines(reader, number, drawn.upright) if line.text and view.shows(line.rect)
        )
        pictured = len(reader.text) < _CAPTION and _has_pictures(page)
        reads = legibility(read, guessed=doubtful)
        return Page(
            number,
            view.width,
            view.height,
            lines,
            cut=reader.cut,
            doubtful=doubtful,
            legibility=reads,
            struck=len(struck),
            hidden=len(hidden),
            notes=marks.notes,
            pictured=pictured,
            drawn=drawn,
        )
    finally:
        textpage.close()


def _has_pictures(page: pdfium.PdfPage) -> bool:
    """Returns whether the page shows images or shadings, or so many paths that they may be letters."""
    count = min(pdfium_c.FPDFPage_CountObjects(page), 1_000)
    kinds = [pdfium_c.FPDFPageObj_GetType(pdfium_c.FPDFPage_GetObject(page, i)) for i in range(count)]
    paths = kinds.count(pdfium_c.FPDF_PAGEOBJ_PATH)
    texts = kinds.count(pdfium_c.FPDF_PAGEOBJ_TEXT)
    return paths > _MANY_PATHS or len(kinds) > paths + texts


def _lines(reader: Characters, number: int, rules: Sequence[Box]) -> Iterator[Line]:
    words: list[Word] = []
    size = 0.0
    for match in _WORD.finditer(reader.text):
        token = match.group()
        if token[-1] == "\n" or token in _BREAKS:
            if words:
                yield _line(reader, number, rules, words, broken=token in _BREAKS)
            words = []
            continue
        word = _word(reader, match.start(), token)
        if words and (not _adjoin(words, word, size) or is_ruled_off(words[-1].box, word.box, rules)):
            yield _line(reader, number, rules, words, broken=False)
            words = []
        if not words:
            size = reader.size(match.start())
        words.append(word)
    if words:
        yield _line(reader, number, rules, words, broken=False)


def _word(reader: Characters, start: int, token: str) -> Word:
    first = reader.box(start)
    step = 1 if reader.rtl else max(1, len(token) - 1)  # a number among right-to-left words runs against them
    others = [reader.box(index) for index in range(start + step, start + len(token), step)]
    return Word(token, union([first, *others]) if others else first, first, start)


def _adjoin(words: list[Word], word: Word, size: float) -> bool:
    """Returns whether ``word`` is next to the last of ``words``, along one line."""
    a, b = words[-1].box, word.box
    if a[1] < (b[1] + b[3]) / 2 < a[3] and -size < b[0] - a[2] < _WIDEST_SPACE * size:
        return True  # as nearly always; what follows is the whole question
    reach = _WIDEST_SPACE * max(size, 0.6 * min(a[3] - a[1], a[2] - a[0]), 1.0)
    if any(_level(near.box, b, 1) for near in words[-2:]):  # the one before knows the line of an exponent
        return max(a[0], b[0]) - min(a[2], b[2]) < reach
    return _level(a, b, 0) and max(a[1], b[1]) - min(a[3], b[3]) < reach


def _level(a: Box, b: Box, axis: int) -> bool:
    """Returns whether two boxes share much of their extent along x (axis 0) or y (axis 1)."""
    shared = min(a[axis + 2], b[axis + 2]) - max(a[axis], b[axis])
    return shared > 0.4 * min(a[axis + 2] - a[axis], b[axis + 2] - b[axis])


def _line(reader: Characters, number: int, rules: Sequence[Box], words: list[Word], *, broken: bool) -> Line:
    words = _closed_up(words)
    box = union([word.box for word in words])
    way = _way(words, box)
    if way is Way.LEFT and not any(RTL_LETTERS.search(word.text) for word in words):
        way = Way.OVER
    longest = max(words, key=lambda word: len(word.text))  # never a footnote mark or an index
    u0, u1, _, _ = _turn(box, way, reader.view)
    _, _, v0, v1 = _turn(longest.box, way, reader.view)
    raw = " ".join(word.text for word in words)
    text = read_words(raw) + ("-" if broken else "")
    middle = longest.index + len(longest.text) // 2
    bold, mono = reader.font(middle)
    bold = bold and reader.font(words[-1].index)[0]
    size = reader.size(middle)
    parts = (
        parts_of_line(reader, words, text, Rect(number, *box), upright=way in (Way.DOWN, Way.UP))
        if INNER_STOP.search(raw) and not LEADERS.search(raw)
        else ()
    )
    rule = rule_before(box, rules, view=reader.view, from_right=way is Way.LEFT) if way in _LEVEL else None
    return Line(
        text,
        Rect(number, *box),
        u0,
        u1,
        v0,
        v1,
        size,
        bold,
        mono,
        broken,
        way,
        parts,
        rule,
    )


def _closed_up(words: list[Word]) -> list[Word]:
    """Returns the words of a line, those whole that are set letter by letter."""
    groups = words_of_letters([word.text for word in words], [word.box for word in words])
    if not groups:
        return words
    return [
        Word(
            "".join(word.text for word in words[group.start : group.stop]),
            union([word.box for word in words[group.start : group.stop]]),
            words[group.start].first,
            words[group.start].index,
        )
        for group in groups
    ]


def _turn(box: Box, way: Way, view: View) -> Box:
    """Returns (u0, u1, v0, v1) of a box."""
    x0, y0, x1, y1 = box
    if way is Way.DOWN:
        return y0, y1, view.width - x1, view.width - x0
    if way is Way.UP:
        return view.height - y1, view.height - y0, x0, x1
    if way is Way.OVER:
        return view.width - x1, view.width - x0, view.height - y1, view.height - y0
    return (view.width - x1, view.width - x0, y0, y1) if way is Way.LEFT else (x0, x1, y0, y1)


def _way(words: list[Word], box: Box) -> Way:
    first, last = words[0].first, words[-1].box
    across = (last[0] + last[2]) - (first[0] + first[2])
    down = (last[1] + last[3]) - (first[1] + first[3])
    if abs(down) > abs(across) and box[3] - box[1] > 1.5 * (box[2] - box[0]):
        return Way.DOWN if down > 0 else Way.UP
    return Way.LEFT if across < 0 else Way.RIGHT
