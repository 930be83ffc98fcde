"""The passages of a document -> a page to read. Like ``render``, nothing but escaped text goes into the markup."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape

from kb.types import Anchor, Chunk, LinePlace
from kb.web.page.words.reader import ReaderWords

_CELLS = " | "
"""What stands between the cells of a row in the text of a passage."""
_NEW_LINE = "\n"
_LONGEST_HEADING = 120
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a passage, and how deep a heading it is."""

    text: str
    level: int = 0
    """1 for the highest; 0 for what is no heading."""
    place: LinePlace | None = None
    """Its lines in a file of text; None in other formats."""

    @property
    def columns(self) -> int:
        """How many cells it has; 1 where it is no row."""
        return 1 if self.level else self.text.count(_CELLS) + 1


def reading(chunks: Sequence[Chunk], *, after: Chunk | None = None) -> str:
    """Returns ``chunks``, which follow each other, as sections of a page.

    ``after`` is the passage behind the last one: the headings above it tell which lines are headings. None at the end
    of the document.
    """
    following = [*chunks[1:], after] if chunks else []
    return "".join(_section(chunk, below) for chunk, below in zip(chunks, following, strict=True))


def _section(chunk: Chunk, below: Chunk | None) -> str:
    body = "".join(_block(lines) for lines in _runs(_lines(chunk, below)))
    return (
        f'<section class="passage" data-chunk="{chunk.id}" data-position="{chunk.position}" dir="auto">'
        f"{body}</section>"
    )


def _lines(chunk: Chunk, below: Chunk | None) -> list[_Line]:
    """Returns the lines that stand here in the document: names of columns are repeated for a later part of a table."""
    found = []
    start = 0
    has_places = chunk.has_places
    for text in chunk.text.split("\n"):
        spans = [span for span in chunk.spans_within(start, start + len(text)) if span.place is not None]
        start += len(text) + 1
        if text.strip() and (spans or not has_places):
            place = Anchor.of(spans).place
            found.append(_Line(text, place=place if isinstance(place, LinePlace) else None))
    if len(found) > 1 and _reads_like_a_heading(found[0], found[1]):
        found[0] = replace(found[0], level=min(len(chunk.heading_path) + 1, _DEEPEST))
    deeper = below.heading_path if below else ()
    return [
        replace(line, level=min(deeper.index(line.text) + 1, _DEEPEST)) if line.text in deeper else line
        for line in found
    ]


def _reads_like_a_heading(line: _Line, following: _Line) -> bool:
    """Returns whether the first line of a passage is short, and no sentence, item, row or part of a paragraph.

    A passage begins where a heading stands, and only the passages below say which line that is: a chapter that fits
    into one passage has none.
    """
    ends_a_sentence = unicodedata.category(line.text.rstrip()[-1]).startswith("P")
    begins_a_word = unicodedata.category(line.text.lstrip()[0])[0] in "LN"
    stands_apart = not _goes_on(line, following)
    is_short = len(line.text) <= _LONGEST_HEADING
    return is_short and begins_a_word and stands_apart and not ends_a_sentence and line.columns == 1


def _goes_on(line: _Line, following: _Line) -> bool:
    """Returns whether two lines of a text follow each other without an empty one between."""
    if line.place is None or following.place is None:
        return False
    return following.place.first <= line.place.last + 1


def _runs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Yields what belongs together: rows with as many cells, and lines of a text that follow each other."""
    run: list[_Line] = []
    for line in lines:
        if run and not _belong_together(run[-1], line):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _belong_together(line: _Line, following: _Line) -> bool:
    if line.level or following.level or line.columns != following.columns:
        return False
    return line.columns > 1 or _goes_on(line, following)


def _block(lines: Sequence[_Line]) -> str:
    first = lines[0]
    if first.level:
        # the name of the document is the first heading of the page
        level = min(first.level + 1, _DEEPEST)
        return f"<h{level}>{escape(first.text)}</h{level}>"
    if first.columns > 1:
        rows = "".join(f"<tr>{_cells(line.text)}</tr>" for line in lines)
        return f'<div class="table"><table><tbody>{rows}</tbody></table></div>'
    return f"<p>{escape(_NEW_LINE.join(line.text for line in lines))}</p>"


def _cells(row: str) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in row.split(_CELLS))


def reader(document_id: str, page: int, words: ReaderWords) -> str:
    """Returns the element that the page's script fills with a document, from ``page`` on; an empty id shows none."""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    return (
        f'<footnote-reader data-document="{escape(document_id)}" data-page="{page}" data-words="{said}">'
        "</footnote-reader>"
    )
