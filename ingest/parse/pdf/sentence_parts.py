"""The sentences of a line, each with its place: so a cited one can be marked without the next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.parse.pdf.characters import Characters
from ingest.parse.pdf.letters import Box
from ingest.parse.pdf.text import read_words
from kb.types import PdfPlace, Rect, Span

_STOP = re.compile(r"[。！？!?…；;]+[”’」』）)\"'\]]*|\.[”’)\"'\]]*\d{0,2}$")
"""Where a sentence may end within a word, or a run of Chinese; a cut too many does no harm."""

INNER_STOP = re.compile(r"[。！？!?…；;.].")
"""What every line has in which a sentence ends before the line does; most have it not."""


@dataclass(slots=True)
class Word:
    """A word of a line."""

    text: str
    box: Box
    first: Box
    """The place of its first character."""
    index: int
    """The number of that character on the page."""


def parts_of_line(
    reader: Characters, words: list[Word], text: str, whole: Rect, *, upright: bool
) -> tuple[Span, ...]:
    """Returns a span for each sentence of the line ``text``, as high as the line; none where it is one sentence.

    Text that is normalised across a boundary cannot be split there any more: such a line stays whole.
    """
    pieces = _pieces(reader, words)
    if len(pieces) < 2:
        return ()
    spans: list[Span] = []
    end = 0
    for place, (raw, box) in enumerate(pieces):
        part = read_words(raw)
        start = end + (place > 0 and text[end : end + 1] == " ")
        end = start + len(part)
        if not part or text[start:end] != part:
            return ()
        rect = (
            Rect(whole.page, whole.x0, box[1], whole.x1, box[3])
            if upright
            else Rect(whole.page, box[0], whole.y0, box[2], whole.y1)
        )
        spans.append(Span(start, end, PdfPlace((rect,))))
    if len(text) - end > 1:  # more than the hyphen of a broken word
        return ()
    spans[-1] = Span(spans[-1].start, len(text), spans[-1].place)
    return tuple(spans)


def _pieces(reader: Characters, words: list[Word]) -> list[tuple[str, Box]]:
    """Returns the text between the stops of a line, with its box; right-to-left words stay whole."""
    pieces: list[tuple[str, Box]] = []
    texts, boxes = list[str](), list[Box]()
    for word in words:
        begin = 0
        texts.append("")
        for stop in _STOP.finditer(word.text):
            if reader.rtl and stop.end() < len(word.text):
                continue
            texts[-1] = word.text[begin : stop.end()]
            pieces.append((" ".join(texts), union([*boxes, _box_within(reader, word, begin, stop.end())])))
            texts, boxes, begin = [""], [], stop.end()
        if begin < len(word.text):
            texts[-1] = word.text[begin:]
            boxes.append(_box_within(reader, word, begin, len(word.text)))
        else:
            texts.pop()
    if boxes:
        pieces.append((" ".join(texts), union(boxes)))
    return pieces


def _box_within(reader: Characters, word: Word, start: int, end: int) -> Box:
    """Returns the place of ``word.text[start:end]``."""
    if end - start == len(word.text):
        return word.box
    return union([reader.box(word.index + start), reader.box(word.index + end - 1)])


def union(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, feet = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(feet)
