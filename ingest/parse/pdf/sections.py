"""Which headings do not hold beyond the end of a page: what is set anew on the next one is not theirs.

Running text fills its pages. A page that is left while a good part of it is empty was left on purpose, and what then
begins with a table, or with a heading of its own, is another part of the document: the statements behind a cover page
or a press release, which are no part of "Contacts".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from ingest.parse.pdf.blocks import Group, is_ended
from ingest.parse.pdf.lines import Way
from kb.types import Block, BlockKind

_EMPTY = 0.25
"""The share of the height of full pages that is empty below the last line of a page that was left on purpose."""
_FOOT = 0.85
"""The share of a page's height to which text goes at least, in a document that has no full page."""
_LEADS = 3
"""Short groups that may stand above the table with which a page begins: its title, its unit."""
_SHORT = 120
_NUMBER = re.compile(r"[§\s]*(\d{1,3}(?:\.\d{1,3}){0,5})")


def ended_sections(groups: Sequence[Group], outlined: Collection[int], *, height: float) -> dict[int, int]:
    """Returns the places of groups before which sections end, each with the level from which they do.

    ``outlined`` holds the places of headings whose level the file's outline states: these are left as they are. Groups
    come in reading order, headings marked; ``height`` is that of most pages.
    """
    edges = _edges(groups, height)
    if edges is None:
        return {}
    top, foot = edges
    ended: dict[int, int] = {}
    path: list[int] = []
    for place, (before, group) in enumerate(pairwise(groups), start=1):
        if before.kind is BlockKind.HEADING:
            path = [*(above for above in path if groups[above].level < before.level), place - 1]
        turned = group.rows[0].main.rect.page > before.page
        if not turned or not path or not is_ended_early(before, top, foot):
            continue
        level = _first_to_end(groups, place, path, outlined)
        if level:
            ended[place] = level
            path = [above for above in path if groups[above].level < level]
    return ended


def end_of_sections(level: int) -> Block:
    """Returns the block that ends the sections of ``level`` and those within: a heading without words."""
    return Block(BlockKind.HEADING, "", (), level)


def is_ended_early(group: Group, top: float, foot: float) -> bool:
    """Returns whether a page was left behind ``group`` with much of it empty, and not within a sentence."""
    last = group.rows[-1].main
    is_within = group.kind is BlockKind.PARAGRAPH and len(group.text) > _SHORT and not is_ended(group)
    return not is_within and foot - last.v1 > _EMPTY * (foot - top)


def _edges(groups: Sequence[Group], height: float) -> tuple[float, float] | None:
    """Returns where the text of full pages begins and ends; None for turned pages, and where there is only one."""
    rows = [row for group in groups for row in group.rows]
    if not rows or any(row.main.way in (Way.DOWN, Way.UP, Way.OVER) for row in rows[:1]):
        return None
    if rows[-1].main.rect.page == rows[0].main.rect.page:
        return None
    return min(row.main.v0 for row in rows), max(_FOOT * height, *(row.main.v1 for row in rows))


def _first_to_end(groups: Sequence[Group], place: int, path: Sequence[int], outlined: Collection[int]) -> int:
    """Returns the level from which headings of ``path`` do not hold for what begins at ``place``; 0: they all do."""
    group = groups[place]
    if group.kind is BlockKind.HEADING:
        if place in outlined:
            return 0
        # the first heading is the title of all, and one whose number begins that of the new one is above it
        others = [
            above
            for above in path[1:]
            if above not in outlined and not _is_above(groups[above].text, group.text)
        ]
        return min((groups[above].level for above in others), default=0)
    ahead = groups[place : place + _LEADS + 1]
    leads = next((count for count, each in enumerate(ahead) if each.kind is BlockKind.TABLE), None)
    if leads is None or any(len(each.text) > _SHORT for each in ahead[:leads]):
        return 0
    others = [above for above in path if above not in outlined]
    return min((groups[above].level for above in others), default=0)


def _is_above(heading: str, other: str) -> bool:
    """Returns whether the number of ``heading`` begins that of ``other``: 3 and 3.1."""
    first, second = _NUMBER.match(heading), _NUMBER.match(other)
    return first is not None and second is not None and second[1].startswith(f"{first[1]}.")
