"""The glyphs of a PDF that stand for letters which the file does not name, and their placeholders."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median_low

from ingest.parse.pdf.characters import Characters
from ingest.parse.pdf.letters import JOINED

COMMONNESS = {
    "fi": 0.0, "ff": -0.7, "fl": -0.9, "Th": -1.0, "ffi": -1.5, "ti": -2.5, "ffl": -3.0, "ft": -5.0, "tt": -4.0,
    "tti": -4.0, "fj": -7.0, "ct": -5.0, "st": -5.0,
}  # fmt: skip
"""The ligatures of Latin fonts, and how usual they are: about the logarithm of their share of all ligatures in English
and German text, lower for those that few fonts have."""
FIRST = 0xF0000
MOST = 500
"""Different glyphs of a document that get a placeholder; Unicode leaves their code points to whoever needs some."""
_AS_WIDE = 0.1
"""How far a glyph's width may be from that of its letters: ``ff`` is a tenth wider than ``fi``."""
_LETTER = r"[^\W\d_]"
_UNNAMED = "[\x00-\x08\x0b\x0c\x0e-\x1f\ue000-\uf8ff\ufffd\ufffe]"
_LOST = re.compile(f"(?<={_LETTER}){_UNNAMED}|{_UNNAMED}(?={_LETTER}{{2}})")
_SHORT = re.compile("f ?")
_SPACE = re.compile(r"(?<=[a-z]) (?=[a-z])")

GAP = "f "
"""The code of an ``f`` with room for a letter behind it, which may be a space after all."""
_WIDER = 1.5
"""In units of the usual one: the width of a letter that is a ligature in truth."""
_UNUSUAL_SPACE = 0.25
_GAP = (0.6, 1.35)
"""Room for a letter behind another one, in units of that one's width."""
_SAMPLES = 40
"""Of each letter of a font, whose width is measured."""
_WORD_SPACE = 0.12
"""Room behind a glyph, in units of the font size, from which on a word ends there."""
_MADE_UP = 0.2
"""Share of the spaces that PDFium makes up, above which these say nothing."""


@dataclass(slots=True)
class LostGlyph:
    """A glyph whose letters the file does not tell."""

    font: str
    code: str
    """What PDFium hands out for it; a control is its number in the font."""
    fits: frozenset[str]
    """The ligatures that are as wide as it is."""


@dataclass(slots=True)
class LostLetters:
    """The glyphs of one document whose letters the file does not tell."""

    glyphs: list[LostGlyph] = field(default_factory=list)
    """Each at the number of its placeholder."""
    _numbers: dict[tuple[str, str, int], int] = field(default_factory=dict)

    def placeholder(
        self, font: str, code: str, width: float, widths: Mapping[str, float], begins: str = ""
    ) -> str:
        """Returns the character to stand for a glyph; "" where there are too many, or no ligature is as wide.

        ``widths`` are those of the font's letters, as far as they are known, in the unit of ``width``; ``begins`` is
        what the ligature begins with.
        """
        key = font, code, round(4 * width / max(widths.get("f", width), 0.01))
        if key not in self._numbers:
            fits = frozenset(_as_wide(width, widths, begins))
            if not fits or len(self.glyphs) > MOST:
                return ""
            self._numbers[key] = len(self.glyphs)
            self.glyphs.append(LostGlyph(font, code, fits))
        return chr(FIRST + self._numbers[key])


def _as_wide(width: float, widths: Mapping[str, float], begins: str) -> Iterable[str]:
    for ligature in COMMONNESS:
        if not ligature.startswith(begins):
            continue
        known = [widths[letter] for letter in ligature if letter in widths]
        if len(known) < len(ligature) or abs(width / max(sum(known), 0.01) - 1) < _AS_WIDE:
            yield ligature


def mark_lost(reader: Characters, lost: LostLetters) -> None:
    """Puts placeholders into the text of a page, one character for one."""
    if reader.rtl or reader.view.rotation % 180:
        return
    text = list(reader.text)
    widths = _Widths(reader)
    for found in _LOST.finditer(reader.text):
        at = found.start()
        if reader.is_hyphen(at) or reader.is_turned(at):
            continue
        begins = ""
        if at and text[at - 1].isalpha() and _is_one_glyph(reader, at - 1, at):
            begins = text[at - 1]
        mark = lost.placeholder(widths.font(at), found[0], widths.of(at), widths.letters(at), begins)
        if mark:
            text[at - len(begins)], text[at] = (mark, JOINED) if begins else (text[at - 1], mark)
    _mark_wide(reader, lost, widths, text)
    _mark_spaces(reader, lost, widths, text)
    reader.text = "".join(text)


