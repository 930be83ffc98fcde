"""Lines that mix right-to-left words with numbers or Latin ones, on pages that are read from right to left.

PDFium takes each line for itself: one with an address or a name in Latin letters comes out from left to right, a value
before its label, and a comma behind a number goes before it. The page tells the direction of its lines, and the
places of the letters in which order they are read; https://www.unicode.org/reports/tr9/, read backwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.parse.pdf.letters import Box, Place

_IS_RTL = re.compile("[\u0590-\u065f\u066a-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_IS_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_DIGIT = "0-9\u0660-\u0669\u06f0-\u06f9"
_IS_LTR = re.compile(f"[{_DIGIT}A-Za-z\u00c0-\u024f]")
_NUMBER = re.compile(f"[{_DIGIT}](?:[{_DIGIT}]|[.,:/+\u066b\u066c-](?=[{_DIGIT}]))*")
"""Signs between digits belong to the number (rules W4 to W6)."""
_LATIN_SHARE = 0.5
"""Letters of a page, at most this share Latin ones, if its lines are read from right to left."""
_PAIRS = str.maketrans("()[]{}", ")(][}{")
_OPENING = "([{"


@dataclass(slots=True)
class _Glyph:
    """What is drawn in one place: a letter, or several as a ligature."""

    box: Box
    indices: list[int]
    token: int


def is_read_from_the_right(text: str) -> bool:
    """Returns whether most letters of a page are right-to-left ones."""
    rtl, latin = len(_IS_RTL.findall(text)), len(_IS_LATIN.findall(text))
    return rtl > 0 and latin <= _LATIN_SHARE * (rtl + latin)


def in_order(text: str, span: tuple[int, int], place: Place) -> list[tuple[str, int]] | None:
    """Returns the characters of a line of such a page as one reads them, each with its number.

    None where the line is not mixed, or does not lie level, or has signs over its letters, whose places say nothing.
    """
    line = text[span[0] : span[1]]
    if not _IS_RTL.search(line) or not _IS_LTR.search(line) or any(map(unicodedata.combining, line)):
        return None
    glyphs = _glyphs(text, span, place)
    if not _is_level(glyphs):
        return None
    glyphs.sort(key=lambda glyph: glyph.box[0] + glyph.box[2])
    space = next((index for index in range(*span) if text[index].isspace()), span[0])
    read: list[tuple[str, int]] = []
    before: _Glyph | None = None
    for glyph in _logical(text, glyphs):
        if before is not None and glyph.token != before.token:
            read.append((" ", space))
        read += ((text[index], index) for index in glyph.indices)
        before = glyph
    return _with_brackets(read)


def _glyphs(text: str, span: tuple[int, int], place: Place) -> list[_Glyph]:
    glyphs: list[_Glyph] = []
    token = 0
    for index in range(*span):
        if text[index].isspace():
            token += 1
            continue
        box = place(index)
        if glyphs and glyphs[-1].box == box and glyphs[-1].token == token:
            glyphs[-1].indices.append(index)
        else:
            glyphs.append(_Glyph(box, [index], token))
    return glyphs


def _is_level(glyphs: Sequence[_Glyph]) -> bool:
    """Returns whether all letters stand on one line."""
    tallest = max(glyphs, key=lambda glyph: glyph.box[3] - glyph.box[1]).box
    return all(tallest[1] <= (glyph.box[1] + glyph.box[3]) / 2 <= tallest[3] for glyph in glyphs)


def _logical(text: str, glyphs: Sequence[_Glyph]) -> Iterator[_Glyph]:
    """Yields glyphs, sorted from left to right, from right to left, but for numbers and Latin words among them."""
    run: list[_Glyph] = []  # what is not right-to-left, as it is met: from right to left
    for glyph in reversed(glyphs):
        if _IS_RTL.match(text[glyph.indices[0]]):
            yield from _unturned(text, run[::-1])
            run = []
            yield glyph
        else:
            run.append(glyph)
    yield from _unturned(text, run[::-1])


def _unturned(text: str, run: Sequence[_Glyph]) -> Iterator[_Glyph]:
    """Yields a run of glyphs without right-to-left ones, given from left to right, as it is read among those."""
    drawn = "".join(text[glyph.indices[0]] for glyph in run)
    strong = [place for place, char in enumerate(drawn) if _IS_LTR.match(char)]
    if strong and _IS_LATIN.search(drawn):
        parts = [(strong[0], strong[-1] + 1)]
    else:
        parts = [found.span() for found in _NUMBER.finditer(drawn)]
    end = len(run)
    for start, stop in reversed(parts):
        yield from reversed(run[stop:end])
        yield from run[start:stop]
        end = start
    yield from reversed(run[:end])


def _with_brackets(read: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Returns the line with its brackets turned where they close before they open."""
    brackets = [char for char, _ in read if char.translate(_PAIRS) != char]
    if len(brackets) < 2 or brackets[0] in _OPENING or brackets[-1] not in _OPENING:
        return read
    return [(char.translate(_PAIRS), index) for char, index in read]
