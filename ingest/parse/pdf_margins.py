"""Finds the running headers, footers and page numbers of a PDF: what comes back at the edge of its pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.parse.pdf_lines import Line, Page

_EDGE = 0.12
"""Of the height of a page, at its top and at its foot."""
_OUTERMOST = 3
"""Lines at each edge that are looked at."""
_TIMES = 3
"""A line that comes back on this many pages is a running one."""

_NUMBER = re.compile(
    r"^\W*(\d{1,5})\b|\b(\d{1,5})\W*$|(\d{1,5})\s*(?:/|of|von|de|sur|из|/?\s*共)\s*\d{1,5}\W*$|第\s*(\d{1,5})"
)
"""A number that may count the pages: at the beginning or the end, or ``3 of 10``."""
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


def take_margins(pages: Sequence[Page]) -> tuple[list[Page], list[Line]]:
    """The pages without their running lines, and each distinct running line once.

    Page numbers are dropped. A page keeps its lines when nothing else stands on it.
    """
    seen: defaultdict[Key, set[int]] = defaultdict(set)
    keys = [{line: list(_keys(line, page)) for line in _edge_lines(page)} for page in pages]
    for page, lines in zip(pages, keys, strict=True):
        for key in (key for found in lines.values() for key in found):
            seen[key].add(page.number)
    running = {key for key, numbers in seen.items() if len(numbers) >= _TIMES}
    kept, margins = list[Page](), dict[str, Line]()
    for page, lines in zip(pages, keys, strict=True):
        taken = {line: found for line, found in lines.items() if not running.isdisjoint(found)}
        if not taken or len(taken) == len(page.lines):
            kept.append(page)
            continue
        kept.append(replace(page, lines=tuple(line for line in page.lines if line not in taken)))
        for line, found in taken.items():
            key = next(key for key in reversed(found) if key in running)
            if not _ONLY_NUMBER.fullmatch(key.text):
                margins.setdefault(key.text, line)
    return kept, list(margins.values())


def _edge_lines(page: Page) -> list[Line]:
    """The outermost lines at the top and the foot of a page."""
    lines = sorted(page.lines, key=lambda line: line.rect.y0)
    top = [line for line in lines[:_OUTERMOST] if line.rect.y1 < _EDGE * page.height]
    foot = [line for line in lines[-_OUTERMOST:] if line.rect.y0 > (1 - _EDGE) * page.height]
    return list(dict.fromkeys(top + foot))


def _keys(line: Line, page: Page) -> list[Key]:
    """What the line may be known by: its words, and its words without a number that counts the pages."""
    top = line.rect.y0 < page.height / 2
    text = line.text.casefold()
    keys = [Key(text, top)] if not text.isdecimal() else []
    for found in _NUMBER.finditer(text):
        group = found.lastindex or 0
        rest = text[: found.start(group)] + "#" + text[found.end(group) :]
        keys.append(Key(rest, top, int(found[group]) - page.number))
    return keys
