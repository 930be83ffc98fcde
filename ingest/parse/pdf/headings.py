"""What only the whole PDF shows: which lines are headings, and which paragraphs run over a page or column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from ingest.parse.pdf.blocks import Group, is_ended, is_short
from ingest.parse.pdf.text import ENTRY
from kb.types import BlockKind

Outline = Mapping[str, int]
"""Depth of each entry of a PDF's outline, from 1, by its words as ``outline_key`` writes them."""

_MAX_HEADING = 200
"""Characters; a longer line is a paragraph in large print."""
_LARGER = 1.12
"""Headings are this much larger than running text, or bold."""
_LEAST_PROSE = 0.2
"""Share of the text that is not set like code, from which on it alone shows the size of running text."""
_LOOK_AHEAD = 8
"""Groups between the two halves of a paragraph: footnotes, a figure's words, a caption."""

_FULL = 12
"""In units of the font size: a line this long can be the last of a column."""

_WITH_PAGE = re.compile(r"(.*\S)\s+(?:\d{1,4}|[ivxlc]{1,7})")
"""A heading as a table of contents gives it, without leaders."""
_OPENING = "\"'“‘«¿¡(（《〈「『【§"
_KEY_DROPPED = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+\S|第[一二三四五六七八九十百\d]+[章节節]")
_CAPTION = re.compile(r"(?:fig(?:ure|\.)|table|abb\.|tab\.|图|圖|表|図)\s*\d", re.IGNORECASE)
_UNFINISHED = re.compile(r"[.!?;。！？；,，、]$")


def outline_key(text: str) -> str:
    """Returns the letters and digits of ``text``, for comparing an outline's entry with the line on the page."""
    return _KEY_DROPPED.sub("", text).casefold()


def mark_headings(groups: Sequence[Group], outline: Outline) -> None:
    """Turns paragraphs into headings, each with its level: from the outline, else by its print."""
    body_size, body_bold = _body(groups)
    ways = Counter(group.rows[0].main.way for group in groups).most_common(1)
    headings: list[Group] = []
    later = set(outline)
    for group in reversed(groups):
        if (
            group.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
            or group.rows[0].main.way is not ways[0][0]
        ):
            continue
        level = outline.get(outline_key(group.text), 0) if len(group.text) <= _MAX_HEADING else 0
        if level or _looks_like_heading(group, body_size, body_bold=body_bold):
            entry = _WITH_PAGE.fullmatch(group.text)
            if not level and entry is not None and outline_key(entry[1]) in later:
                continue
            later.add(outline_key(group.text))
            group.kind, group.level = BlockKind.HEADING, level
            headings.append(group)
    _rank(headings)


def _body(groups: Sequence[Group]) -> tuple[float, bool]:
    """Returns the font size of most of the text, and whether most of it is bold; code, set smaller, is not counted."""
    sizes, code, bold = Counter[float](), Counter[float](), 0
    for group in groups:
        for row in group.rows:
            (code if row.main.mono else sizes)[round(row.size * 2) / 2] += len(row.text)
            bold += len(row.text) if row.main.bold else 0
    total = sizes.total() + code.total()
    if sizes.total() < _LEAST_PROSE * total:
        sizes += code
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    return size, bold > 0.5 * total


def _looks_like_heading(group: Group, body_size: float, *, body_bold: bool) -> bool:
    text = group.text
    if len(text) > _MAX_HEADING or len(group.rows) > 3 or sum(map(str.isalpha, text)) < 2:
        return False
    if (
        not (text[0].isalnum() or text[0] in _OPENING)
        or _CAPTION.match(text)
        or ENTRY.search(text)
        or (_UNFINISHED.search(text) and not _NUMBERED.match(text))
    ):
        return False
    if group.kind is BlockKind.LIST_ITEM and not _NUMBERED.match(text):
        return False
    if group.size >= _LARGER * body_size:
        return True
    stands_out = group.bold and not body_bold and group.size >= 0.95 * body_size
    return stands_out and not text[:1].islower() and len(text) <= 120


def _rank(headings: Sequence[Group]) -> None:
    """Sets the level of those that are not in the outline: larger print is above smaller."""
    looks = sorted({_look(heading) for heading in headings}, reverse=True)
    for heading in headings:
        if not heading.level:
            heading.level = min(looks.index(_look(heading)) + 1, 6)


def _look(heading: Group) -> tuple[float, bool]:
    return round(heading.size), heading.bold


def join_broken(groups: Sequence[Group]) -> list[Group]:
    """Returns the groups, with the halves of paragraphs joined that run over the end of a column or a page."""
    joined: list[Group] = []
    taken: set[int] = set()
    for place, group in enumerate(groups):
        if place in taken:
            continue
        joined.append(group)
        end = place
        while (end := _other_half(groups, group, end, taken)) >= 0:
            group.rows += groups[end].rows
            group.right = groups[end].right
            taken.add(end)
    return joined


def _other_half(groups: Sequence[Group], group: Group, end: int, taken: set[int]) -> int:
    """Returns the index of the group with which the paragraph of ``group`` goes on; -1 when it does not."""
    if group.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) or is_ended(group):
        return -1
    for place in range(end + 1, min(end + 1 + _LOOK_AHEAD, len(groups))):
        other = groups[place]
        if other.kind is BlockKind.HEADING and other.page == group.page == groups[end].page:
            continue
        if place not in taken and _goes_on(group, other, direct=place == end + 1):
            return place
        if other.page > group.page and other.kind is BlockKind.PARAGRAPH and _is_body(group, other):
            return -1
    return -1


def _is_body(group: Group, other: Group) -> bool:
    """Returns whether the end of one and the start of the other are set alike."""
    last, first = group.rows[-1], other.rows[0]
    return abs(last.size - first.size) < 0.04 * last.size and last.main.bold == first.main.bold


def _goes_on(group: Group, other: Group, *, direct: bool) -> bool:
    """Returns whether ``other`` can be the rest of ``group``: alike in print, elsewhere on paper, its words fit on."""
    last, first = group.rows[-1], other.rows[0]
    if other.kind is not BlockKind.PARAGRAPH or not _is_body(group, other):
        return False
    if last.main.way is not first.main.way or other.rows[0].main.rect.page > group.page + 1:
        return False
    turned = first.main.rect.page > group.page
    climbed = first.main.v1 < last.main.v1 - 2 * last.size and first.u0 >= last.u1 - last.size
    if not (turned or climbed) or is_short(group, first):
        return False
    if last.pieces[-1].broken:
        return True
    full = _FULL if len(group.rows) > 1 else 2 * _FULL
    return last.u1 - last.u0 > full * last.size and (direct or first.text[:1].islower())
