"""Places of a document by name and number: ``article 12``, ``§ 5.1``, ``第六条``, ``Item 7A``, ``图3``.

What such places are called stands in the word lists, each kind under one name for all languages, so that a question
for article 6 finds 第六条.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kb.text.dates import dates
from kb.text.numerals import CHINESE_NUMERAL, in_chinese, in_roman, number_forms
from kb.text.scripts import HAN, HANGUL
from kb.text.spelt_places import spelt_places
from kb.text.word_lists import all_word_lists

_GAP = "…"
"""Stands in a list where the number goes; behind the word in lists without it."""
_END = r"(?![A-Za-z0-9])"
_NUMBER = (
    rf"\d{{1,4}}(?:[.-]\d{{1,3}}){{0,5}}(?:[A-Za-z]{_END})?(?!\d)"
    rf"|[ivxlcdmIVXLCDM]{{1,8}}{_END}|[A-Z](?:\.?\d{{1,3}})?{_END}"
)
_SUBS = r"(?:\s?[(（][0-9A-Za-z]{1,4}[)）]){0,3}"
_SUB = re.compile(r"[(（]([0-9A-Za-z]{1,4})[)）]")
_BARE = re.compile(
    rf"(?:§{{1,2}}\s?)?(?P<number>\d{{1,3}}(?:\.\d{{1,3}}){{0,5}}|[{CHINESE_NUMERAL}]{{1,4}}(?=[、.．]))(?P<subs>{_SUBS})"
    rf"[.．、:：)）]{{0,1}}(?=\s|$|[A-Za-z{HAN}])"
)
"""A number at the beginning of a line."""
_LONGEST_DATE = 30
"""Characters within which a line that begins with a date has said it."""
BARE_KINDS = frozenset({"article", "section", "clause", "chapter", "item", "rule", "step"})
"""Kinds whose places may be numbered without a word: figures and tables never are."""


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A place as a question or a line names it."""

    kind: str
    """The name of its list, the same in all languages; empty for a number alone."""
    forms: frozenset[str]
    """What its number may be written as elsewhere, digits among them."""
    subs: tuple[str, ...]
    """The letters or numbers in brackets behind it."""
    start: int
    end: int

    def is_same(self, other: PlaceName) -> bool:
        """Returns whether both mean one place, without what is in brackets."""
        alike = self.kind == other.kind or (not other.kind and self.kind in BARE_KINDS)
        return alike and not self.forms.isdisjoint(other.forms)


def place_names(text: str) -> list[PlaceName]:
    """Returns the places that ``text`` names by a word and a number, in their order."""
    found = [_name(kind, match) for kind, pattern in _patterns() for match in pattern.finditer(text)]
    for kind, number, start, end in spelt_places(text, _kinds_by_word()):
        found.append(PlaceName(kind, number_forms(str(number)), (), start, end))
    return sorted(found, key=lambda name: (name.start, -name.end))


def place_of_line(line: str) -> PlaceName | None:
    """Returns the place that begins with ``line``; None for a line that begins with none."""
    for kind, pattern in _patterns_by_letter().get(line[:1].casefold(), ()):
        if match := pattern.match(line):
            return _name(kind, match)
    match = _BARE.match(line)
    return _name("", match) if match and not _begins_with_date(line) else None


def _begins_with_date(line: str) -> bool:
    return any(date.start == 0 for date in dates(line[:_LONGEST_DATE]))


def phrases_for(name: PlaceName) -> Iterator[str]:
    """Yields how ``name`` may be written, in every language, for a search by words."""
    for kind, (before, after) in _affixes():
        if kind == name.kind:
            yield from (f"{before} {form}{after}".strip() for form in sorted(_spellings(name.forms)))
    if name.kind in BARE_KINDS:
        yield from (form for form in sorted(name.forms) if form[0].isdigit())


def _spellings(forms: frozenset[str]) -> set[str]:
    values = {int(form) for form in forms if form.isdecimal()}
    return {
        *forms,
        *(in_roman(value) for value in values if value),
        *(in_chinese(value) for value in values if 0 < value < 100),
    }


def _name(kind: str, match: re.Match[str]) -> PlaceName:
    subs = tuple(sub.casefold() for sub in _SUB.findall(match["subs"] or ""))
    return PlaceName(kind, number_forms(match["number"]), subs, match.start(), match.end())


@cache
def _affixes() -> tuple[tuple[str, tuple[str, str]], ...]:
    """Returns (kind, (what stands before the number, what stands behind it)), the longest first."""
    found = []
    for each in all_word_lists():
        for kind, written in each.places.items():
            for word in written:
                before, gap, after = word.partition(_GAP)
                found.append((kind, (before, after if gap else "")))
    return tuple(sorted(set(found), key=lambda one: (-len("".join(one[1])), one)))


@cache
def _kinds_by_word() -> dict[str, str]:
    return {before.casefold(): kind for kind, (before, after) in _affixes() if before.isalpha() and not after}


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, _pattern(before, after)) for kind, (before, after) in _affixes())


@cache
def _patterns_by_letter() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Returns folded letter -> the patterns of what begins with it: of two hundred a line needs a few."""
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for (_, (before, _)), pattern in zip(_affixes(), _patterns(), strict=True):
        found.setdefault(before[0].casefold(), []).append(pattern)
    return found


def _pattern(before: str, after: str) -> re.Pattern[str]:
    if re.search(f"[{HAN}{HANGUL}]", before + after):
        number = rf"[{CHINESE_NUMERAL}]{{1,8}}|\d{{1,4}}(?:[.-]\d{{1,3}}){{0,2}}|[A-Z]{_END}"
        return re.compile(rf"{re.escape(before)} ?(?P<number>{number}) ?{re.escape(after)}(?P<subs>)")
    if not before[0].isalpha():
        return re.compile(rf"{re.escape(before)}\s?(?P<number>{_NUMBER})(?P<subs>{_SUBS})")
    head = rf"(?<![^\W_])(?i:{re.escape(before)}\.?\s?(?:(?:no|nr|number)\.?\s)?)"
    return re.compile(rf"{head}(?P<number>{_NUMBER})(?P<subs>{_SUBS})")
