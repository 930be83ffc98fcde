"""Puts what a form says beside its labels.

``FPDFPage_Flatten`` draws what was filled in at the end of the page, far from its label, and a tick is a sign of a
font of signs, or a drawing. What is drawn in a field is taken from there; what is not drawn is written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.parse.pdf.characters import Characters
from ingest.parse.pdf.form_fields import Field
from ingest.parse.pdf.letters import JOINED, Box

_SIGN = 2
"""Characters drawn in a box at most: a tick. A field with more has its label within."""
_REACH = 120.0
"""Points between a box and its label at most."""
_ABOVE = 2.5
"""How much nearer a label above a field has to be than one before it."""
_WIDE = 1.0
"""In units of the height of a line: a wider gap is between two labels."""
_COMPARED = 5_000_000
"""Fields times characters of a page, at most; a dense tax form has 200 times 8,000."""
_SAME_LINE = 2.0
"""Points between the feet of words of one line at most."""
_WORD = re.compile(r"\S+")


_Near = tuple[float, int]
"""The gap to a word in points, and its number."""


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class _Piece:
    """What goes beside a label: numbers of characters as they are drawn, or ``text`` in ``box``."""

    field: Field
    drawn: Sequence[int] = ()
    text: str = ""


def put_in_place(reader: Characters, fields: Sequence[Field]) -> None:
    """Moves what is drawn in ``fields`` beside their labels, and puts marks and values there that are not drawn."""
    if not fields or not reader.text:
        return
    fields = fields[: _COMPARED // len(reader.text) + 1]
    inside = _inside(reader, fields)
    taken = {index for indices in inside.values() for index in indices}
    pieces = [piece for place, field in enumerate(fields) if (piece := _piece(reader, field, inside[place]))]
    words = list(_words(reader, taken))
    labels = _Labels(words, [piece.field.box for piece in pieces if piece.field.mark], rtl=reader.rtl)
    after: dict[int, list[_Piece]] = defaultdict(list)
    before: dict[int, list[_Piece]] = defaultdict(list)
    for piece in sorted(pieces, key=lambda piece: (piece.field.box[1], piece.field.box[0])):
        box = piece.field.box
        find = _place_of_mark if piece.field.mark else _place_of_value
        place, first = find(box, labels)
        (before if first else after)[place].append(piece)
    _rewrite(reader, words, taken, before, after)


def _inside(reader: Characters, fields: Sequence[Field]) -> dict[int, list[int]]:
    """Returns the characters drawn in each field, spaces between them included."""
    inside: dict[int, list[int]] = {place: [] for place in range(len(fields))}
    for index, letter in enumerate(reader.text):
        if letter.isspace() or letter == JOINED:
            continue
        box = reader.box(index)
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for place, field in enumerate(fields):
            if field.box[0] <= x <= field.box[2] and field.box[1] <= y <= field.box[3]:
                inside[place].append(index)
                break
    for place, field in enumerate(fields):
        if field.mark and len(inside[place]) > _SIGN:
            inside[place] = []
    return inside


def _piece(reader: Characters, field: Field, inside: Sequence[int]) -> _Piece | None:
    """Returns what a field says; None for an empty one, or a secret."""
    if field.mark:
        return _Piece(field, text=field.mark)
    if field.secret or not (field.value or inside):
        return None
    drawn = "".join(reader.text[index] for index in inside)
    if field.listed or not inside or (len(inside) > 1 and _is_comb(inside) and drawn == field.value):
        return _Piece(field, text=field.value) if field.value else None
    return _Piece(field, drawn=inside)


def _is_comb(inside: Sequence[int]) -> bool:
    """Returns whether every letter stands by itself, in a cell of its own."""
    return all(b - a > 1 for a, b in pairwise(inside))


def _words(reader: Characters, taken: set[int]) -> Iterator[_Word]:
    """Yields the words of the page that stand in no field."""
    for found in _WORD.finditer(reader.text):
        start, end = found.span()
        if start in taken or not found[0].strip(JOINED):
            continue
        boxes = reader.box(start), reader.box(end - 1)
        lefts, tops, rights, feet = zip(*boxes, strict=True)
        yield _Word(start, end, (min(lefts), min(tops), max(rights), max(feet)))


def _level(box: Box, word: _Word) -> bool:
    """Returns whether the middle of one is within the height of the other."""
    middle, other = (box[1] + box[3]) / 2, (word.box[1] + word.box[3]) / 2
    return word.box[1] < middle < word.box[3] or box[1] < other < box[3]


class _Labels:
    """The words of a page that stand in no field, and which of them are nearest to a box."""

    def __init__(self, words: Sequence[_Word], marks: Sequence[Box], *, rtl: bool) -> None:
        self.words, self.marks, self._rtl = words, marks, rtl
        self._known: dict[Box, tuple[_Near | None, _Near | None]] = {}

    def beside(self, box: Box) -> tuple[_Near | None, _Near | None]:
        """Returns (gap, number) of the nearest word before a box and after it, on its line and as one reads."""
        if box not in self._known:
            left, right = list[_Near](), list[_Near]()
            for place, word in enumerate(self.words):
                if not _level(box, word):
                    continue
                if word.box[0] + word.box[2] < box[0] + box[2]:
                    left.append((box[0] - word.box[2], place))
                else:
                    right.append((word.box[0] - box[2], place))
            sides = min(left, default=None), min(right, default=None)
            self._known[box] = sides[::-1] if self._rtl else sides
        return self._known[box]

    def line(self, box: Box) -> list[Box]:
        """Returns the boxes with a mark on the line of a box, itself included, in the order of reading."""
        return sorted((mark for mark in self.marks if _overlap(box, mark)), reverse=self._rtl)

    def above(self, box: Box) -> int:
        """Returns the number of the last word on the nearest line above a box; -1 where none is."""
        over = [
            (word.box[3], place)
            for place, word in enumerate(self.words)
            if word.box[3] <= (box[1] + box[3]) / 2
        ]
        over = [found for found in over if _overlap(box, self.words[found[1]].box, axis=0)] or over
        if not over:
            return -1
        foot = max(over)[0]
        return max(place for height, place in over if foot - height < _SAME_LINE)


def _place_of_mark(box: Box, labels: _Labels) -> tuple[int, bool]:
    """Returns the number of the word that a mark stands at, and whether it stands before it.

    A box stands before its label, as most do, unless the last box of the line has no words after it.
    """
    before, after = labels.beside(box)
    line = labels.line(box)
    first, rest = labels.beside(line[-1])
    behind = first is not None and (rest[0] if rest else _REACH) >= min(_REACH, 3 * max(1.0, first[0]))
    if not behind and after and after[0] < _REACH:
        return after[1], True
    if not before:
        return labels.above(box), False
    nearest = {found[1] for mark in line if (found := labels.beside(mark)[0])}
    if not behind or len(nearest) < len(line):
        return before[1], False  # several boxes behind one label: the cells of a row
    return _first_of_label(before[1], labels.words, [mark for mark in line if mark != box]), True


def _place_of_value(box: Box, labels: _Labels) -> tuple[int, bool]:
    """Returns the number of the word that a value stands at, and whether it stands before it."""
    before, after = labels.beside(box)
    above = labels.above(box)
    if before:
        over = labels.words[above].box if above >= 0 else None
        if over is None or not _overlap(box, over, axis=0) or before[0] < _ABOVE * max(0.0, box[1] - over[3]):
            return before[1], False
    if above >= 0:
        return above, False
    return (after[1], True) if after else (len(labels.words) - 1, False)


def _first_of_label(last: int, words: Sequence[_Word], marks: Sequence[Box]) -> int:
    """Returns the number of the first word of a label that ends with the word ``last``."""
    first = last
    while first and _level(words[first].box, words[first - 1]):
        left, right = words[first - 1].box[2], words[first].box[0]
        if right - left > _WIDE * (words[first].box[3] - words[first].box[1]):
            break
        if any(left - 1 <= (mark[0] + mark[2]) / 2 <= right + 1 for mark in marks):
            break
        first -= 1
    return first


def _overlap(a: Box, b: Box, axis: int = 1) -> bool:
    """Returns whether two boxes share half of their height (axis 1), or of their width (axis 0)."""
    far = axis + 2
    return min(a[far], b[far]) - max(a[axis], b[axis]) > 0.5 * min(a[far] - a[axis], b[far] - b[axis])


def _rewrite(
    reader: Characters,
    words: Sequence[_Word],
    taken: set[int],
    before: dict[int, list[_Piece]],
    after: dict[int, list[_Piece]],
) -> None:
    """Puts the pieces before and after the words of those numbers; what is drawn in fields goes from its own place."""
    draft = _Draft(reader)
    kept = 0
    for piece in after.get(-1, ()):
        draft.add(piece, None)
    for place, word in enumerate(words):
        if place not in before and place not in after:
            continue
        draft.copy(index for index in range(kept, word.start) if index not in taken)
        for piece in before.get(place, ()):
            draft.add(piece, word, first=True)
        draft.copy(range(word.start, word.end))
        for piece in after.get(place, ()):
            draft.add(piece, word)
        kept = word.end
    draft.copy(index for index in range(kept, len(reader.text)) if index not in taken)
    reader.rearrange("".join(draft.text), draft.numbers, draft.placed)


class _Draft:
    """The characters of a page in a new order."""

    def __init__(self, reader: Characters) -> None:
        self._reader = reader
        self.text: list[str] = []
        self.numbers: list[int] = []
        self.placed: dict[int, Box] = {}

    def copy(self, indices: Iterable[int]) -> None:
        """Adds characters that are drawn."""
        for index in indices:
            self.text.append(self._reader.text[index])
            self.numbers.append(index)

    def add(self, piece: _Piece, word: _Word | None, *, first: bool = False) -> None:
        """Adds a piece beside a word, before or after it."""
        number = word.start if word else 0
        level = word is not None and _level(piece.field.box, word)
        if not first:
            self._space(number, level=level)
        if piece.drawn:
            self._drawn(piece.drawn)
        else:
            self._write(piece.text, _box_of(piece, word, first=first), number)
        self._space(number, level=level)

    def _space(self, number: int, *, level: bool) -> None:
        self.text.append(" " if level else "\n")
        self.numbers.append(number)

    def _drawn(self, indices: Sequence[int]) -> None:
        """Adds what is drawn in a field, with the spaces and line ends between."""
        for index, following in zip(indices, (*indices[1:], None), strict=True):
            self.copy((index,))
            if following is not None:
                self.copy(
                    i for i in range(index + 1, min(following, index + 3)) if self._reader.text[i].isspace()
                )

    def _write(self, text: str, box: Box, number: int) -> None:
        """Adds ``text`` that is not drawn, spread over ``box``; its print is that of the character ``number``."""
        step = (box[2] - box[0]) / max(1, len(text))
        for place, letter in enumerate(text):
            left = box[0] + place * step
            self.placed[len(self.text)] = (left, box[1], left + step, box[3])
            self.text.append(letter)
            self.numbers.append(number)


def _box_of(piece: _Piece, word: _Word | None, *, first: bool) -> Box:
    """Returns where a piece that is not drawn stands: on the line of its label, a mark close before it."""
    box = piece.field.box
    if word is None or not _level(box, word):
        return box
    _, top, _, foot = word.box
    if piece.field.mark and first:
        right = word.box[0] - 1
        return (right - 0.7 * (foot - top), top, right, foot)
    return (box[0], top, box[2], foot)
