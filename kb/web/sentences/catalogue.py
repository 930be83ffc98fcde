"""Sentences of the program in another language: a catalogue of its English sentences, whose values are ``{}``.

Reasons are stored and raised as sentences, by code that knows no language, and read years later. So a sentence is
recognised by its fixed words, and said anew with the values that stand between them: whatever was stored before a
translation was there is translated too, and what is in no catalogue stays as it is. ``tests/kb/web/test_sentences.py``
holds the catalogue to the sentences that the program can say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from unicodedata import east_asian_width

_FOLDER = Path(__file__).parent
_DEEPEST = 3
"""So many values within values are looked at: why, of why, of why."""
_LEAST_LETTERS = 6
_MOST_PARTS = 12
"""Sentences of one text that are told apart; a longer text is a story that no catalogue has."""
_ENDS = ".!?"
_LONGEST = 4000
"""Characters of a text that is looked at."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """An entry of a catalogue."""

    fixed: tuple[str, ...]
    """The words between the values, before the first and after the last."""
    said: str
    """In the other language; ``{0}`` is the first value."""

    @property
    def weight(self) -> int:
        """How many characters are fixed: of two that fit, the one with more of them is meant."""
        return sum(map(len, self.fixed))

    @property
    def is_frame(self) -> bool:
        """Whether it says nothing by itself ("{} is {}."), so that what stands in it has to be known: half a sentence
        in another language is worse than none.
        """
        return sum(map(str.isalpha, "".join(self.fixed))) < _LEAST_LETTERS

    def values(self, text: str) -> tuple[str, ...] | None:
        """Returns what stands in the places of the values; None where ``text`` is not this sentence.

        Each value is as short as it can be, so that this takes time in proportion to the text.
        """
        first, last = self.fixed[0], self.fixed[-1]
        if len(self.fixed) == 1:
            return () if text == first else None
        if not text.startswith(first) or not text.endswith(last) or len(text) <= len(first) + len(last):
            return None
        if not last and text[-1] in _ENDS and not self.fixed[-2].rstrip().endswith((":", ".")):
            return None  # a part of a sentence, as in "Ollama at {}", is not a whole one that begins so
        end = len(text) - len(last)
        found, place = [], len(first)
        for words in self.fixed[1:-1]:
            start = text.find(words, place, end)
            if start < 0:
                return None
            found.append(text[place:start])
            place = start + len(words)
        return (*found, text[place:end])


@cache
def catalogue(language: str) -> tuple[Sentence, ...]:
    """Returns the sentences that there are in ``language``, those with the most fixed words first; none for English."""
    file = _FOLDER / f"{language}.json"
    if not file.is_file():
        return ()
    entries: Mapping[str, str] = json.loads(file.read_text(encoding="utf-8"))
    found = [Sentence(tuple(english.split("{}")), said) for english, said in entries.items()]
    return tuple(sorted(found, key=lambda sentence: sentence.weight, reverse=True))


@lru_cache(maxsize=2048)
def said_in(language: str, text: str) -> str:
    """Returns ``text``, one sentence or several, in ``language`` as far as its catalogue has them."""
    if not catalogue(language) or len(text) > _LONGEST:
        return text
    return _said(catalogue(language), text, _DEEPEST)[1]


def _said(known: Sequence[Sentence], text: str, depth: int) -> tuple[int, str]:
    """Returns ``text`` cut into the sentences of the catalogue that say the most of it, and how much that is."""
    parts = _parts(text)
    if len(parts) > _MOST_PARTS:
        return 0, text
    # the best that is said from each part on, from the last part to the first: an entry may be several parts
    best: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for start in reversed(range(len(parts))):
        options = [(best[0][0], (parts[start], *best[0][1]))]
        for stop in range(start + 1, len(parts) + 1):
            if (found := _one(known, " ".join(parts[start:stop]), depth)) is not None:
                weight, said = best[stop - start - 1]
                options.append((weight + found[0], (found[1], *said)))
        best.insert(0, max(options, key=lambda option: option[0]))
    return best[0][0], _joined(best[0][1])


def _one(known: Sequence[Sentence], text: str, depth: int) -> tuple[int, str] | None:
    """Returns how much of ``text`` an entry and those of its values have, and what it says; None where none fits."""
    if depth == 0 or not text:
        return None
    for sentence in known:
        if (values := sentence.values(text)) is not None:
            inside = [_said(known, value, depth - 1) for value in values]
            if sentence.is_frame and not all(weight for weight, _ in inside[1:]):
                continue
            weight = sentence.weight + sum(each for each, _ in inside)
            return weight, _filled(sentence.said, [said for _, said in inside])
    return None


def _filled(said: str, values: Sequence[str]) -> str:
    """Returns ``said`` with its values; the blank that sets off Latin letters falls away between Han characters."""
    text = ""
    for literal, place, _, _ in Formatter().parse(said):
        for part in (literal, "" if place is None else values[int(place)]):
            if text.endswith(" ") and _is_wide(text[-2:-1]) and _is_wide(part[:1]):
                text = text[:-1]
            elif part.startswith(" ") and _is_wide(text[-1:]) and _is_wide(part[1:2]):
                part = part[1:]
            text += part
    return text


def _is_wide(character: str) -> bool:
    """Returns whether a character is written without a blank beside its like; False for none."""
    return bool(character) and east_asian_width(character) in "WF"


def _parts(text: str) -> list[str]:
    """Returns the sentences of ``text``; a point within a name or a number ends none."""
    parts, start = [], 0
    for place in range(len(text) - 1):
        if text[place] in _ENDS and text[place + 1] == " ":
            parts.append(text[start : place + 1])
            start = place + 2
    return [*parts, text[start:]]


def _joined(parts: Sequence[str]) -> str:
    """Returns the parts with a blank where an English one stands beside another."""
    text = ""
    for part in parts:
        text += f" {part}" if text and (text[-1].isascii() or part[:1].isascii()) else part
    return text
