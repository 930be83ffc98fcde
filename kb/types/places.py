"""A place in a file: one tagged value with one codec. A new format adds its kind of place here and nowhere else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

_FAR = 1e9
"""No page is so large, in points; infinity and what is not a number are beyond it."""
_REAL = (float, int)
_MOST = 2**31
"""More of anything, pages or lines, is no count of them."""

Words = Mapping[str, Mapping[str, str]]
"""Language -> name of a phrase -> the phrase, ``{}`` where its values go."""


class PlaceError(ValueError):
    """What should be a place is none. It may come from a parser's process that a file has taken over."""


class Place(ABC):
    """Where words are in a file. Each kind is a frozen dataclass, registered with ``place_kind``."""

    __slots__ = ()
    kind: ClassVar[str]
    """The tag under which it is stored and sent."""
    words: ClassVar[Words]
    """How people say it. English has to be there; another language that lacks a phrase falls back to it."""
    is_shown: ClassVar[bool] = True
    """Whether programs show it to who reads the file. Headings say more than a number that nobody sees."""

    @property
    def page(self) -> int | None:
        """The page on which it begins, 1-based; None for formats without pages."""
        return None

    @abstractmethod
    def values(self) -> dict[str, Any]:
        """Returns what JSON can hold of it, under names that are also in answers of the API."""

    @classmethod
    @abstractmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Returns the place that has these ``values``.

        Raises:
            PlaceError, KeyError: they are not what ``values`` gives. Nothing about them may be trusted.
        """

    @classmethod
    @abstractmethod
    def merged(cls, places: Sequence[Self]) -> Self:
        """Returns the place that covers all of ``places``, at least one, which come in the order of the text."""

    @abstractmethod
    def phrase(self) -> tuple[str, Mapping[str, object]]:
        """Returns the name of its phrase in ``words``, and the values that are put into that."""


_P = TypeVar("_P", bound=Place)
_KINDS: dict[str, type[Place]] = {}


def place_kind(kind: type[_P]) -> type[_P]:
    """Registers a kind of place with the codec: a decorator for its class."""
    _KINDS[kind.kind] = kind
    return kind


# --- The codec --------------------------------------------------------------------------------


def encode_place(place: Place) -> dict[str, Any]:
    """Returns the place as JSON, its kind and its values: for a parser's pipe, for the database and for the API."""
    return {"kind": place.kind, **place.values()}


def decode_place(stored: Any) -> Place:
    """Returns the place that ``encode_place`` wrote; other keys of ``stored`` are ignored.

    Raises:
        PlaceError: it is something else, or of an unknown kind, or a value is out of its bounds.
    """
    try:
        kind = _KINDS[stored["kind"]]
        return kind.from_values(stored)
    except (KeyError, TypeError) as error:
        raise PlaceError(f"not a place: {stored!r:.60}") from error


# --- In words ---------------------------------------------------------------------------------


def place_words(language: str) -> dict[str, str]:
    """Returns the phrases of every kind in ``language``, by name; in English where it lacks one."""
    found: dict[str, str] = {}
    for kind in _KINDS.values():
        found |= {**kind.words["en"], **kind.words.get(language, {})}
    return found


def describe(place: Place, words: Mapping[str, str]) -> str:
    """Returns the place as people say it, as `page 3`; ``words`` are those of ``place_words``."""
    phrase, values = place.phrase()
    return words[phrase].format(**values)


# --- The kinds --------------------------------------------------------------------------------


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


