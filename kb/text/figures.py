"""The figures of a text, in digits or in words, with the unit that stands beside each."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from kb.text.dates import WrittenDate, dates
from kb.text.numbers import located_numbers, plain
from kb.text.scripts import HAN
from kb.text.spelt_numbers import spelt_numbers
from kb.text.word_lists import all_word_lists
from kb.text.words import fold


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and where it stands in its text."""

    written: str
    forms: frozenset[str]
    """Its value in digits, and what it may be besides: ``1.234`` in German is 1234 as well as 1.234."""
    start: int
    end: int
    """Behind its ``million``, before its unit."""
    is_spelt: bool
    units: frozenset[str]
    """The symbols of the unit beside it; several where its word may mean two (pounds), none where none is known."""

    def equals(self, other: Figure) -> bool:
        return bool(self.forms & other.forms)


def figures(text: str) -> list[Figure]:
    """Returns the figures of a text in NFKC, in order; decades as English counts them (20世纪50年代 is 1950)."""
    found = [
        Figure(text[start:end], forms, start, behind, False, _units_beside(text, start, behind))
        for start, end, behind, forms in located_numbers(text)
    ]
    taken = [(each.start, each.end) for each in found]
    for start, end, value in spelt_numbers(text):
        if not any(start < last and first < end for first, last in taken):
            units = _units_beside(text, start, end)
            found.append(Figure(text[start:end], frozenset({plain(value)}), start, end, True, units))
    return sorted(found, key=lambda each: each.start)


def in_digits(text: str) -> str:
    """Returns ``text`` in its ``normal_form``, its numbers in words in digits and its dates as year, month and day.

    Two texts that say the same in other forms can be laid beside each other so.
    """
    text = normal_form(text)
    found = [(each.start, each.end, _as_one(each)) for each in dates(text)]
    spelt = [each for each in figures(text) if each.is_spelt]
    found += [(each.start, each.end, next(iter(each.forms))) for each in spelt]
    parts: list[str] = []
    done = 0
    for start, end, written in sorted(found):
        if start >= done:
            parts += [text[done:start], written]
            done = end
    return "".join([*parts, text[done:]])


def _as_one(date: WrittenDate) -> str:
    day = date.readings[0]
    return " ".join(str(part) for part in (day.year, day.month, day.day) if part is not None)


def normal_form(text: str) -> str:
    """Returns ``text`` as figures are looked for in it: in NFKC, decades of a century as years."""
    text = unicodedata.normalize("NFKC", text)
    for each in all_word_lists():
        if each.decade is not None:
            text = each.decade.sub(lambda match: f"{100 * (int(match[1]) - 1) + int(match[2])}", text)
    return text


def _units_beside(text: str, start: int, end: int) -> frozenset[str]:
    behind = _unit_behind().match(text, end)
    if behind is not None:
        return _symbols()[fold(behind[1])]
    before = _unit_before().search(text, max(0, start - 8), start)
    return _symbols()[fold(before[1])] if before is not None else frozenset()


def behind_unit(text: str, end: int) -> int | None:
    """Returns where the unit behind a figure that ends at ``end`` ends; None where none stands there."""
    found = _unit_behind().match(text, end)
    return found.end() if found else None


@cache
def _symbols() -> dict[str, frozenset[str]]:
    """Returns how a unit is written, folded -> its symbols."""
    found: dict[str, frozenset[str]] = {}
    for each in all_word_lists():
        for symbol, written in each.units.items():
            for word in written:
                for form in {fold(word), word.casefold()}:  # a text is searched with its accents
                    found[form] = found.get(form, frozenset()) | {symbol}
    return found


@cache
def _unit_behind() -> re.Pattern[str]:
    written = sorted(_symbols(), key=len, reverse=True)
    letters = "|".join(re.escape(word) for word in written if not re.match(f"[{HAN}]", word))
    han = "|".join(word for word in written if re.match(f"[{HAN}]", word))
    return re.compile(rf"[ \u00a0-]?[多余]?((?:{letters})(?![^\W\d_])|(?:{han}))", re.IGNORECASE)


@cache
def _unit_before() -> re.Pattern[str]:
    signs = [word for word in _symbols() if not word.isalpha() or word == "百分之"]
    return re.compile(rf"({'|'.join(map(re.escape, signs))})[ \u00a0]?$", re.IGNORECASE)
