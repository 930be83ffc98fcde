"""The lines of a passage as their file has them: rows of a table, lines without a full stop, paragraphs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kb.text.sentences import is_whole, sentences
from kb.types import Chunk, LinePlace, Place

CELL = " | "
"""What stands between two cells of a row, in every format."""
_BROKEN = 40
"""Characters from which on a line may be broken because it was too long."""

Range = tuple[int, int]
"""(start, end) in the text of a passage."""


class UnitKind(StrEnum):
    """What a unit is."""

    SENTENCE = "sentence"
    LINE = "line"
    """A line without a full stop: of a note, a list, a log, a title."""
    ROW = "row"
    PIECE = "piece"
    """What begins or ends in the middle of a sentence: quoted only where there is nothing else."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a paragraph, without the white space around it."""

    start: int
    end: int
    """It is ``text[start:end]`` of the passage."""
    kind: UnitKind
    """SENTENCE for a paragraph of one or more."""
    gap: bool
    """Whether the file leaves a line empty above it."""
    is_heading: bool = False
    """Whether it is one of the document's own headings, or names the columns of a table; plain text seldom has any."""


def lines_of(chunk: Chunk) -> Iterator[Line]:
    """Yields the lines of a passage; those of a paragraph that ends without a full stop as its file has them."""
    last: int | None = None
    start = 0
    for piece in chunk.text.split("\n"):
        end = start + len(piece)
        kind = _kind(piece.strip())
        parts = _as_written(chunk, start, end) if kind is UnitKind.LINE else [(start, end)]
        for left, right in parts:
            text = chunk.text[left:right]
            left, right = right - len(text.lstrip()), left + len(text.rstrip())
            if left < right:
                place = _line_place(chunk, left)
                gap = place is not None and last is not None and place.first > last + 1
                yield Line(left, right, kind, gap, is_heading_at(chunk, left))
                last = place.last if place is not None else None
        start = end + 1


def _as_written(chunk: Chunk, start: int, end: int) -> list[Range]:
    """Returns the lines of the file within ``text[start:end]``, those that a break at some width parted as one."""
    spans = [span for span in chunk.spans if span.start < end and span.end > start]
    if len(spans) < 2 or not all(isinstance(span.place, LinePlace) for span in spans):
        return [(start, end)]
    found: list[Range] = []
    for span in spans:
        left, right = max(start, span.start), min(end, span.end)
        if found and chunk.text[left : left + 1].islower() and found[-1][1] - found[-1][0] >= _BROKEN:
            found[-1] = (found[-1][0], right)
        else:
            found.append((left, right))
    return found


def _line_place(chunk: Chunk, position: int) -> LinePlace | None:
    """Returns the lines of the file that the character at ``position`` is in; None where the format has none."""
    place = place_at(chunk, position)
    return place if isinstance(place, LinePlace) else None


def place_at(chunk: Chunk, position: int) -> Place | None:
    """Returns where in the file the character at ``position`` is; None where nothing says."""
    at = bisect_right(chunk.spans, position, key=lambda span: span.start) - 1
    return chunk.spans[at].place if at >= 0 else None


def is_heading_at(chunk: Chunk, position: int) -> bool:
    """Returns whether the character at ``position`` is of one of the document's headings, or names columns."""
    at = bisect_right(chunk.spans, position, key=lambda span: span.start) - 1
    return at >= 0 and chunk.spans[at].is_heading and position < chunk.spans[at].end


def _kind(line: str) -> UnitKind:
    if CELL in line:
        return UnitKind.ROW
    pieces = sentences(line)
    return UnitKind.LINE if len(pieces) <= 1 and not ends(line) else UnitKind.SENTENCE


def ends(line: str) -> bool:
    """Returns whether ``line`` ends like a sentence, however it begins."""
    return is_whole("A" + line) or is_whole(line)
