"""Clock times: "5 p.m.", "17:00", "下午5点半"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kb.text.word_lists import all_word_lists

_HOUR, _HALF_DAY = 60, 12 * 60
"""In minutes."""


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day and where it stands in its text."""

    start: int
    end: int
    minutes: frozenset[int]
    """Since midnight; two where nothing says which half of the day is meant: 2:05 is 14:05, too."""

    def equals(self, other: ClockTime) -> bool:
        return bool(self.minutes & other.minutes)


def clock_times(text: str) -> list[ClockTime]:
    """Returns the clock times of a text in NFKC, in order; an hour alone is none ("at 5")."""
    found: list[ClockTime] = []
    for each in sorted(_found(text), key=lambda each: (each.start, -each.end)):
        if not found or each.start >= found[-1].end:
            found.append(each)
    return found


def _found(text: str) -> Iterator[ClockTime]:
    for pattern in _patterns():
        for match in pattern.finditer(text):
            said = match.groupdict()
            hour, minute = int(said["hour"]), int(said.get("minute") or 0)
            if said.get("half"):
                minute = _HOUR // 2
            if hour > 24 or minute >= _HOUR:
                continue
            yield ClockTime(match.start(), match.end(), _minutes(hour * _HOUR + minute, said))


def _minutes(said: int, groups: dict[str, str | None]) -> frozenset[int]:
    within = said % _HALF_DAY
    if groups.get("am"):
        return frozenset({within})
    if groups.get("pm"):
        return frozenset({within + _HALF_DAY})
    # whoever writes 14:05 or 00:30 counts to 24
    counts_to_24 = said >= 13 * _HOUR or said < _HOUR
    return frozenset({said}) if counts_to_24 else frozenset({within, within + _HALF_DAY})


@cache
def _patterns() -> list[re.Pattern[str]]:
    return [re.compile(written, re.IGNORECASE) for each in all_word_lists() for written in each.clock_times]
