"""Where a passage stands in its file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle on a page, in PDF points (1/72 inch).

    The origin is the top left corner of the page *as it is shown* (crop box, after /Rotate),
    x grows to the right and y downwards.
    """

    page: int
    """1-based."""
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Span:
    """Where the characters ``text[start:end]`` of a block or a chunk come from.

    A format fills in what it has: PDF a rectangle (which carries its page), DOCX and HTML the
    number of the paragraph, text and Markdown the line. All numbers are 1-based.
    """

    start: int
    end: int
    rect: Rect | None = None
    line: int | None = None
    paragraph: int | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a passage stands: the sum of its spans, and the headings above it."""

    rects: tuple[Rect, ...] = ()
    heading_path: tuple[str, ...] = ()
    lines: tuple[int, int] | None = None
    """First and last line, 1-based, inclusive; None for formats without lines."""
    paragraphs: tuple[int, int] | None = None
    """First and last paragraph, 1-based, inclusive; None for formats without them."""

    @property
    def page(self) -> int | None:
        """The page on which the passage begins, 1-based; None for formats without pages."""
        return self.rects[0].page if self.rects else None

    @classmethod
    def of(cls, spans: Iterable[Span], heading_path: tuple[str, ...] = ()) -> Anchor:
        """The anchor that covers ``spans``, in their order."""
        spans = tuple(spans)
        lines = [span.line for span in spans if span.line is not None]
        paragraphs = [span.paragraph for span in spans if span.paragraph is not None]
        return cls(
            rects=_along_lines(span.rect for span in spans if span.rect is not None),
            heading_path=heading_path,
            lines=(min(lines), max(lines)) if lines else None,
            paragraphs=(min(paragraphs), max(paragraphs)) if paragraphs else None,
        )


def _along_lines(rects: Iterable[Rect]) -> tuple[Rect, ...]:
    """``rects`` with those joined that follow each other along a line, at most half its height apart."""
    joined: list[Rect] = []
    for rect in rects:
        last = joined[-1] if joined else rect
        level = (last.page, last.y0, last.y1) == (rect.page, rect.y0, rect.y1)
        gap = max(last.x0, rect.x0) - min(last.x1, rect.x1)
        if joined and level and gap <= (rect.y1 - rect.y0) / 2:
            joined[-1] = Rect(rect.page, min(last.x0, rect.x0), rect.y0, max(last.x1, rect.x1), rect.y1)
        else:
            joined.append(rect)
    return tuple(joined)
