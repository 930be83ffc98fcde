"""A fallback to pypdf, for pages whose fonts leave PDFium guessing which letters they show."""

from __future__ import annotations

import logging
import time
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pypdf

from ingest.parse.pdf.legibility import legibility
from ingest.parse.pdf.lines import Line, Page, Way
from ingest.parse.pdf.text import read_words
from kb.types import Rect

log = logging.getLogger(__name__)

_DOUBTFUL = 0.2
"""Share of guessed letters from which a page is looked at again."""
_SECONDS = 20.0
"""For all pages of a document together: pypdf is some twenty times slower than PDFium."""
_BETTER = 0.05


def with_second_opinion(path: Path, pages: Sequence[Page]) -> list[Page]:
    """Returns the pages, with pypdf's text where it makes more sense than PDFium's."""
    doubtful = [page.number for page in pages if page.doubtful >= _DOUBTFUL]
    texts = _read(path, doubtful) if doubtful else {}
    return [_better(page, texts.get(page.number, "")) for page in pages]


def _read(path: Path, numbers: Sequence[int]) -> dict[int, str]:
    """Returns pypdf's text of some pages, by number; fewer than asked for when it fails or time runs out."""
    texts: dict[int, str] = {}
    end = time.monotonic() + _SECONDS
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted:
            reader.decrypt("")
        for number in numbers:
            if time.monotonic() > end:
                break
            texts[number] = reader.pages[number - 1].extract_text()
    except Exception as error:  # noqa: BLE001  pypdf raises what its code trips over; PDFium's text remains
        log.warning("pypdf could not read the PDF", extra={"error": repr(error), "read": len(texts)})
    return texts


def _better(page: Page, text: str) -> Page:
    if len(text) < 0.5 * len(page.text) or nonsense(text) + _BETTER > nonsense(page.text):
        return page
    return replace(
        page, lines=tuple(_as_lines(page, text)), legibility=legibility(text, guessed=page.doubtful)
    )


def nonsense(text: str) -> float:
    """Returns the share of the characters that a wrong guess would produce: no letters, or strays of a third script."""
    chars = [char for char in text if not char.isspace()]
    if not chars:
        return 1.0
    scripts = Counter(_script(char) for char in chars if char.isalpha())
    strays = scripts.total() - sum(count for _, count in scripts.most_common(2))
    broken = sum(unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs") or char == "\ufffd" for char in chars)
    return (strays + broken) / len(chars)


def _script(char: str) -> str:
    name = unicodedata.name(char, "UNKNOWN").split(" ", 1)[0]
    return "CJK" if name in ("HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC", "FULLWIDTH") else name


def _as_lines(page: Page, text: str) -> list[Line]:
    """Returns lines for the layout. pypdf gives no positions: each gets the rectangle of all the text."""
    rects = [line.rect for line in page.lines]
    x0, y0 = min(rect.x0 for rect in rects), min(rect.y0 for rect in rects)
    x1, y1 = max(rect.x1 for rect in rects), max(rect.y1 for rect in rects)
    place = Rect(page.number, x0, y0, x1, y1)
    lines = [read_words(line) for line in text.splitlines()]
    return [
        Line(line, place, 0.0, 5.0 * len(line), 12.0 * i, 12.0 * i + 10, 10.0, False, False, False, Way.RIGHT)
        for i, line in enumerate(lines)
        if line
    ]