@place_kind
@dataclass(frozen=True, slots=True)
class PdfPlace(Place):
    """Rectangles on the pages of a PDF, at least one, in reading order."""

    kind = "pdf"
    words: ClassVar[Words] = {"en": {"page": "page {page}"}, "zh": {"page": "第 {page} 页"}}

    rects: tuple[Rect, ...]

    @property
    def page(self) -> int:
        return self.rects[0].page

    def values(self) -> dict[str, Any]:
        """Returns rectangles as lists, to a tenth of a point, which nobody sees: a long PDF has tens of thousands."""
        return {
            "rects": [
                [rect.page, round(rect.x0, 1), round(rect.y0, 1), round(rect.x1, 1), round(rect.y1, 1)]
                for rect in self.rects
            ]
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Returns the place from lists, or from the objects of the API."""
        rows = values["rects"]
        if type(rows) is not list or not rows:
            raise PlaceError("a PDF without a rectangle")
        return cls(tuple(map(_rect, rows)))

    @classmethod
    def merged(cls, places: Sequence[Self]) -> Self:
        """Returns all rectangles, those joined that follow each other along a line."""
        return cls(_along_lines(rect for place in places for rect in place.rects))

    def phrase(self) -> tuple[str, Mapping[str, object]]:
        return "page", {"page": self.page}


@dataclass(frozen=True, slots=True)
class _Numbered(Place):
    """What is counted through a whole file: ``first`` to ``last``, 1-based, inclusive. Named in the plural."""

    first: int
    last: int

    @classmethod
    def at(cls, number: int) -> Self:
        return cls(number, number)

    def values(self) -> dict[str, Any]:
        """Returns both numbers, under the name of the kind."""
        return {self.kind: [self.first, self.last]}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        pair = _list(values[cls.kind], length=2)
        return cls(*map(place_number, pair))

    @classmethod
    def merged(cls, places: Sequence[Self]) -> Self:
        """Returns the place from the lowest to the highest number."""
        return cls(min(place.first for place in places), max(place.last for place in places))

    def phrase(self) -> tuple[str, Mapping[str, object]]:
        """Returns the singular, or the plural with both ends."""
        name = self.kind.removesuffix("s") if self.first == self.last else self.kind
        return name, {"first": self.first, "last": self.last}


@place_kind
class LinePlace(_Numbered):
    """Lines of a text."""

    __slots__ = ()
    kind = "lines"
    words: ClassVar[Words] = {
        "en": {"line": "line {first}", "lines": "lines {first}–{last}"},
        "zh": {"line": "第 {first} 行", "lines": "第 {first}–{last} 行"},
    }


@place_kind
class CellPlace(_Numbered):
    """Cells of a notebook, in their order from the top."""

    __slots__ = ()
    kind = "cells"
    words: ClassVar[Words] = {
        "en": {"cell": "cell {first}", "cells": "cells {first}–{last}"},
        "zh": {"cell": "第 {first} 个单元格", "cells": "第 {first}–{last} 个单元格"},
    }


@place_kind
class ParagraphPlace(_Numbered):
    """Paragraphs of a DOCX file, or blocks of a web page."""

    __slots__ = ()
    kind = "paragraphs"
    words: ClassVar[Words] = {
        "en": {"paragraph": "paragraph {first}", "paragraphs": "paragraphs {first}–{last}"},
        "zh": {"paragraph": "第 {first} 段", "paragraphs": "第 {first}–{last} 段"},
    }
    is_shown = False


def _along_lines(rects: Iterable[Rect]) -> tuple[Rect, ...]:
    """Returns ``rects`` with those joined that follow each other along a line, at most half its height apart."""
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


# --- What a value has to be -------------------------------------------------------------------


def _list(value: Any, *, length: int) -> list[Any]:
    if type(value) is not list or len(value) != length:
        raise PlaceError(f"not {length} values: {value!r:.40}")
    return value


def place_number(value: Any) -> int:
    """Returns ``value`` as the number of a page, line or paragraph.

    Raises:
        PlaceError: it is none.
    """
    if type(value) is not int or not 0 <= value < _MOST:
        raise PlaceError(f"not a number: {value!r:.40}")
    return value


def _rect(row: Any) -> Rect:
    """Returns a checked rectangle. Called for every line of a passage that is found: written for speed."""
    if type(row) is dict:
        row = [row["page"], row["x0"], row["y0"], row["x1"], row["y1"]]
    page, x0, y0, x1, y1 = _list(row, length=5)
    if not (type(x0) in _REAL and type(y0) in _REAL and type(x1) in _REAL and type(y1) in _REAL):
        raise PlaceError("a rectangle without numbers")
    if not (-_FAR < x0 < _FAR and -_FAR < y0 < _FAR and -_FAR < x1 < _FAR and -_FAR < y1 < _FAR):
        raise PlaceError("a rectangle far off its page")
    return Rect(place_number(page), x0, y0, x1, y1)