def _is_one_glyph(reader: Characters, first: int, second: int) -> bool:
    """Returns whether two characters are what the file says of a single glyph."""
    return reader.box(first) == reader.box(second)


def _mark_wide(reader: Characters, lost: LostLetters, widths: _Widths, text: list[str]) -> None:
    """Marks an ``f`` that takes the room of two or three letters, by itself or with a space that is part of it."""
    real = [not reader.is_made_up(found.start()) for found in _SPACE.finditer(reader.text)]
    telling = sum(real) > (1 - _MADE_UP) * len(real)
    for found in _SHORT.finditer(reader.text):
        at, after = found.start(), found.end()
        usual, width = widths.f(at), widths.of(at)
        if not usual or text[at] != "f":
            continue
        spaced = len(found[0]) == 2
        if (at and _is_one_glyph(reader, at - 1, at)) or (
            not spaced and after < len(text) and _is_one_glyph(reader, at, after)
        ):
            continue  # the map tells all of its letters
        room = reader.box(after)[0] - reader.box(at)[2] if after < len(reader.text) else 0.0
        room /= max(reader.size(at), 0.1)
        code = "f"
        if spaced and not _is_one_glyph(reader, at, at + 1):
            spaced = telling and reader.is_made_up(at + 1) and _GAP[0] * usual < room < _GAP[1] * usual
            if spaced:
                code, width, room = GAP, width + room, 0.0
        if width > _WIDER * usual:
            mark = lost.placeholder(widths.font(at), code, width, widths.letters(at), "f")
            text[at] = mark or "f"
            if mark and spaced and room < _WORD_SPACE:
                text[at + 1] = JOINED


def _mark_spaces(reader: Characters, lost: LostLetters, widths: _Widths, text: list[str]) -> None:
    """Marks spaces within words: glyphs that the map calls one, of another width than the font's space."""
    places = [at.start() for at in _SPACE.finditer(reader.text)]
    places = [at for at in places if text[at] == " " and not reader.is_made_up(at)]
    usual: dict[str, list[float]] = defaultdict(list)
    for at in places:
        usual[widths.font(at)].append(round(widths.of(at), 2))
    for at in places:
        same = usual[widths.font(at)]
        space, width = median_low(same), widths.of(at)
        unusual = len(same) > 4 and abs(width - space) > _UNUSUAL_SPACE * space
        if unusual and 0 < _WIDER * widths.f(at) < width and _is_tight(reader, at):
            text[at] = lost.placeholder(widths.font(at), " ", width, widths.letters(at)) or " "


def _is_tight(reader: Characters, at: int) -> bool:
    """Returns whether a glyph stands close between its neighbours, on their line."""
    before, box, after = (reader.box(at + step) for step in (-1, 0, 1))
    near = _WORD_SPACE * reader.size(at)
    return (
        abs(box[0] - before[2]) < near and abs(after[0] - box[2]) < near and before[3] == box[3] == after[3]
    )


class _Widths:
    """How wide letters are drawn, by font, as a share of the font size."""

    def __init__(self, reader: Characters) -> None:
        self._reader = reader
        self._known: dict[str, dict[str, dict[str, float]]] = {}

    def of(self, index: int) -> float:
        """Returns the width of a character; 0 in a line that is turned."""
        if self._reader.is_turned(index):
            return 0.0
        box = self._reader.box(index)
        return (box[2] - box[0]) / max(self._reader.size(index), 0.1)

    def font(self, index: int) -> str:
        """Returns the name of a character's font."""
        return self._reader.font_name(index)

    def f(self, index: int) -> float:
        """Returns the width of an ``f`` in the font of a character; 0 where the page has none."""
        return self._of("f", index).get("f", 0.0)  # as narrow as any: the others may be ligatures

    def letters(self, index: int) -> dict[str, float]:
        """Returns the widths of the letters of a character's font that ligatures consist of."""
        return self._of("filtjThcs", index)

    def _of(self, letters: str, index: int) -> dict[str, float]:
        if letters not in self._known:
            self._known[letters] = self._measure(letters)
        return self._known[letters].get(self.font(index), {})

    def _measure(self, letters: str) -> dict[str, dict[str, float]]:
        seen: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for found in re.finditer(f"[{letters}]", self._reader.text):
            samples = seen[self.font(found.start())][found[0]]
            if len(samples) < _SAMPLES and (width := self.of(found.start())):
                samples.append(round(width, 3))
        return {
            font: {
                letter: sorted(widths)[len(widths) // 8] if letter == "f" else median_low(widths)
                for letter, widths in measured.items()
                if widths
            }
            for font, measured in seen.items()
        }
