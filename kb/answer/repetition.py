"""A text that goes round in circles: small models repeat a sentence until their limit."""

from __future__ import annotations

import re
from collections import deque

from kb.text.scripts import HAN, KANA

_PIECE = re.compile(rf"[{HAN}{KANA}]|[^\W_{HAN}{KANA}]+|\|")
_WHOLE_CHARACTER = re.compile(f"[{HAN}{KANA}]")
_LONGEST_WORD = 80
"""Characters of a word at the end of what has come that are held back, since it may go on."""
_LONGEST_ROUND = 160
"""Words, or characters of Han text, of what is repeated."""
_ROUNDS = 3
"""How often something must follow itself, besides the first time."""
_LEAST_WORDS = 24
"""Repeated words from which on it is no emphasis."""
_LEAST_OF_TABLE = 240
"""The same in the rows of a table, whose cells are alike."""


class RepetitionWatch:
    """Reads a text piece by piece; each word costs the same, however much came before."""

    def __init__(self) -> None:
        self._words: deque[str] = deque(maxlen=_LONGEST_ROUND)
        self._runs = [0] * (_LONGEST_ROUND + 1)
        """For each distance, how many words in a row were the same as the one so far back."""
        self._held = ""
        self._bars = 0
        """How many more words count as those of a table: its rows have bars."""

    def end_in(self, piece: str) -> int | None:
        """Returns behind how many characters of ``piece`` the text has begun to go round; None where it has not."""
        text = self._held + piece
        certain = len(text)
        while certain > max(0, len(text) - _LONGEST_WORD) and _goes_on(text[certain - 1]):
            certain -= 1
        for match in _PIECE.finditer(text, 0, certain):
            if self._repeats(match.group().casefold()):
                return max(0, match.end() - len(self._held))
        self._held = text[certain:]
        return None

    def _repeats(self, word: str) -> bool:
        """Returns whether the text goes round with ``word``: a bar is no word, and shows that a table is written."""
        if word == "|":
            self._bars = _LONGEST_ROUND
            return False
        self._bars = max(0, self._bars - 1)
        least = _LEAST_OF_TABLE if self._bars else _LEAST_WORDS
        found = False
        for distance, before in enumerate(reversed(self._words), start=1):
            self._runs[distance] = self._runs[distance] + 1 if before == word else 0
            found = found or self._runs[distance] >= max(least, _ROUNDS * distance)
        self._words.append(word)
        return found


def _goes_on(character: str) -> bool:
    return character.isalnum() and _WHOLE_CHARACTER.match(character) is None
