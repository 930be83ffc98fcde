"""Finds the running headers, footers and page numbers of a PDF: lines that recur at the edge of its pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.parse.pdf.lines import Line, Page

_EDGE = 0.12
"""Of the height of a page, at its top and at its foot."""
_OUTERMOST = 3
"""Lines at each edge that are looked at."""
_FAR_EDGE = 0.3
"""Of the height of a page with wide margins: only what stands by itself there, always at the same height."""
_APART = 0.6
"""In units of the font size: the least gap between such a row and the text, more than between lines."""
_SAME_HEIGHT = 0.02
"""Of the height of a page."""
_LARGE = 1.1
"""In units of the page's usual font size: words there in larger print are a title, and slides may repeat theirs."""
_TIMES = 3
"""A line that comes back on this many pages is a running one."""
_COUNTED = 0.2
"""Share of the pages that must be numbered before a number among changing words is believed to count them."""
_LEAST_WORDS = 4
"""Letters of a running line in the far edge: a brace ends many pages of a program."""

_NUMBER = re.compile(
    r"^\W*(\d{1,5})\b|\b(\d{1,5})\W*$|(?<!\d)(\d{1,5})\s*(?:/|of|von|de|sur|из|/?\s*共)\s*\d{1,5}\W*$|第\s*(\d{1,5})"
)
"""A number that may count the pages: at the beginning or the end, or ``3 of 10``."""
_ENTRY = re.compile(r"^\W*\d+\.\d|(?:\.\s?){4}|\.\d+$")
"""The number of a section, or the leaders of a table of contents: such a line counts no pages."""
_ROMAN = re.compile(r"\W*([ivxl]{1,7})\W*")
_ONLY_NUMBER = re.compile(
    r"(?:page|seite|página|pagina|strana|of|von|de|sur|из|第|共|[页頁ページ]|p|s|[\W\d])*"
)


@dataclass(frozen=True, slots=True)
class Key:
    """What makes two lines at the edge of two pages the same one."""

    text: str
    top: bool
    shift: int | None = None
    """The number in the text, given as ``#``, minus the number of the page; None for other lines."""
    height: int | None = None
    """Where it stands, in steps of ``_SAME_HEIGHT``; None near the edge, where that says nothing."""


def take_margins(pages: Sequence[Page]) -> tuple[list[Page], list[Line]]:
    """Returns the pages without their running lines, and each distinct running line once.

    Page numbers are dropped. A page keeps its lines when nothing else is on it.
    """
    seen: defaultdict[Key, set[int]] = defaultdict(set)
    keys = [_edge_keys(page) for page in pages]
    for page, lines in zip(pages, keys, strict=True):
        for key in (key for found in lines.values() for key in found):
            seen[key].add(page.number)
    counted = max(_TIMES + 1, _COUNTED * len(pages))
    running = {
        key for key, numbers in seen.items() if len(numbers) >= (counted if "*" in key.text else _TIMES)
    }
    kept, margins = list[Page](), dict[str, Line]()
    for page, lines in zip(pages, keys, strict=True):
        taken = _taken(page, lines, running)
        if not taken or len(taken) == len(page.lines):
            kept.append(page)
            continue
        kept.append(replace(page, lines=tuple(line for line in page.lines if line not in taken)))
        for line, text in taken.items():
            if not _ONLY_NUMBER.fullmatch(text):
                margins.setdefault(text, line)
    return kept, list(margins.values())


def _taken(page: Page, lines: dict[Line, list[Key]], running: set[Key]) -> dict[Line, str]:
    """Returns the running lines of a page, each with its key's text.

    What is beside the number of the page, in the outermost row, is no text either, though it may be
    different on each page: the title of a section.
    """
    taken: dict[Line, str] = {}
    numbers: list[Line] = []
    for line, found in lines.items():
        key = next((key for key in reversed(found) if key in running), None)
        if key is not None:
            taken[line] = line.text.casefold() if "*" in key.text else key.text
            if key.shift is not None:
                numbers.append(line)
    for number in numbers:
        for line in page.lines:
            if line not in taken and _level(line, number):
                taken[line] = line.text.casefold()
    return taken


def _edge_keys(page: Page) -> dict[Line, list[Key]]:
    """Returns the lines at the top and the foot of a page, each with its keys."""
    ordered = sorted(page.lines, key=lambda line: line.rect.y0)
    near = [line for line in ordered[:_OUTERMOST] if line.rect.y1 < _EDGE * page.height]
    near += [line for line in ordered[-_OUTERMOST:] if line.rect.y0 > (1 - _EDGE) * page.height]
    keys = {line: list(_keys(line, page)) for line in near}
    usual = median(line.size for line in ordered) if ordered else 0.0
    for line in _far_rows(page, ordered) if ordered else ():
        height = round(line.rect.y0 / (_SAME_HEIGHT * page.height))
        found = [replace(key, height=height) for key in _keys(line, page)]
        if sum(map(str.isalpha, line.text)) < _LEAST_WORDS or line.size > _LARGE * usual:
            found = [key for key in found if key.shift is not None]
        keys.setdefault(line, []).extend(found)
    return keys


def _far_rows(page: Page, ordered: Sequence[Line]) -> Iterator[Line]:
    """Yields the outermost row at the top and at the foot, if it is apart from the text and far from the edge."""
    for place in (0, -1):
        row = [line for line in ordered if line is ordered[place] or _level(line, ordered[place])]
        top, foot = min(line.rect.y0 for line in row), max(line.rect.y1 for line in row)
        others = [line.rect for line in ordered if line not in row]
        gap = min((max(rect.y0 - foot, top - rect.y1) for rect in others), default=0.0)
        far = foot < _FAR_EDGE * page.height or top > (1 - _FAR_EDGE) * page.height
        if far and gap > _APART * row[0].size:
            yield from row


def _level(a: Line, b: Line) -> bool:
    shared = min(a.rect.y1, b.rect.y1) - max(a.rect.y0, b.rect.y0)
    return shared > 0.5 * min(a.rect.y1 - a.rect.y0, b.rect.y1 - b.rect.y0)


def _keys(line: Line, page: Page) -> Iterator[Key]:
    """Yields the keys of a line: its words, and its words without a number that counts the pages."""
    top = line.rect.y0 < page.height / 2
    text = line.text.casefold()
    if not text.isdecimal():
        yield Key(text, top)
    if found := _ROMAN.fullmatch(text):
        yield Key("#", top, _roman(found[1]) - page.number)
    for found in _NUMBER.finditer(text):
        group = found.lastindex or 0
        before, after = text[: found.start(group)], text[found.end(group) :]
        shift = int(found[group]) - page.number
        if not _ENTRY.search(text):
            if before.strip() and not after.strip():
                yield Key("*#", top, shift)
            elif after.strip() and not before.strip():
                yield Key("#*", top, shift)
        yield Key(f"{before}#{after}", top, shift)


def _roman(text: str) -> int:
    """Returns the value of a Roman numeral in small letters."""
    values = [{"i": 1, "v": 5, "x": 10, "l": 50}[letter] for letter in text]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )
