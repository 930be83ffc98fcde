"""Markdown -> blocks with line numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from ingest.parse.encoding import read_text
from ingest.parse.html import blocks_of_fragment
from ingest.parse.markdown_inline import InlineText
from ingest.parse.normalise import normalise_text, squeeze
from ingest.parse.table_header import header_rows, over_their_columns
from ingest.parse.text import Line, join_lines, joint
from kb.text.tables import row_line
from kb.types import Block, BlockKind, LinePlace, ParsedDocument

_TITLE = re.compile(r"^title:[^\S\n]*+([^\n]*\S)", re.MULTILINE)
_WIDEST_WRAP = 130
"""Nobody breaks lines at a greater width, so a longer line is a paragraph, whatever CommonMark says."""
_MAX_NESTING = 100
"""Of lists and quotes; markdown-it drops what lies deeper (20 by its own choice)."""


def parse_markdown(path: Path, name: str) -> ParsedDocument:
    """Returns the headings, paragraphs, lists, tables and code of a Markdown file, each with its lines.

    Raises:
        BadInput: the file is binary, too large, or holds nothing but white space.
    """
    decoded = read_text(path, name)
    reader = read_markdown(re.sub("\r\n?", "\n", decoded.text))
    return ParsedDocument(
        tuple(reader.blocks),
        title=reader.title or first_heading(reader.blocks),
        metadata={"encoding": decoded.encoding},
        warnings=(*decoded.warnings, *reader.text.left_out.warnings()),
    )


def read_markdown(text: str) -> MarkdownReader:
    """Returns what was read of ``text``, whose lines end in line feeds."""
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable(["table", "strikethrough"])
    parser.use(front_matter_plugin).use(
        dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True
    ).use(footnote_plugin)
    reader = MarkdownReader()
    reader.read(parser.parse(text))
    return reader


def first_heading(blocks: Sequence[Block]) -> str | None:
    """Returns the heading that a file begins with, which is its title by custom."""
    first = next(iter(blocks), None)
    return first.text if first is not None and first.kind is BlockKind.HEADING and first.level == 1 else None


@dataclass(slots=True)
class MarkdownReader:
    """Follows the token stream; containers open and close around inline content."""

    blocks: list[Block] = field(default_factory=list)
    title: str | None = None
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0
    lists: list[bool] = field(default_factory=list)
    """The open lists, outermost first: whether each is numbered."""
    mark: str = ""
    """The number of the list item that begins, such as ``3. ``."""
    rows: list[tuple[int, list[str]]] | None = None
    """The table that is open: the line of each row and its cells."""
    begins_item: bool = False
    """Whether what comes is the beginning of a list item."""
    in_footnote: bool = False
    text: InlineText = field(default_factory=InlineText)

    def read(self, tokens: Sequence[Token]) -> None:
        """Adds the blocks of all tokens."""
        for token in tokens:
            handler = _HANDLERS.get(token.type)
            if handler is not None:
                handler(self, token)

    def open_heading(self, token: Token) -> None:
        self.kind, self.level = BlockKind.HEADING, int(token.tag[1:])

    def close_heading(self, _: Token) -> None:
        self.kind, self.level = BlockKind.PARAGRAPH, 0

    def open_list(self, token: Token) -> None:
        self.lists.append(token.type == "ordered_list_open")

    def close_list(self, _: Token) -> None:
        self.lists.pop()

    def open_item(self, token: Token) -> None:
        self.mark = f"{token.info}{token.markup} " if self.lists[-1] else ""
        self.begins_item = True

    def close_item(self, _: Token) -> None:
        self.mark, self.begins_item = "", False

    def open_table(self, _: Token) -> None:
        self.rows = []

    def open_row(self, token: Token) -> None:
        if self.rows is not None:
            self.rows.append((_line(token), []))

    def close_table(self, _: Token) -> None:
        written = self.rows or []
        rows = [(number, cells) for number, cells in written if any(cells)]
        has_names = len(rows) > 1 and any(written[0][1])
        self.rows = None
        if rows:
            table = [cells for _, cells in rows]
            # it marks one row; a second one stands at the beginning of the body
            header = max(1, header_rows(table)) if has_names else 0
            table[:header] = over_their_columns(table[:header], written=True)
            lines = [Line(number, row_line(cells)) for (number, _), cells in zip(rows, table, strict=True)]
            block = join_lines(lines, ["\n"] * (len(lines) - 1), BlockKind.TABLE)
            self.blocks.append(replace(block, header_rows=header))

    def open_footnote(self, _: Token) -> None:
        self.in_footnote = True

    def close_footnote(self, _: Token) -> None:
        self.in_footnote = False

    def inline(self, token: Token) -> None:
        """Adds the content of a paragraph, heading, list item or cell."""
        in_item = self.begins_item and self.rows is None
        self.begins_item = False
        parts = self.text.lines(token.children or (), _line(token), in_item=in_item)
        if self.rows:
            self.rows[-1][1].append(squeeze(" ".join(line.text for line, _ in parts)))
            return
        if parts and self.mark:
            first, broken = parts[0]
            parts[0] = Line(first.number, self.mark + first.text), broken
            self.mark = ""
        for paragraph in _paragraphs(parts):
            lines = [line for line, _ in paragraph]
            joints = [
                "\n" if broken and self.kind is not BlockKind.HEADING else joint(left.text, right.text)
                for (left, broken), (right, _) in pairwise(paragraph)
            ]
            kind, level = self.role()
            self.blocks.append(join_lines(lines, joints, kind, level=level))

    def role(self) -> tuple[BlockKind, int]:
        """Returns the kind and level of inline content, by the containers that are open around it."""
        if self.in_footnote:
            return BlockKind.FOOTNOTE, 0
        if self.kind is BlockKind.PARAGRAPH and self.lists:
            return BlockKind.LIST_ITEM, len(self.lists)
        return self.kind, self.level

    def code(self, token: Token) -> None:
        """Adds a fenced or indented block: its lines as they are, from the line after the fence."""
        first = _line(token) + (token.type == "fence")
        self.verbatim(token.content, first, BlockKind.CODE)

    def formula(self, token: Token) -> None:
        """Adds a displayed formula, between its dollars."""
        self.verbatim(f"$${token.content.strip()}$$", _line(token), BlockKind.PARAGRAPH)

    def front_matter(self, token: Token) -> None:
        """Adds what the author noted about the file: text like any other, and maybe its title."""
        self.verbatim(token.content, _line(token) + 1, BlockKind.PARAGRAPH)
        if found := _TITLE.search(token.content):
            self.title = squeeze(normalise_text(found[1].strip("'\"")))

    def verbatim(self, content: str, first: int, kind: BlockKind) -> None:
        """Adds text whose lines stay as they are; ``first`` is the number of its first line."""
        numbered = (
            Line(number, normalise_text(text).rstrip())
            for number, text in enumerate(content.split("\n"), first)
        )
        lines = [line for line in numbered if line.text]
        if lines:
            self.blocks.append(join_lines(lines, ["\n"] * (len(lines) - 1), kind))

    def html(self, token: Token) -> None:
        """Adds HTML within the Markdown; it has no line numbers of its own, so each block gets the first."""
        for block in blocks_of_fragment(token.content):
            spans = tuple(replace(span, place=LinePlace.at(_line(token))) for span in block.spans)
            self.blocks.append(replace(block, spans=spans))


def _line(token: Token) -> int:
    """Returns the 1-based line on which the token begins."""
    return token.map[0] + 1 if token.map else 1


def _paragraphs(parts: list[tuple[Line, bool]]) -> Iterator[list[tuple[Line, bool]]]:
    """Yields the lines of inline content, split after each that is too long to have been wrapped."""
    start = 0
    for end, (line, _) in enumerate(parts, start=1):
        if end == len(parts) or len(line.text) > _WIDEST_WRAP:
            yield parts[start:end]
            start = end


_HANDLERS: dict[str, Callable[[MarkdownReader, Token], None]] = {
    "heading_open": MarkdownReader.open_heading,
    "heading_close": MarkdownReader.close_heading,
    "bullet_list_open": MarkdownReader.open_list,
    "ordered_list_open": MarkdownReader.open_list,
    "bullet_list_close": MarkdownReader.close_list,
    "ordered_list_close": MarkdownReader.close_list,
    "list_item_open": MarkdownReader.open_item,
    "list_item_close": MarkdownReader.close_item,
    "table_open": MarkdownReader.open_table,
    "tr_open": MarkdownReader.open_row,
    "table_close": MarkdownReader.close_table,
    "footnote_open": MarkdownReader.open_footnote,
    "footnote_close": MarkdownReader.close_footnote,
    "inline": MarkdownReader.inline,
    "fence": MarkdownReader.code,
    "code_block": MarkdownReader.code,
    "math_block": MarkdownReader.formula,
    "math_block_label": MarkdownReader.formula,
    "front_matter": MarkdownReader.front_matter,
    "html_block": MarkdownReader.html,
}
