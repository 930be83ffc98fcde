"""The passages of a document -> a page to read. Like ``render``, nothing but escaped text goes into the markup."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import TypeAlias

from kb.text.tables import row_cells
from kb.types import Anchor, Chunk, LinePlace
from kb.web.page.words.reader import ReaderWords

_NEW_LINE = "\n"
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a passage."""

    text: str
    is_heading: bool = False
    """Whether it is a heading, or a row that names columns."""
    level: int = 0
    """Of a heading, 1 for the highest; 0 for what is none."""
    place: LinePlace | None = None
    """Its lines in a file of text; None in other formats."""

    @property
    def columns(self) -> int:
        """How many cells it has; 1 where it is no row."""
        return 1 if self.level else len(row_cells(self.text))


def reading(chunks: Sequence[Chunk], *, after: Chunk | None = None) -> str:
    """Returns ``chunks``, which follow each other, as sections of a page.

    ``after`` is the passage behind the last one: the headings above it tell how deep headings are. None at the end of
    the document.
    """
    following = [*chunks[1:], after] if chunks else []
    read = [(chunk, _lines(chunk, below)) for chunk, below in zip(chunks, following, strict=True)]
    return "".join(_table(run) if _columns(run[0][1]) else _section(*run[0]) for run in _tables(read))


_Passage: TypeAlias = tuple[Chunk, list[_Line]]


def _tables(passages: Sequence[_Passage]) -> Iterator[list[_Passage]]:
    """Yields passages of rows alone that follow each other as one table, and every other passage by itself."""
    run: list[_Passage] = []
    for chunk, lines in passages:
        goes_on = bool(run) and 0 < _columns(lines) <= _columns(run[0][1])
        if run and (not goes_on or lines[0].is_heading):
            yield run
            run = []
        run.append((chunk, lines))
    if run:
        yield run


def _columns(lines: Sequence[_Line]) -> int:
    """Returns how many columns a passage of rows has; 0 where a line is no row, or has more cells than the first."""
    counts = [line.columns for line in lines]
    return counts[0] if counts and min(counts) > 1 and max(counts) == counts[0] else 0


def _table(passages: Sequence[_Passage]) -> str:
    columns = _columns(passages[0][1])
    bodies = "".join(_passage("tbody", chunk, _rows(lines, columns=columns)) for chunk, lines in passages)
    return f'<div class="table"><table>{bodies}</table></div>'


def _section(chunk: Chunk, lines: Sequence[_Line]) -> str:
    return _passage("section", chunk, "".join(_block(run) for run in _runs(lines)))


def _passage(tag: str, chunk: Chunk, body: str) -> str:
    return (
        f'<{tag} class="passage" data-chunk="{chunk.id}" data-position="{chunk.position}" dir="auto">'
        f"{body}</{tag}>"
    )


def _lines(chunk: Chunk, below: Chunk | None) -> list[_Line]:
    """Returns the lines that stand here in the document: names of columns are repeated for a later part of a table."""
    found: list[_Line] = []
    start = 0
    has_places = chunk.has_places
    for text in chunk.text.split("\n"):
        within = chunk.spans_within(start, start + len(text))
        start += len(text) + 1
        spans = [span for span in within if span.place is not None]
        if text.strip() and (spans or not has_places):
            place = Anchor.of(spans).place
            is_heading = any(span.is_heading for span in within)
            found.append(_Line(text, is_heading, place=place if isinstance(place, LinePlace) else None))
    return _with_levels(found, chunk.heading_path, below.heading_path if below else ())


def _with_levels(lines: Sequence[_Line], above: Sequence[str], below: Sequence[str]) -> list[_Line]:
    """Returns ``lines`` with the levels of their headings.

    The passage knows which lines are headings but not how deep: the headings above the next passage tell. Of the
    others, one that follows a heading at once is below it, and any other is beside the first.
    """
    leveled: list[_Line] = []
    first = 0
    for line in lines:
        if not line.is_heading or len(row_cells(line.text)) > 1:
            leveled.append(line)
            continue
        if line.text in below:
            level = list(below).index(line.text) + 1
        elif leveled and leveled[-1].level:
            level = leveled[-1].level + 1
        else:
            level = first or len(above) + 1
        first = first or level
        leveled.append(replace(line, level=min(level, _DEEPEST)))
    return leveled


def _goes_on(line: _Line, following: _Line) -> bool:
    """Returns whether two lines of a text follow each other without an empty one between."""
    if line.place is None or following.place is None:
        return False
    return following.place.first <= line.place.last + 1


def _runs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Yields what belongs together: rows with as many cells as the first or fewer, and lines of a text that go on."""
    run: list[_Line] = []
    for line in lines:
        if run and not _belong_together(run, line):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _belong_together(run: Sequence[_Line], line: _Line) -> bool:
    if run[0].level or line.level:
        return False
    if run[0].columns == 1 or line.columns == 1:
        return run[0].columns == line.columns and _goes_on(run[-1], line)
    return line.columns <= run[0].columns


def _block(lines: Sequence[_Line]) -> str:
    first = lines[0]
    if first.level:
        # the name of the document is the first heading of the page
        level = min(first.level + 1, _DEEPEST)
        return f"<h{level}>{escape(first.text)}</h{level}>"
    if first.columns > 1:
        rows = _rows(lines, columns=first.columns)
        return f'<div class="table"><table><tbody>{rows}</tbody></table></div>'
    return f"<p>{escape(_NEW_LINE.join(line.text for line in lines))}</p>"


def _rows(lines: Sequence[_Line], *, columns: int) -> str:
    """Returns the rows of a table; the last cells of a line are left out where they are empty."""
    return "".join(f"<tr>{_cells(line, columns=columns)}</tr>" for line in lines)


def _cells(row: _Line, *, columns: int) -> str:
    tag = "th" if row.is_heading else "td"
    cells = row_cells(row.text)
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in [*cells, *[""] * (columns - len(cells))])


def reader(document_id: str, page: int, words: ReaderWords) -> str:
    """Returns the element that the page's script fills with a document, from ``page`` on; an empty id shows none."""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    return (
        f'<footnote-reader data-document="{escape(document_id)}" data-page="{page}" data-words="{said}">'
        "</footnote-reader>"
    )
