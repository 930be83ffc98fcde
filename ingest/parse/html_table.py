"""The rows and cells of an HTML table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from ingest.parse.grid import Cell, filled_rows, stated_header
from ingest.parse.table_header import header_rows
from kb.text.tables import row_line
from kb.types import Block, BlockKind, ParagraphPlace, Span

CELLS = frozenset({"td", "th"})
_PARTS = frozenset({"thead", "tbody", "tfoot"})


def rows_of_table(table: etree._Element) -> Iterator[etree._Element]:
    """Yields the rows of a table as they are shown, without those of tables in it: its foot comes last."""
    foot: list[etree._Element] = []
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag == "tfoot":
            foot.append(child)
        elif child.tag in _PARTS:
            yield from child.iterchildren("tr")
    for part in foot:
        yield from part.iterchildren("tr")


def read_cell(cell: etree._Element, text: str) -> Cell:
    """Returns a cell that holds ``text``, with what it spans."""
    is_header = cell.tag == "th" or any(
        parent.tag == "thead" for parent in cell.iterancestors("thead", "table")
    )
    return Cell(text, _number(cell.get("colspan")), _number(cell.get("rowspan")), is_header)


def table_block(rows: Sequence[Sequence[Cell]], last: int) -> list[Block]:
    """Returns a table with a span a row, behind paragraph ``last``; an empty list when no row holds text."""
    spans: list[Span] = []
    lines: list[str] = []
    kept: list[list[str]] = []
    start = 0
    for texts in filled_rows(rows):
        if not any(texts):
            continue
        line = row_line(texts)
        spans.append(Span(start, start + len(line), ParagraphPlace.at(last + len(spans) + 1)))
        start += len(line) + 1
        lines.append(line)
        kept.append(texts)
    header = min(stated_header(rows), max(0, len(kept) - 1)) or header_rows(kept)
    return [Block(BlockKind.TABLE, "\n".join(lines), tuple(spans), header_rows=header)] if lines else []


def _number(stated: str | None) -> int:
    """Returns a stated span; 1 where it is none. 0 rows reach to the end."""
    text = (stated or "").strip()
    return min(int(text[:6]), 100_000) if text.isascii() and text.isdecimal() else 1
