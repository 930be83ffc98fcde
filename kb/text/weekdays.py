"""Days of the week in any language that has a list of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from kb.text.word_lists import all_word_lists

_TOGETHER = 12
"""Characters between two days that may be the ends of a span: "Monday to Friday", "周一至周五"."""

_BEHIND_SHORT = r"(?=\.?,? ?(?:[:–—/&-]|\d|$)|, )"
"""What stands behind a day that is shortened: "Fri: 9-14", "Mon-Thu", "Sat, 3 May"; else it is another word."""


def weekdays(text: str) -> list[tuple[int, int, int]]:
    """Returns (start, end, day) of each day of the week in ``text``, in order; Monday is 0."""
    return [
        (match.start(), match.end(), _days()[match.group().casefold()]) for match in _day().finditer(text)
    ]


def weekdays_covered(text: str) -> frozenset[int]:
    """Returns the days that ``text`` names, those between two that stand near each other among them."""
    found = weekdays(text)
    days = {day for _, _, day in found}
    for (_, end, first), (start, _, last) in pairwise(found):
        if start - end <= _TOGETHER:
            days.update(_between(first, last))
    return frozenset(days)


def _between(first: int, last: int) -> Iterator[int]:
    while first != last:
        first = (first + 1) % 7
        yield first


@cache
def _days() -> dict[str, int]:
    return {
        form.casefold(): day
        for each in all_word_lists()
        for days in (each.weekdays, each.short_weekdays)
        for day, forms in enumerate(days)
        for form in forms.split()
    }


@cache
def _day() -> re.Pattern[str]:
    short = {form for each in all_word_lists() for forms in each.short_weekdays for form in forms.split()}
    whole = sorted(_days().keys() - {form.casefold() for form in short}, key=lambda form: (-len(form), form))
    lettered = [re.escape(form) for form in whole if form[0] < "\u3000"]
    other = [re.escape(form) for form in whole if form[0] >= "\u3000"]
    shortened = rf"(?-i:{'|'.join(map(re.escape, sorted(short)))}){_BEHIND_SHORT}"
    return re.compile(
        rf"(?<![^\W_])(?:(?:{'|'.join(lettered)})(?![^\W_])|{shortened})|{'|'.join(other)}", re.IGNORECASE
    )
