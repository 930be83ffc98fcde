"""What a parser yields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kb.types.spans import Span


class BlockKind(StrEnum):
    """What a block of a document is, as far as its file tells."""

    HEADING = "heading"
    """One without words ends the sections of its level and those within."""
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    """One row a line, cells separated by `` | ``, empty ones included: ``kb.text.tables`` writes and reads them."""
    CODE = "code"
    FOOTNOTE = "footnote"
    MARGIN = "margin"
    """Header or footer text that is worth finding once; never part of the running text."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, table ... in reading order.

    ``text`` is Unicode as a person would read it (hyphenation undone, ligatures resolved), with
    ``spans`` ascending and not overlapping; together they cover every character that has a place.
    """

    kind: BlockKind
    text: str
    spans: tuple[Span, ...] = ()
    level: int = 0
    """Depth of a heading or list item, 1 the outermost; 0 for everything else."""
    header_rows: int = 0
    """How many of the first lines of a table name its columns; 0 for everything else, and where nothing tells."""

    def __repr__(self) -> str:
        return f"Block({self.kind.value}, {self.text[:40]!r}, {len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """The result of parsing one file."""

    blocks: tuple[Block, ...]
    pages: int | None = None
    """Number of pages; None for formats without pages."""
    title: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    """Sentences for the person: what was left out or repaired, and where."""

    @property
    def text(self) -> str:
        """All blocks, one a line."""
        return "\n".join(block.text for block in self.blocks)

    def __repr__(self) -> str:
        return f"ParsedDocument({len(self.blocks)} blocks, {self.pages} pages)"
