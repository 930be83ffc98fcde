r"""Ligatures that a PDF draws and does not name: ``di\ue001erent``, ``dif erent``, ``o ice`` for different and office.

A font's subset numbers its glyphs as it likes. Where the map to Unicode has nothing for a ligature, only its first
letter or a space, PDFium hands out a control, that letter, or the space. Each such glyph gets a placeholder while the
pages are read, and is spelt when all of them are: by the name that the font gives it, else by what is as wide as its
letters, is written nowhere else in the document (a font that has the ligature uses it), and stands well between the
letters around it in the document's language.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from ingest.parse.pdf.glyphs import COMMONNESS, FIRST, GAP, MOST, LostGlyph, LostLetters
from ingest.parse.pdf.legibility import BITS, letter_models
from ingest.parse.pdf.lines import Line, Page
from kb.types import Span

_WORD = re.compile(r"[^\W\d_]+")
_PLACEHOLDER = re.compile(f"[{chr(FIRST)}-{chr(FIRST + MOST)}]")
_LONGEST = 40
"""Letters of a word that are looked at on either side of a glyph."""
_ELSEWHERE = 0.1
"""How often a ligature may be spelt in letters, for each time that the glyph occurs."""
_SHARED = frozenset(" f\x00\ufffd\ufffe") | {GAP}
"""What a map gives to several glyphs alike, so that each place of them is spelt by itself."""
Place = tuple[str, str]
"""The letters of a word before and behind a glyph."""
_IN_THE_WORDS = 4.0
"""Nats that a word counts which the document has in full as well."""


def with_letters(
    pages: Sequence[Page], lost: LostLetters, names: Mapping[tuple[str, str], str]
) -> list[Page]:
    """Returns the pages with the letters of all lost glyphs; ``names``: what a font names, by font and code."""
    if not lost.glyphs:
        return list(pages)
    spelling = _Spelling(lost.glyphs, names, [line.text for page in pages for line in page.lines])
    return [
        replace(page, lines=tuple(_with_letters(line, spelling) for line in page.lines)) for page in pages
    ]


class _Spelling:
    """What each glyph is spelt as, in each of its places."""

    def __init__(
        self, glyphs: Sequence[LostGlyph], names: Mapping[tuple[str, str], str], texts: Sequence[str]
    ) -> None:
        self._glyphs = glyphs
        self._letters = [names.get((glyph.font, glyph.code), "") for glyph in glyphs]
        whole = " ".join(texts)
        self._words = _whole_words(whole)
        self._model = _own_model(whole)
        self._possible: list[list[str]] = [[] for _ in glyphs]
        self._choose(whole)

    def _choose(self, whole: str) -> None:
        """Finds the letters of each glyph, the most frequent first: no two of a font are the same ligature."""
        around: dict[int, list[Place]] = defaultdict(list)
        for _, number, left, right in _around(whole):
            around[number].append((left, right))
        taken: set[tuple[str, str]] = set()
        for number in sorted(around, key=lambda number: -len(around[number])):
            glyph, places = self._glyphs[number], around[number]
            if self._letters[number] or not any(left and right for left, right in places):
                continue
            possible = [
                each
                for each in sorted(glyph.fits)
                if (glyph.font, each) not in taken and _spelt_out(each, whole) <= _ELSEWHERE * len(places)
            ]
            self._possible[number] = possible
            if possible and glyph.code not in _SHARED:
                chosen = max(possible, key=lambda each: self._fit(each, sorted(set(places))))
                self._letters[number] = chosen
                taken.add((glyph.font, chosen))

    def of(self, number: int, left: str, right: str) -> str:
        """Returns the letters of a glyph between others; what PDFium gave where no ligature explains it."""
        if self._letters[number]:
            return self._letters[number]
        possible = self._possible[number]
        code = self._glyphs[number].code
        if code == GAP and not ({f"{left}f".lower(), right.lower()}.isdisjoint(self._words)):
            return code
        if possible:
            return max(possible, key=lambda each: self._fit(each, [(left, right)]))
        return "" if code < " " or code == "\ufffe" else code

    def _fit(self, ligature: str, places: Sequence[Place]) -> float:
        """Returns how well a ligature stands in all of some places, in nats."""
        fit = max(2.0, 0.7 * len(places)) * COMMONNESS[ligature]
        low = ligature.lower()
        for left, right in places:
            if ligature == "Th" and left:
                return -math.inf
            fit += (
                self._model[_code(left[-1:])][_code(low[0])] + self._model[_code(low[-1])][_code(right[:1])]
            )
            fit += _IN_THE_WORDS * ((left + low + right).lower() in self._words)
        return fit


def _around(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Yields where each placeholder stands, its number, and the letters before and behind it."""
    for found in _PLACEHOLDER.finditer(text):
        before, behind = (
            text[max(0, found.start() - _LONGEST) : found.start()],
            text[found.end() : found.end() + _LONGEST],
        )
        left = "".join(reversed(list(takewhile(str.isalpha, reversed(before)))))
        yield found.start(), ord(found[0]) - FIRST, left, "".join(takewhile(str.isalpha, behind))


def _whole_words(text: str) -> frozenset[str]:
    """Returns the words in which no glyph is lost, in lower case."""
    tokens = (token for token in text.lower().split() if not _PLACEHOLDER.search(token))
    return frozenset(word for token in tokens for word in _WORD.findall(token))


def _spelt_out(ligature: str, text: str) -> int:
    """Returns how often the letters of a ligature stand in ``text``, longer ligatures that hold it aside."""
    longer = [each for each in COMMONNESS if ligature in each and each != ligature]
    return text.count(ligature) - sum(text.count(each) for each in longer)


def _code(letter: str) -> int:
    """Returns the place of a letter in a model; all that are not in ASCII share one."""
    return ord(letter.lower()) if letter.isascii() and letter else (ord("a") if letter else 32)


def _own_model(text: str) -> list[list[float]]:
    """Returns how much more often than chance letters follow each other in the language of ``text``, in nats."""
    sample = " ".join(re.findall("[a-z]+", text.lower()))[:6_000]
    pairs = Counter(pairwise(sample))
    tables = [table for codec in ("cp1252", "cp1250", "cp1254") for table in letter_models(codec, "LATIN")]
    table = max(
        tables, key=lambda each: sum(BITS[each[ord(a) << 8 | ord(b)]] * n for (a, b), n in pairs.items())
    )
    ahead = [sum(table[a << 8 : (a << 8) + 128]) + 1 for a in range(128)]
    behind = [sum(table[b : 128 << 8 : 256]) + 1 for b in range(128)]
    total = sum(ahead)
    return [
        [math.log((table[a << 8 | b] + 0.05) * total / (ahead[a] * behind[b])) for b in range(128)]
        for a in range(128)
    ]


def _with_letters(line: Line, spelling: _Spelling) -> Line:
    """Returns a line in which the placeholders are spelt, with its spans moved along."""
    if not _PLACEHOLDER.search(line.text):
        return line
    spelt = {at: spelling.of(number, left, right) for at, number, left, right in _around(line.text)}
    moved, text = [0], ""
    for at, char in enumerate(line.text):
        text += spelt.get(at, char)
        moved.append(len(text))
    parts = tuple(Span(moved[part.start], moved[part.end], part.place) for part in line.parts)
    return replace(line, text=text, parts=parts)
