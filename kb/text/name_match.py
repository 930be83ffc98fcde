"""Which words of a question name something, and which of two names they mean: the sand owl, or the crested sand owl."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kb.text.content_words import stop_words
from kb.text.dates import dates
from kb.text.document_names import variants
from kb.text.figures import normal_form
from kb.text.words import RUN, fold, has_digit, in_order

_CAPITAL = re.compile(r"[A-Z]")
_LONG = 6
"""Letters from which words that are written in one are a name: BestBuy."""


@dataclass(frozen=True, slots=True)
class NameMatch:
    """What a question says of a document's name."""

    words: frozenset[str]
    """The words of the question that are of the name: two in a row, or one that is a name by itself."""
    is_whole: bool
    """Whether the question says all of a part of the name: its file's, its title."""

    def means_rather(self, other: NameMatch) -> bool:
        """Returns whether the question means this name and not ``other``.

        It says more of it, and all that it says of the other; or as much, and all of this one.
        """
        if other.words < self.words:
            return bool(other.words)
        return bool(self.words) and self.words == other.words and self.is_whole and not other.is_whole


def match_name(question: str, name: str) -> NameMatch:
    """Returns what ``question`` says of ``name``, whose parts stand on lines of their own."""
    asked = _asked(question)
    named = _named(name)
    found = named.words & asked.telling
    for pair in named.pairs & asked.pairs:
        found |= frozenset(pair)
    is_whole = any(asked.words.issuperset(part) and found.intersection(part) for part in named.parts)
    return NameMatch(found - stop_words(), is_whole)


@dataclass(frozen=True, slots=True)
class _Named:
    """A name, taken apart."""

    parts: tuple[tuple[str, ...], ...]
    words: frozenset[str]
    """In all ways in which a question may write them."""
    pairs: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, taken apart."""

    words: frozenset[str]
    telling: frozenset[str]
    """Those that are names by themselves."""
    pairs: frozenset[tuple[str, str]]


@lru_cache(maxsize=4096)
def _named(name: str) -> _Named:
    parts = tuple(part for part in map(_words, name.split("\n")) if part)
    whole = name.replace("\n", " ")
    words = frozenset((*(word for part in parts for word in part), *variants(whole), *_days(whole)))
    return _Named(parts, words, frozenset(pair for part in parts for pair in pairwise(part)))


@lru_cache(maxsize=32)
def _asked(question: str) -> _Asked:
    """A word is a name by itself with a capital that does not begin the question, or with a digit; two or three that
    are written in one are where they have a digit or are long.
    """
    telling: set[str] = set()
    for number, run in enumerate(RUN.finditer(question)):
        written = run.group()
        if has_digit(written) or (number and _CAPITAL.match(written)):
            telling.add(fold(written))
    telling.update(_days(question))
    joined = variants(question)
    telling.update(word for word in joined if has_digit(word) or len(word) >= _LONG)
    words = _words(question)
    return _Asked(frozenset((*words, *joined)), frozenset(telling), frozenset(pairwise(words)))


def _days(text: str) -> list[str]:
    return [form for date in dates(normal_form(text)) for day in date.readings for form in day.forms]


def _words(text: str) -> tuple[str, ...]:
    """Returns the words of a text, and each character of scripts without spaces: they are cut otherwise elsewhere."""
    return tuple(in_order(text))
