"""Words whose letters are set apart, as headings are: ``C O N T E N T S``, ``A N N U A L   R E P O R T``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from ingest.parse.pdf.letters import Box

_APART = re.compile(
    "[\u0590-\u08ff\u0e00-\u0eff\u1100-\u11ff\u3041-\u9fff\uac00-\ud7af\uf900-\ufdff\ufe70-\ufeff]"
)
"""Letters of writing that is not spaced like Latin, or is joined elsewhere."""
_OTHER = re.compile(r"\d{1,4}|[&:.,!?/–—-]")
"""What may stand beside such words on their line."""
_FEWEST, _FEWEST_KINDS = 4, 3
"""Letters of a line, and different ones among them: ``N N Y N`` is a column of answers."""
_RISING = 0.8
"""Share of the letters of a list that come after the one before in the alphabet."""
_WIDEST = 0.7
"""In units of the height of the line: letters further apart are cells, such as the days of a calendar."""
_NEXT_WORD = 1.6
"""How much wider the gap between words is than the one between letters."""


def words_of_letters(texts: Sequence[str], boxes: Sequence[Box]) -> list[range]:
    """Returns which of the pieces of a line make up its words; [] where they are words as they are.

    Only a line of nothing but single letters is one of spread words, and not one in the order of the alphabet.
    """
    letters = [text for text in texts if _is_letter(text)]
    if len(letters) < _FEWEST or len({letter.lower() for letter in letters}) < _FEWEST_KINDS:
        return []
    if not all(_is_letter(text) or _OTHER.fullmatch(text) for text in texts):
        return []
    if _is_alphabet(letters):
        return []
    gaps = [after[0] - before[2] for before, after in pairwise(boxes)]
    between = [
        gap
        for gap, (before, after) in zip(gaps, pairwise(texts), strict=True)
        if _is_letter(before) and _is_letter(after)
    ]
    usual = median(between) if between else 0.0
    height = boxes[0][3] - boxes[0][1]
    if not 0 < usual < _WIDEST * height:
        return []
    starts = [0] + [place for place, gap in enumerate(gaps, start=1) if gap > _NEXT_WORD * usual]
    ranges: list[range] = []
    for start, end in pairwise([*starts, len(texts)]):
        for letter, places in groupby(range(start, end), key=lambda place: _is_letter(texts[place])):
            part = list(places)
            ranges += (
                [range(part[0], part[-1] + 1)] if letter else [range(place, place + 1) for place in part]
            )
    longest = max(ranges, key=len)
    return ranges if len(longest) > 2 else []


def _is_alphabet(letters: Sequence[str]) -> bool:
    """Returns whether letters are listed: nearly each comes after the one before it, accents aside."""
    plain = [unicodedata.normalize("NFD", letter)[0].lower() for letter in letters]
    rising = sum(before <= after for before, after in pairwise(plain))
    return rising >= _RISING * (len(plain) - 1)


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.isalpha() and not _APART.match(text)
