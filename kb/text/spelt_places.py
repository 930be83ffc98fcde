"""Places whose number a question says in words or as an ordinal: ``article twelve``, ``the 12th article``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from kb.text.identifiers import ordinal_endings
from kb.text.spelt_numbers import spelt_numbers
from kb.text.word_lists import all_word_lists

_WORD = re.compile(r"[^\W\d_]+")
_NUMBERED = re.compile(r"(?<![\w.,])(\d{1,3})([a-z]{1,2})(?![\w-])")


def spelt_places(text: str, kinds: Mapping[str, str]) -> Iterator[tuple[str, int, int, int]]:
    """Yields (kind, number, start, end) of each place; ``kinds`` says which kind a folded word for places names.

    A cardinal stands behind the word, an ordinal in front of it: "two articles" and "one article" name none.
    """
    words = [
        (match.start(), match.end(), kinds.get(match.group().casefold())) for match in _WORD.finditer(text)
    ]
    before = {end: (start, kind) for start, end, kind in words if kind}
    behind = {start: (end, kind) for start, end, kind in words if kind}
    for start, end, number, is_ordinal in _numbers(text):
        left = start - 1 - (text[max(0, start - 2) : start] == ". ")
        if not is_ordinal and text[start - 1 : start] == " " and left in before:
            begin, kind = before[left]
            yield kind, number, begin, end
        elif is_ordinal and text[end : end + 1] == " " and end + 1 in behind:
            stop, kind = behind[end + 1]
            yield kind, number, start, stop


def _numbers(text: str) -> Iterator[tuple[int, int, int, bool]]:
    for start, end, value in spelt_numbers(text):
        said = text[start:end].casefold()
        if said.isascii() and value == int(value) > 0:
            yield start, end, int(value), _WORD.findall(said)[-1] not in _cardinals()
    for match in _NUMBERED.finditer(text):
        if match[2] in ordinal_endings():
            yield match.start(), match.end(), int(match[1]), True


@cache
def _cardinals() -> frozenset[str]:
    lists = all_word_lists()
    return frozenset(row.split()[0] for each in lists for row in (*each.numbers, *each.tens))
