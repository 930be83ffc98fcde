"""Right-to-left text in the order in which it is read.

PDFium takes it that a file draws a line from left to right, as most programs do, and turns what it draws
round. LuaTeX and a few others draw from right to left, as one writes: then PDFium's text is the wrong way
round, and has no spaces. The places of the letters tell which is the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.parse.pdf.letters import Box, Place, with_ligatures
from ingest.parse.pdf.mixed_direction import in_order, is_read_from_the_right

_RTL = "\u0590-\u065f\u066a-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LTR = "0-9A-Za-z\u00c0-\u024f\u0660-\u0669\u06f0-\u06f9"
_RUN = re.compile(f"[{_RTL}](?:[^{_LTR}\r\n]*[{_RTL}])?|[^{_RTL}\r\n]+")
"""Letters of one direction, and what stands between them; numbers run from left to right."""
_IS_RTL = re.compile(f"[{_RTL}]")
_LETTERS = re.compile(f"[{_RTL}]{{2,}}")
_LINE = re.compile("[^\r\n]+|[\r\n]+")

_SPACE = 0.12
"""In units of the height of a line: a wider gap is a space, where the file draws none."""


def in_reading_direction(text: str, place: Place) -> tuple[str, Sequence[int]]:
    """Returns the text of a page, and for each character of it the number of PDFium's character there."""
    if not _IS_RTL.search(text):
        return text, range(len(text))
    letters: list[str] = []
    order: list[int] = []
    for line in _LINE.finditer(text):
        runs = [range(*run.span()) for run in _RUN.finditer(text, *line.span())]
        if any(_is_turned(text, run, place) for run in runs):
            indices = list(_unturned(text, runs, place))
            letters += (char for char, _ in indices)
            order += (index for _, index in indices)
        else:
            letters += _turned_back(text, line.span(), place)
            order += range(*line.span())
    read = "".join(letters)
    return _mixed(read, order, place) if is_read_from_the_right(read) else (read, order)


def _mixed(text: str, order: Sequence[int], place: Place) -> tuple[str, Sequence[int]]:
    """Returns the text of a page that is read from the right, its lines that mix directions in order."""
    letters: list[str] = []
    numbers: list[int] = []
    for line in _LINE.finditer(text):
        read = in_order(text, line.span(), lambda index: place(order[index]))
        if read is None:
            letters += line[0]
            numbers += order[line.start() : line.end()]
        else:
            letters += (char for char, _ in read)
            numbers += (order[index] for _, index in read)
    return "".join(letters), numbers


def _turned_back(text: str, line: tuple[int, int], place: Place) -> str:
    """Returns a line that PDFium has turned round rightly, but for its ligatures."""
    end, pieces = line[0], list[str]()
    for found in _LETTERS.finditer(text, *line):
        pieces.append(text[end : found.start()])
        pieces.append(with_ligatures(found[0], [place(i) for i in range(*found.span())]))
        end = found.end()
    return "".join((*pieces, text[end : line[1]]))


def _is_turned(text: str, run: Sequence[int], place: Place) -> bool:
    """Returns whether most letters in the right-to-left words of a run stand right of the one before them."""
    steps: list[float] = []
    for word in _LETTERS.finditer(text, run[0], run[-1] + 1):
        middles = [box[0] + box[2] for box in (place(i) for i in range(*word.span()) if text[i].isalpha())]
        steps += (b - a for a, b in pairwise(middles))
    return sum(step > 0 for step in steps) > sum(step < 0 for step in steps)


def _unturned(text: str, runs: Sequence[Sequence[int]], place: Place) -> Iterator[tuple[str, int]]:
    """Yields the characters of a line in the order in which they are read, spaces put in."""
    if len(runs) > 1 and _left(text, runs[0], place) < _left(text, runs[-1], place):
        runs = runs[::-1]
    before: Box | None = None
    for run in runs:
        turned = _is_turned(text, run, place)
        for index in reversed(run) if turned else run:
            if text[index].isspace():
                before = None
                yield " ", index
                continue
            box = place(index)
            if before is not None and max(before[0] - box[2], box[0] - before[2]) > _SPACE * (
                box[3] - box[1]
            ):
                yield " ", index
            yield text[index], index
            before = box


def _left(text: str, run: Sequence[int], place: Place) -> float:
    """Returns where a run begins on paper."""
    return min((place(i)[0] for i in run if not text[i].isspace()), default=0.0)
