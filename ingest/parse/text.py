"""Plain text -> paragraphs with line numbers.

Text files have no marks for paragraphs, only habits: a blank line between them, or one long line
each, or lines broken at some width. Lines broken at a width are joined again, so that sentences are
whole; verses, addresses, tables and code keep their lines.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

from ingest.parse.encoding import read_text
from ingest.parse.normalise import normalise_text
from kb.types import Block, BlockKind, LinePlace, ParsedDocument, Span

MAX_BLOCK = 4000
"""Characters of one block; longer runs of lines, or longer lines, are cut."""

_PROSE_SUFFIXES = frozenset({"", ".txt", ".text", ".rst", ".adoc", ".org", ".tex"})
_CODE_SUFFIXES = frozenset(
    {".py", ".js", ".ts", ".java", ".c", ".h", ".cpp", ".go", ".rs", ".sh", ".sql", ".json", ".xml"}
)

_FULL_LINE = (50, 130)
"""Widths within which a line may have been broken to fit; wider ones are paragraphs by themselves."""
_WIDE = re.compile("[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]")
_COLUMNS = re.compile(r"\S(?: {3,}|\t)\S")
_SENTENCE_END = re.compile(r"[.!?。！？:：…]['\")\]”’」』）]*$")
_SPEAKER = re.compile(r"\w+(?: \w+)?[:：] ?\S")
"""Who speaks in a line of a dialogue, or the key of a value."""
_DIGITS = re.compile(r"\d+")
_LIST_MARK = re.compile(r"(?:[-*+•·–]|\(?\d{1,3}[.)、]|[（(]?[一二三四五六七八九十]{1,3}[)）、])\s*\S")

_HEADING = re.compile(
    r"(?:(?P<part>PART|Part|BOOK|Book)|(?P<chapter>CHAPTER|Chapter|APPENDIX|Appendix)|(?P<section>SECTION|Section))"
    r" +(?:\d{1,3}|[IVXLC]{1,7}|[A-Z]|[A-Z][a-z]+(?:-[a-z]+)?)(?:[.:]? .{1,60}|[.:])?$"
)
_HEADING_HAN = re.compile(
    r"第[零〇一二三四五六七八九十百千两\d]{1,6}(?:(?P<part>[部卷编篇])|(?P<chapter>[章回])|(?P<section>节))"
    r"(?:[\s:：、].{1,40}|.{0,20})$"
)
_LONGEST_TITLE = 70
_LEVELS = {"part": 1, "chapter": 2, "section": 3}

_PIECE = re.compile(
    rf".{{{MAX_BLOCK // 2},{MAX_BLOCK}}}(?<=[.!?。！？；;])\s*|.{{1,{MAX_BLOCK}}}(?:\s+|$)|.{{1,{MAX_BLOCK}}}"
)


class Line(NamedTuple):
    """A line with its 1-based number in the file."""

    number: int
    text: str


def parse_text(path: Path, name: str) -> ParsedDocument:
    """Returns the paragraphs of a text file, each with the lines it stands on.

    Raises:
        BadInput: the file is binary, too large, or holds nothing but white space.
    """
    decoded = read_text(path, name)
    suffix = Path(name).suffix.lower()
    blocks: list[Block] = []
    title = None
    for group in _groups(numbered_lines(decoded.text)):
        if suffix in _CODE_SUFFIXES:
            blocks.extend(lines_block(piece, BlockKind.CODE) for piece in _portions(group))
        elif suffix not in _PROSE_SUFFIXES:
            blocks.extend(lines_block(piece) for piece in _portions(group))
        elif not blocks and _is_title(group):
            blocks.append(
                lines_block([Line(group[0].number, group[0].text.strip())], BlockKind.HEADING, level=1)
            )
            title = blocks[0].text
        else:
            blocks.extend(_prose(group))
    if len(blocks) == 1 and title is not None:  # one line is a text, not the title of nothing
        blocks, title = [replace(blocks[0], kind=BlockKind.PARAGRAPH, level=0)], None
    return ParsedDocument(
        tuple(blocks), title=title, metadata={"encoding": decoded.encoding}, warnings=decoded.warnings
    )


def numbered_lines(text: str) -> Iterator[Line]:
    """Yields normalised lines, numbered as in an editor: only CR, LF and CR LF end a line."""
    text = re.sub("\r\n?", "\n", text)
    text = re.sub("[\v\f\x85\u2028\u2029]", " ", text)
    for number, line in enumerate(io.StringIO(normalise_text(text), newline="\n"), 1):
        yield Line(number, line.rstrip())


def lines_block(lines: Sequence[Line], kind: BlockKind = BlockKind.PARAGRAPH, *, level: int = 0) -> Block:
    """Returns one block that keeps its lines, with a span a line."""
    return join_lines(lines, ["\n"] * (len(lines) - 1), kind, level=level)


def join_lines(
    lines: Sequence[Line], joints: Sequence[str], kind: BlockKind = BlockKind.PARAGRAPH, *, level: int = 0
) -> Block:
    """Returns one block with a span a line; ``joints`` are the texts between them, one fewer than lines."""
    spans: list[Span] = []
    parts: list[str] = []
    start = 0
    for line, joint in zip(lines, [*joints, ""], strict=True):
        spans.append(Span(start, start + len(line.text), LinePlace.at(line.number)))
        parts += line.text, joint
        start += len(line.text) + len(joint)
    return Block(kind, "".join(parts), tuple(spans), level)


def joint(left: str, right: str) -> str:
    """Returns the text that joins two wrapped lines: nothing within East Asian text, else a space."""
    return "" if _WIDE.match(left[-1:]) and _WIDE.match(right[:1]) else " "


def _groups(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yields the lines between blank lines."""
    group: list[Line] = []
    for line in lines:
        if line.text.strip():
            group.append(line)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _is_title(group: list[Line]) -> bool:
    """Returns whether the first lines of a file are its title: one short line that is no sentence."""
    text = group[0].text.strip()
    if len(group) > 1 or _width(text) > _LONGEST_TITLE or not text[-1].isalnum():
        return False
    return not _heading_level(text, alone=True)


