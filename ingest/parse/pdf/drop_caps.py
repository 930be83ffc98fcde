"""Large first letters of a paragraph, joined with the word that they begin."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from ingest.parse.pdf.lines import Line, Way
from ingest.parse.pdf.text import first_word
from kb.types import PdfPlace, Rect, Span

_LARGER = 1.6
"""How much larger than the text such a letter is at least."""
_GAP = 1.2
"""In units of the font size of the text: how far the rest of the word is from the letter at most."""
_NEAR = 8
"""Lines before or after the letter among which its text is drawn."""


def join_drop_caps(lines: Sequence[Line], vocabulary: Container[str]) -> list[Line]:
    """Returns the lines of a page, each large first letter in the first line that stands beside it.

    ``vocabulary`` holds the words of the document in lower case: it tells ``A lighthouse`` from ``The``.
    """
    joined: list[Line | None] = list(lines)
    for place, cap in enumerate(lines):
        if not _is_letter(cap):
            continue
        around = range(max(0, place - _NEAR), min(len(lines), place + _NEAR + 1))
        beside = [other for other in around if other != place and _is_beside(cap, joined[other])]
        if not beside:
            continue
        first = min(beside, key=lambda other: lines[other].v0)
        joined[first] = _with_letter(cap, lines[first], vocabulary)
        joined[place] = None
    return [line for line in joined if line is not None]


def _is_letter(line: Line) -> bool:
    """Returns whether a line is one capital letter, with a quotation mark before it at most."""
    letter = line.text.lstrip("\"'“„«‘")
    return line.way is Way.RIGHT and len(letter) == 1 and letter.isupper() and len(line.text) <= 2


def _is_beside(cap: Line, line: Line | None) -> bool:
    """Returns whether a line of text begins right of a large letter and within its height."""
    if (
        line is None
        or line.way is not cap.way
        or cap.size < _LARGER * line.size
        or not line.text[:1].isalpha()
    ):
        return False
    middle = (line.v0 + line.v1) / 2
    return cap.v0 < middle < cap.v1 and -0.3 * line.size < line.u0 - cap.u1 < _GAP * line.size


def _with_letter(cap: Line, line: Line, vocabulary: Container[str]) -> Line:
    """Returns a line with the letter before it."""
    rest = "".join(char for char in first_word(line.text) if char.isalpha()).lower()
    whole = cap.text[-1].lower() + rest
    apart = rest in vocabulary and whole not in vocabulary
    glue = " " if apart else ""
    offset = len(cap.text) + len(glue)
    place = PdfPlace((cap.rect,))
    parts = (Span(0, len(cap.text), place), *line.spans(offset))
    box, other = line.rect, cap.rect
    rect = Rect(box.page, min(box.x0, other.x0), min(box.y0, other.y0), max(box.x1, other.x1), box.y1)
    return replace(line, text=cap.text + glue + line.text, rect=rect, u0=cap.u0, parts=parts)
