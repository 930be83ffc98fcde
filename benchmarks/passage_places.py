"""Where the words of a passage stand in the text of its file, whatever reading changed of white space and markup."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from kb.types import Chunk, LinePlace

Range = tuple[int, int]
_LINE_END = re.compile("\r\n|[\r\n]")


class SourceText:
    """A text, by its letters and digits: what is left of it in every reading."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._letters, self._places = _letters(text)
        self._lines = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def ranges(self, chunk: Chunk) -> list[Range]:
        """Returns the (start, end) of each run of the text that ``chunk`` holds, in the order of the passage.

        Its spans say on which lines its words are; a passage without places is looked for as a whole. What a line does
        not hold in these words (HTML in a Markdown file) is looked for behind it; the rest has no place.
        """
        pieces = [
            (chunk.text[span.start : span.end], self._start_of(span.place.first))
            for span in chunk.spans
            if isinstance(span.place, LinePlace)
        ]
        return list(self._joined(self._found(pieces or [(chunk.text, 0)])))

    def _start_of(self, line: int) -> int:
        return self._lines[min(line, len(self._lines)) - 1]

    def _found(self, pieces: Iterable[tuple[str, int]]) -> Iterator[Range]:
        behind = 0
        for piece, start in pieces:
            letters, _ = _letters(piece)
            first = bisect_left(self._places, start)
            if not letters:
                continue
            place = self._letters.find(letters, max(first, behind))
            if place < 0:
                place = self._letters.find(letters, first)
            if place >= 0:
                behind = place + len(letters)
                yield self._with_signs(self._places[place], self._places[behind - 1] + 1)

    def _with_signs(self, start: int, end: int) -> Range:
        """Returns a range with the signs that adjoin it, such as the full stop at its end."""
        while start and not (self._text[start - 1].isalnum() or self._text[start - 1].isspace()):
            start -= 1
        while end < len(self._text) and not (self._text[end].isalnum() or self._text[end].isspace()):
            end += 1
        return start, end

    def _joined(self, ranges: Iterable[Range]) -> Iterator[Range]:
        """Yields the ranges, those joined that have no letters between them."""
        last: Range | None = None
        for start, end in ranges:
            if (
                last is not None
                and start >= last[1]
                and not any(map(str.isalnum, self._text[last[1] : start]))
            ):
                last = last[0], end
                continue
            if last is not None:
                yield last
            last = start, end
        if last is not None:
            yield last


def _letters(text: str) -> tuple[str, list[int]]:
    """Returns the letters and digits of ``text`` without case and width, and the place of each."""
    found: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for part in unicodedata.normalize("NFKC", char).casefold():
            if part.isalnum():
                found.append(part)
                places.append(place)
    return "".join(found), places