def _prose(group: list[Line]) -> Iterator[Block]:
    """Yields the blocks of one group: headings apart, then whatever its lines are."""
    rest: list[Line] = []
    for line in (Line(line.number, line.text.strip()) for line in group):
        level = _heading_level(line.text, alone=len(group) == 1)
        if level:
            yield from _paragraphs(rest)
            rest = []
            yield lines_block([line], BlockKind.HEADING, level=level)
        else:
            rest.append(line)
    yield from _paragraphs(rest)


def _heading_level(text: str, *, alone: bool) -> int:
    """Returns 1 to 3 for a line that can be nothing but a heading, else 0.

    "Chapter 2 showed that" may begin a line of prose, so the English form must be alone on its line;
    the Chinese form never begins a wrapped line by chance.
    """
    if len(text) > 80 or text.endswith(("。", "，", "；", "！", "？", ",", ";")):
        return 0
    found = _HEADING_HAN.match(text) or (alone and _HEADING.match(text)) or None
    return _LEVELS[found.lastgroup or ""] if found else 0


def _paragraphs(lines: list[Line]) -> Iterator[Block]:
    """Yields one paragraph, or one a line, or a block of lines; no line of ``lines`` is blank."""
    if not lines:
        return
    widths = [_width(line.text) for line in lines]
    if max(widths) > _FULL_LINE[1]:
        for line in lines:
            yield from _long_line(line)
    elif _is_broken_to_fit(lines, widths):
        for portion in _portions(lines):
            joints = [joint(left.text, right.text) for left, right in pairwise(portion)]
            yield join_lines(portion, joints)
    else:
        for portion in _portions(lines):
            yield lines_block(portion)


def _width(text: str) -> int:
    """Returns the columns that ``text`` takes: East Asian characters take two."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def _is_broken_to_fit(lines: list[Line], widths: list[int]) -> bool:
    """Returns whether the lines are one paragraph that was wrapped at some width."""
    full = max(widths)
    before_last = lines[:-1]
    return (
        len(lines) > 1
        and not _are_entries(lines)
        and full >= _FULL_LINE[0]
        and min(widths[:-1]) >= 0.6 * full
        and sum(bool(_SENTENCE_END.search(line.text)) for line in before_last) <= len(before_last) / 2
        and not any(_COLUMNS.search(line.text) or _LIST_MARK.match(line.text) for line in lines[1:])
    )


def _are_entries(lines: Sequence[Line]) -> bool:
    """Returns whether most lines begin like the first, with a time, a number or who speaks: a log, a chat, minutes."""
    first, *others = (_opening(line.text) for line in lines)
    alike = others.count(first) + 1
    return first != "" and 1 < alike >= len(lines) / 2


def _opening(line: str) -> str:
    """Returns the shape of what ``line`` opens with, digits alike; empty where that is a word of its sentence."""
    first, *_ = line.split(maxsplit=1)
    if _SPEAKER.match(line):
        return ":"
    return _DIGITS.sub("0", first) if _DIGITS.search(first) else ""


def _portions(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yields ``lines`` in runs of at most ``MAX_BLOCK`` characters; longer lines are split."""
    portion: list[Line] = []
    size = 0
    for piece in chain.from_iterable(map(_pieces, lines)):
        if portion and size + len(piece.text) > MAX_BLOCK:
            yield portion
            portion, size = [], 0
        portion.append(piece)
        size += len(piece.text) + 1
    if portion:
        yield portion


def _pieces(line: Line) -> Iterator[Line]:
    """Yields the line itself, or its parts of at most ``MAX_BLOCK`` characters, split after a sentence or a word."""
    if len(line.text) <= MAX_BLOCK:
        yield line
    else:
        for found in _PIECE.finditer(line.text):
            yield Line(line.number, found[0].rstrip())


def _long_line(line: Line) -> Iterator[Block]:
    for piece in _pieces(line):
        if piece.text:
            yield lines_block([piece])
