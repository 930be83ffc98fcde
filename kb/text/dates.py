"""The dates of a text, in any written form: 2 April 2023, April 2nd, 2023-04-02, 02/04/23, 二〇二三年四月二日."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from kb.text.language import language
from kb.text.spelt_numbers import han_value
from kb.text.word_lists import all_word_lists, word_lists
from kb.text.words import fold


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or as much of it as was written."""

    year: int | None
    month: int
    day: int | None

    @property
    def forms(self) -> tuple[str, ...]:
        """The day and what it lies in, as ISO 8601 writes them: 2023-04-02, 2023-04, --04-02."""
        found = []
        if self.year is not None and self.day is not None:
            found.append(f"{self.year:04}-{self.month:02}-{self.day:02}")
        if self.year is not None:
            found.append(f"{self.year:04}-{self.month:02}")
        if self.day is not None:
            found.append(f"--{self.month:02}-{self.day:02}")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date and where it stands in its text."""

    start: int
    end: int
    readings: tuple[Day, ...]
    """Two where nobody can tell the day from the month: 02/04/23."""


_YEAR_FIRST = re.compile(r"(?<![\d./-])(\d{4})(?P<sign>[-/.])(\d{1,2})(?P=sign)(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(
    r"(?<![\d./-])(\d{1,2})(?:(?P<sign>[-/])(\d{1,2})(?P=sign)|(?P<stop>\.) ?(\d{1,2})\. ?)(\d{4}|\d{2})"
    r"(?![\d/-])(?!\.\d)"
)
_HAN_DIGIT = "〇零○一二三四五六七八九"
_SMALL_HAN = rf"\d{{1,2}}|[{_HAN_DIGIT}十]{{1,3}}"
_EAST_ASIAN = re.compile(
    rf"(?:(?<![\d{_HAN_DIGIT}])(\d{{4}}|[{_HAN_DIGIT}]{{4}}) ?[年년] ?)?"
    rf"(?<![\d十{_HAN_DIGIT}])({_SMALL_HAN}) ?[月월](?: ?({_SMALL_HAN}) ?[日号號일])?"
)
_MONTH_SIGN = re.compile("[月월]")
_PART = re.compile(r"\d+|[^\s\d.,;:()/–—?!\"“”«»\[\]-]+|[.,/-]")
_SIGNS = frozenset(".,/-")
_MOST_BETWEEN = 3
"""Parts between a month and its day or its year: "2nd of the month of" is none."""
_FIRST_YEAR, _LAST_YEAR = 1000, 2199
"""Four digits beyond are no year."""
_CENTURY_TURNS = 69
"""The two digits from which a year is one of the last century, as POSIX reads them."""


def dates(text: str, *, day_first: bool | None = None) -> list[WrittenDate]:
    """Returns the dates of a text in NFKC, in order of their kinds; a month alone is none.

    ``day_first`` says how 02/04/23 is meant, as ``writes_day_first`` finds out; None: nobody knows, and both count.
    """
    return [*_in_digits(text, day_first), *_east_asian(text), *_with_names(text)]


def writes_day_first(texts: Iterable[str]) -> bool | None:
    """Returns whether a document writes the day before the month; None where none of its dates tells.

    A number over twelve is a day. Where there is none, the language tells, if all who write it agree.
    """
    first = second = 0
    beginning = ""
    for text in texts:
        beginning = beginning or text
        for match in _YEAR_LAST.finditer(text):
            one, other = int(match[1]), int(match[3] or match[5])
            first += one > 12 >= other
            second += other > 12 >= one
    if first != second:
        return first > second
    return None if word_lists(language(beginning)).month_may_be_first else True


def _in_digits(text: str, day_first: bool | None) -> Iterator[WrittenDate]:
    for match in _YEAR_FIRST.finditer(text):
        day = _day(int(match[1]), int(match[3]), int(match[4]))
        if day is not None:
            yield WrittenDate(match.start(), match.end(), (day,))
    for match in _YEAR_LAST.finditer(text):
        one, other, year = int(match[1]), int(match[3] or match[5]), _year(match[6])
        in_order = _day(year, other, one)
        reversed_ = None if match["stop"] else _day(year, one, other)
        preferred = {True: (in_order,), False: (reversed_,), None: (in_order, reversed_)}[day_first]
        readings = [day for day in preferred if day] or [day for day in (in_order, reversed_) if day]
        if readings:
            yield WrittenDate(match.start(), match.end(), tuple(dict.fromkeys(readings)))


def _east_asian(text: str) -> Iterator[WrittenDate]:
    if not _MONTH_SIGN.search(text):  # most texts: the whole pattern is tried at every character
        return
    for match in _EAST_ASIAN.finditer(text):
        year, month, day_of_month = (_number(part) if part else None for part in match.groups())
        day = _day(year, month or 0, day_of_month)
        if day is not None:
            yield WrittenDate(match.start(), match.end(), (day,))


def _with_names(text: str) -> Iterator[WrittenDate]:
    """Yields the dates whose month has a name: with a day or a year on either side of it."""
    parts = list(_PART.finditer(text))
    for at, part in enumerate(parts):
        month = None if part.group()[0].isdigit() else _months().get(part.group().casefold())
        if month is None:
            continue
        before, after = _beside(parts, at, -1), _beside(parts, at, 1)
        beyond = None if after is None else _beside(parts, after, 1)
        day_at = next(
            (place for place in (before, after) if place is not None and _is_day(parts[place])), None
        )
        year_at = next(
            (place for place in (after, beyond, before) if place is not None and _is_year(parts[place])), None
        )
        if day_at != after and year_at == beyond:  # what follows the day that is none: April 300, 2023
            year_at = year_at if after == year_at else None
        day = _day(
            None if year_at is None else int(parts[year_at].group()),
            month,
            None if day_at is None else int(parts[day_at].group()),
        )
        if day is not None:
            places = [place for place in (day_at, at, year_at) if place is not None]
            yield WrittenDate(parts[min(places)].start(), parts[max(places)].end(), (day,))


def _beside(parts: Sequence[re.Match[str]], at: int, step: int) -> int | None:
    """Returns the place of the next number before or behind ``at``; None where more than what joins them is between."""
    for place in range(at + step, at + step * (_MOST_BETWEEN + 2), step):
        if not 0 <= place < len(parts):
            return None
        written = parts[place].group()
        if written[0].isdigit():
            return place
        if written not in _SIGNS and written.casefold() not in _joining():
            return None
    return None


def _is_day(part: re.Match[str]) -> bool:
    return len(part.group()) <= 2 and 1 <= int(part.group()) <= 31


def _is_year(part: re.Match[str]) -> bool:
    return len(part.group()) == 4 and _FIRST_YEAR <= int(part.group()) <= _LAST_YEAR


def _day(year: int | None, month: int, day: int | None) -> Day | None:
    """Returns the day; None where there is none such, or only a month was written."""
    if not 1 <= month <= 12 or (year is None and day is None):
        return None
    if day is not None and not 1 <= day <= 31:
        return None
    return Day(year, month, day)


def _year(written: str) -> int:
    year = int(written)
    if len(written) == 4:
        return year
    return year + (1900 if year >= _CENTURY_TURNS else 2000)


def _number(written: str) -> int | None:
    if written.isdigit():
        return int(written)
    value = han_value(written)
    return None if value is None else int(value)


@cache
def _months() -> dict[str, int]:
    """Returns a month's name, in small letters -> its number; one that two languages differ on is left out."""
    found: dict[str, int] = {}
    differing: set[str] = set()
    for each in all_word_lists():
        for number, forms in enumerate(each.month_forms, start=1):
            for form in _with_and_without_accents(forms.split()):
                if found.setdefault(form, number) != number:
                    differing.add(form)
    return {form: number for form, number in found.items() if form not in differing}


@cache
def _joining() -> frozenset[str]:
    return frozenset(
        form for each in all_word_lists() for form in _with_and_without_accents(each.between_date_parts)
    )


def _with_and_without_accents(words: Iterable[str]) -> frozenset[str]:
    """Returns the words in small letters in both forms: folding each word of a text would take ten times as long."""
    return frozenset(form for word in words for form in (word.casefold(), fold(word)))
