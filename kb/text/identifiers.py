"""Names in a text that mean themselves and nothing like them: part numbers, versions, C++, 40K, 8号楼."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from kb.text.figures import Figure
from kb.text.scripts import HAN, HANGUL, KANA
from kb.text.word_lists import all_word_lists
from kb.text.words import fold, joined_names, simplified

_NUMBER = re.compile(r"(?<![-./:_#+\w,])(?!1\d{3}(?!\d)|2[01]\d\d(?!\d))\d{4,}(?![-./:_#+,]?\w)")
"""A number on its own that is no year."""
_SPACED = rf"[^\W_{HAN}{KANA}{HANGUL}]"
_MIXED = re.compile(rf"(?<!{_SPACED})(?:[a-z]++\d|\d++[a-z])[a-z0-9]*+(?!{_SPACED})")
_SIGNED = re.compile(r"(?<![^\W_])[^\W_]++(?:\+{1,2}|#)(?![\w+#])|(?<![\w.])\.[a-z][a-z0-9]++(?![\w.])")
"""C++, C#, A+, .NET."""
_BEFORE_ENDING = re.compile(r"\d++")
_LETTER = re.compile(r"[a-z]")
_SIGNS = re.compile(r"[^a-z0-9]+")
_CLASSIFIER = re.compile(f" ?([{HAN}])")
_LEAST_DIGITS = 5
"""Of a number in groups, such as 770-184-2."""
_LETTERS_THEN_DIGITS = re.compile(r"(?<![^\W_])([a-z]{1,5}) (\d{2,})(?![^\W_])")


def identifiers(text: str) -> list[str]:
    """Returns the names in ``text`` that tell more than its meaning: ``E-1042``, ``0x80070005``, ``3.2.1``,
    ``max_tokens``, ``ns::name``, ``AT&T``, ``C++``, ``40K``, ``9087``; folded as in ``kb.text.words.words``.
    """
    folded = fold(text)
    return [*joined_names(folded), *_mixed(folded), *signed_names(text), *_NUMBER.findall(folded)]


def exact_terms(text: str, numbers: Sequence[Figure]) -> list[str]:
    """Returns the terms by which a text in NFKC is found for the identifiers in it, short ones (40K, 8号楼) included.

    ``numbers`` are its figures. One that signs join is there without them too: PPR-9087 is PPR9087.
    """
    folded = simplified(fold(text))
    joined = joined_names(folded)
    squeezed = [_SIGNS.sub("", name) for name in joined if name.isascii() and _is_number_of_a_thing(name)]
    return [*joined, *squeezed, *_mixed(folded), *_SIGNED.findall(folded), *_numbered(text, numbers)]


def is_made_like(name: str, other: str) -> bool:
    """Returns whether two terms of ``exact_terms`` differ in numbers, or in letters behind these, alone: 40k, 40l."""
    return name != other and _made(name) == _made(other)


def _made(name: str) -> str:
    before, *behind = _BEFORE_ENDING.split(name)
    return "9".join([before, *(_LETTER.sub("a", part) for part in behind)])


def signed_names(text: str) -> list[str]:
    """Returns the names in ``text`` that a sign tells apart, folded: ``c++``, ``c#``, ``.net``."""
    return _SIGNED.findall(fold(text))


def likely_terms(question: str) -> list[str]:
    """Returns terms of identifiers that a question may write in two words: PPR 9087."""
    return ["".join(found) for found in _LETTERS_THEN_DIGITS.findall(fold(question))]


def _mixed(folded: str) -> list[str]:
    """Returns the words in which letters and digits mix, ordinals and decades (2nd, 1990s) left out."""
    return [
        word
        for word in _MIXED.findall(folded)
        if _BEFORE_ENDING.sub("", word, count=1) not in ordinal_endings()
    ]


def _numbered(text: str, numbers: Sequence[Figure]) -> list[str]:
    """Returns what a number in front of a Han character names: 8号 of 8号楼 and of 八号楼; units name nothing."""
    found = []
    for figure in numbers:
        behind = _CLASSIFIER.match(text, figure.end)
        if behind is not None and not figure.units:
            found += [f"{form}{simplified(behind[1])}" for form in sorted(figure.forms)]
    return found


def _is_number_of_a_thing(name: str) -> bool:
    """Returns whether ``name`` mixes letters and digits, or has as many digits as no value and no version has."""
    digits = sum(character.isdigit() for character in name)
    return digits > 0 and (digits >= _LEAST_DIGITS or any(character.isalpha() for character in name))


@cache
def ordinal_endings() -> frozenset[str]:
    """Returns what is written behind a number without naming anything: 2nd, 1990s."""
    lists = all_word_lists()
    return frozenset(fold(word) for each in lists for word in each.between_date_parts) | {"s"}
