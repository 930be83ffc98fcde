"""Figures that no statement states: the gross margin is asked of the lines that it is worked out from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from kb.text.scripts import HAN
from kb.text.word_lists import all_word_lists
from kb.text.words import fold


def statement_lines(question: str) -> tuple[str, ...]:
    """Returns the lines of financial statements that the figures in ``question`` are worked out from, each once.

    Of two names in one place the longer counts: free cash flow conversion.
    """
    lines = (line for name in _named().findall(fold(question)) for line in _lines()[name])
    return tuple(dict.fromkeys(lines))


@cache
def _lines() -> Mapping[str, tuple[str, ...]]:
    """Returns the name of a figure, folded -> the lines, in the name's language."""
    found: dict[str, tuple[str, ...]] = {}
    for each in all_word_lists():
        for row in each.derived_figures:
            names, lines = row.split(" = ")
            for name in names.split(", "):
                found[fold(name)] = tuple(lines.split(", "))
    return found


@cache
def _named() -> re.Pattern[str]:
    names = sorted(_lines(), key=len, reverse=True)
    letters = "|".join(re.escape(name) for name in names if not re.match(f"[{HAN}]", name))
    han = "|".join(re.escape(name) for name in names if re.match(f"[{HAN}]", name))
    return re.compile(rf"(?<![^\W_])(?:{letters})(?![^\W_])|{han}")
