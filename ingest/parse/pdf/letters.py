"""Letters that a PDF draws in pieces, made whole: accents set over them, several of them in one glyph.

TeX with its first fonts, and what was made with them for thirty years, has no ``é``: it draws an accent and
moves back to draw the ``e``. PDFium hands out both, with spaces and line ends around accents that stand higher.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

Box = tuple[float, float, float, float]
"""Left, top, right, bottom on the page as it is shown."""
Place = Callable[[int], Box]
"""Where the character of a given number stands."""

JOINED = "\ufdd0"
"""In the place of a character that went into another one, so that all others keep their numbers; no
character by Unicode's own word, it is dropped with the controls when a line is read."""

_MARKS = {
    "`": "\u0300",
    "´": "\u0301",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "¯": "\u0304",
    "˘": "\u0306",
    "˙": "\u0307",
    "¨": "\u0308",
    "˚": "\u030a",
    "˝": "\u030b",
    "ˇ": "\u030c",
    "¸": "\u0327",
    "˛": "\u0328",
}
"""Accents as characters of their own, and what they are over a letter."""
_ACCENT = re.compile(f"[{''.join(_MARKS)}]")
_DOTLESS = {"ı": "i", "ȷ": "j"}
_STRAY = re.compile(f"(?:(?<=\\s)|^){JOINED}+|{JOINED}+(?=\\s|$)")

_OFF_CENTRE, _OGONEK = 0.35, 0.55
"""In units of the letter's width: how far the middle of an accent may lie from the middle of its letter; an ogonek
hangs at its right foot."""
_WITHIN_WORD = 0.12
"""In units of the letter's height: a wider gap is a space between words."""
_NEAR, _FAR = 3, 80
"""Characters around an accent among which its letter is looked for; far ones only for an accent that stands alone,
since PDFium puts those before or after their line."""


def with_accents(text: str, place: Place) -> str:
    """Returns ``text``, as long as before, with each accent in the letter over or under which it is drawn."""
    if not _ACCENT.search(text):
        return text
    letters = list(text)
    for found in _ACCENT.finditer(text):
        _compose(letters, found.start(), place)
    return _STRAY.sub(lambda stray: " " * len(stray[0]), "".join(letters))


def _compose(letters: list[str], accent: int, place: Place) -> None:
    """Moves an accent into its letter, if one is drawn below or above it."""
    mark, over = _MARKS[letters[accent]], place(accent)
    for base in _candidates(letters, accent):
        letter = unicodedata.normalize("NFC", _DOTLESS.get(letters[base], letters[base]) + mark)
        if len(letter) == 1 and _is_over(over, place(base), _OGONEK if mark == "\u0328" else _OFF_CENTRE):
            letters[base], letters[accent] = letter, JOINED
            if abs(base - accent) <= _NEAR:
                _close(letters, accent, base)
                _close_gap(letters, base, place)
            _close_gap(letters, accent, place)
            return


def _candidates(letters: Sequence[str], accent: int) -> Iterator[int]:
    """Yields letters that the accent may belong to, the nearest first."""
    alone = any(not 0 <= i < len(letters) or letters[i].isspace() for i in (accent - 1, accent + 1))
    for step in range(1, (_FAR if alone else _NEAR) + 1):
        for place in (accent + step, accent - step):
            if 0 <= place < len(letters) and letters[place].isalpha():
                yield place


def _is_over(accent: Box, letter: Box, off_centre: float) -> bool:
    aside = abs(accent[0] + accent[2] - letter[0] - letter[2]) / 2
    return aside < off_centre * (letter[2] - letter[0]) and _is_level(accent, letter)


def _is_level(a: Box, b: Box) -> bool:
    return min(a[3], b[3]) - max(a[1], b[1]) > 0.3 * min(a[3] - a[1], b[3] - b[1])


def _close(letters: list[str], a: int, b: int) -> None:
    """Drops the white space between two characters, in whatever order."""
    for i in range(min(a, b) + 1, max(a, b)):
        if letters[i].isspace():
            letters[i] = JOINED


def _close_gap(letters: list[str], at: int, place: Place) -> None:
    """Drops white space on either side of ``at`` where none is drawn between the letters there."""
    before, middle, after = (
        _visible(letters, at - 1, -1),
        _visible(letters, at, 1),
        _visible(letters, at + 1, 1),
    )
    for left, right in ((before, middle), (middle, after)):
        if left is None or right is None or right - left < 2:
            continue
        a, b = place(left), place(right)
        if _is_level(a, b) and abs(b[0] - a[2]) < _WITHIN_WORD * (a[3] - a[1]):
            _close(letters, left, right)


def _visible(letters: Sequence[str], start: int, step: int) -> int | None:
    """Returns the nearest character from ``start`` on that is drawn; None where the text ends before it."""
    while 0 <= start < len(letters):
        if letters[start] != JOINED and not letters[start].isspace():
            return start
        start += step
    return None


def _unicode_ligatures() -> frozenset[str]:
    """Returns the Arabic ligatures that Unicode knows, letter by letter in the order in which they are read."""
    codes = chain(range(0xFB50, 0xFE00), range(0xFE70, 0xFEFD))
    spelt = (unicodedata.normalize("NFKC", chr(code)) for code in codes)
    return frozenset(letters for letters in spelt if len(letters) > 1 and letters.isalpha())


_LIGATURES = _unicode_ligatures()


def with_ligatures(letters: str, places: Sequence[Box]) -> str:
    """Returns right-to-left letters, put back in order where several of them are one glyph.

    PDFium turns a drawn line round letter by letter. A font that says ``lam, alef`` of a glyph so comes out as
    ``alef, lam``; one that names the ligature's own character is spelt out afterwards, and right.
    """
    runs: list[str] = []
    for letter, box, before in zip(letters, places, [None, *places], strict=False):
        if box == before:
            runs[-1] += letter
        else:
            runs.append(letter)
    return "".join(run if run in _LIGATURES and run[::-1] not in _LIGATURES else run[::-1] for run in runs)
