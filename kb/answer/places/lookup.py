"""What stands at a place that a question names by number, or that there is no such place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.answer.places.finding import WordLookup
from kb.answer.quote.lines import Range, UnitKind
from kb.answer.quote.scoring import AskedWords, terms_of
from kb.answer.quote.units import units_of
from kb.text.place_names import PlaceName, phrases_for, place_names, place_of_line
from kb.types import Chunk, Document, Filters, Hit

_MOST_PLACES = 3
"""Places of one question, and documents that have the same place."""
_MOST_CHUNKS = 3
_MOST_CHARACTERS = 1500
_FROM_LARGE_TO_SMALL = ("part", "chapter", "section", "article", "clause", "item")
"""Kinds of which each holds those behind it; a figure holds nothing, and ends where anything begins."""
_NUMBERED = 2
"""A document with so many places of a kind counts them: that one is missing can then be said."""


@dataclass(frozen=True, slots=True)
class Located:
    """A piece of a chunk that stands at the place."""

    chunk: Chunk
    document: Document
    ranges: tuple[Range, ...]
    is_of_prose: bool = False
    """Whether it is a sentence of a long paragraph, whose others may say what is asked."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A place that is not where it would have to be."""

    written: str
    """As the question names it."""
    document: Document
    first: str
    """The first and the last place of its kind there, as the document writes them."""
    last: str


@dataclass(frozen=True, slots=True)
class _Place:
    chunk: Chunk
    document: Document
    start: int
    name: PlaceName


def look_up(
    question: str, hits: Sequence[Hit], reader: WordLookup, filters: Filters
) -> list[Located] | Missing | None:
    """Returns what stands at the places that ``question`` names; None where it names none, or none that is known.

    A document that the question names, by its name, title or first heading, decides between several that have such a
    place; else the one that ``hits`` bring first.
    """
    names = _apart(place_names(question))[:_MOST_PLACES]
    if not names:
        return None
    found: list[Located] = []
    for name in names:
        places = _places(name, reader, filters)
        about = _about(question, names)
        meant = _meant(about, name, places, hits, reader, filters)
        chosen = [place for place in places if place.document.id in {document.id for document in meant}]
        if chosen:
            found += [piece for place in _first_of_each(chosen) for piece in _block(place, name, reader)]
        elif missing := _missing(question[name.start : name.end], name, meant, reader):
            return missing
    return found or None


def _apart(names: Sequence[PlaceName]) -> list[PlaceName]:
    """Returns ``names`` without those that stand in another: ``Art. 5`` is found as ``Art`` and ``Art.``."""
    found: list[PlaceName] = []
    for name in names:
        if not found or name.start >= found[-1].end:
            found.append(name)
    return found


def _about(question: str, names: Sequence[PlaceName]) -> str:
    """Returns the question without its places: what it says of the document."""
    for name in reversed(names):
        question = question[: name.start] + " " + question[name.end :]
    return question


# --- Which places there are -----------------------------------------------------------------------


def _places(name: PlaceName, reader: WordLookup, filters: Filters) -> list[_Place]:
    """Returns the lines that begin with the place, those with its word before those with a number alone."""
    found = [
        _Place(chunk, document, start, place)
        for chunk, document in reader.holding(phrases_for(name), filters)
        for start, place in _lines_with_places(chunk.text)
        if name.is_same(place)
    ]
    with_word = {place.document.id for place in found if place.name.kind}
    return [place for place in found if place.name.kind or place.document.id not in with_word]


def _counts(kind: str, document: Document, reader: WordLookup) -> bool:
    return len(_lines_of_kind(kind, document, reader)) >= _NUMBERED


def _lines_of_kind(kind: str, document: Document, reader: WordLookup) -> list[tuple[PlaceName, str]]:
    """Returns the places of ``kind`` in ``document``, each with its line."""
    return [
        (place, chunk.text[start:].split("\n", 1)[0])
        for chunk in reader.beginning(document.id)
        for start, place in _lines_with_places(chunk.text)
        if place.kind == kind
    ]


def _lines_with_places(text: str) -> list[tuple[int, PlaceName]]:
    found = []
    start = 0
    for line in text.split("\n"):
        left = len(line) - len(line.lstrip())
        if place := place_of_line(line[left:]):
            found.append((start + left, place))
        start += len(line) + 1
    return found


def _meant(
    about: str,
    name: PlaceName,
    places: Sequence[_Place],
    hits: Sequence[Hit],
    reader: WordLookup,
    filters: Filters,
) -> list[Document]:
    """Returns the documents that are asked of: those that share most words with the rest of the question.

    Where nothing names one, and a document that ``hits`` bring counts such places by their word, it is that one: the
    7 of another's list is no § 7.
    """
    candidates = {document.id: document for document in reader.named(about, filters)}
    candidates |= {place.document.id: place.document for place in places}
    candidates |= {hit.document.id: hit.document for hit in hits[:_MOST_PLACES]}
    asked = AskedWords.of(about)
    shares = {key: _named_by(asked, document, reader) for key, document in candidates.items()}
    most = max(shares.values(), default=0.0)
    if asked.forms and most:
        return [candidates[key] for key, share in shares.items() if share == most]
    ranked = list(dict.fromkeys(hit.document.id for hit in hits))
    holding = {place.document.id for place in places}
    if not any(place.name.kind for place in places):
        near = {hit.document.id: hit.document for hit in hits[:_MOST_PLACES]}
        counting = next((one for one in near.values() if _counts(name.kind, one, reader)), None)
        if counting is not None:
            return [counting]
    nearest = next((key for key in ranked if key in holding), None)
    if asked.forms and nearest is not None:
        return [candidates[nearest]]
    return [candidates[key] for key in candidates if key in holding] or [
        candidates[key] for key in ranked[:1]
    ]


def _named_by(asked: AskedWords, document: Document, reader: WordLookup) -> float:
    first = reader.beginning(document.id)[:1]
    heading = first[0].text.split("\n", 1)[0] if first else ""
    return sum(asked.held_by(terms_of(f"{document.document_name} {heading}")).values())


def _first_of_each(places: Sequence[_Place]) -> list[_Place]:
    """Returns the place that a document has most to say at: a table of contents names it, too, on one line."""
    best: dict[str, _Place] = {}
    for place in places:
        known = best.get(place.document.id)
        if known is None or _says_more(place, known):
            best[place.document.id] = place
    return list(best.values())[:_MOST_PLACES]


def _says_more(place: _Place, known: _Place) -> bool:
    return bool(place.name.kind) > bool(known.name.kind) or (
        bool(place.name.kind) == bool(known.name.kind) and _is_listed(known) and not _is_listed(place)
    )


def _is_listed(place: _Place) -> bool:
    """Returns whether the line behind the place begins with another one."""
    rest = place.chunk.text[place.start :].split("\n")
    return (
        len(rest) > 1
        and len(rest[0]) < 80
        and place_of_line(rest[1]) is not None
        and not rest[0].rstrip().endswith((".", "。"))
    )


# --- What stands there ----------------------------------------------------------------------------


def _block(place: _Place, asked: PlaceName, reader: WordLookup) -> list[Located]:
    """Returns the lines from the place to the next of its kind, over at most three chunks; a row with its columns."""
    chunk, start = place.chunk, place.start
    row = next((unit for unit in units_of(chunk) if unit.kind is UnitKind.ROW and unit.start == start), None)
    if row is not None:
        return [Located(chunk, place.document, (*row.needed, (row.start, row.end)))]
    found: list[Located] = []
    characters = 0
    following = list(reader.following(chunk, _MOST_CHUNKS - 1))
    while True:
        ranges, ended = _until_next(chunk.text, start, place.name, is_first=not found)
        ranges = _within(ranges, chunk.text, asked) if asked.subs and not found else ranges
        characters += sum(end - begin for begin, end in ranges)
        if ranges:
            found.append(Located(chunk, place.document, tuple(ranges)))
        goes_on = (
            bool(following) and following[0].heading_path[: len(chunk.heading_path)] == chunk.heading_path
        )
        if (
            ended
            or asked.subs
            or not goes_on
            or characters >= _MOST_CHARACTERS
            or place.name.kind == "figure"
        ):
            return found
        chunk, start = following.pop(0), 0


def _until_next(text: str, start: int, name: PlaceName, *, is_first: bool) -> tuple[list[Range], bool]:
    ranges: list[Range] = []
    at = start
    for number, line in enumerate(text[start:].split("\n")):
        left = len(line) - len(line.lstrip())
        if (number or not is_first) and _ends(line[left:], name):
            return ranges, True
        if line.strip():
            ranges.append((at + left, at + len(line.rstrip())))
        at += len(line) + 1
    return ranges, False


def _ends(line: str, name: PlaceName) -> bool:
    """Returns whether ``line`` begins a place that is no part of ``name``."""
    place = place_of_line(line)
    if place is None:
        return False
    if place.kind and place.kind == name.kind:
        return place.forms.isdisjoint(name.forms)
    if place.kind and name.kind in _FROM_LARGE_TO_SMALL:
        return place.kind in _FROM_LARGE_TO_SMALL[: _FROM_LARGE_TO_SMALL.index(name.kind)]
    if place.kind or name.kind:
        return bool(place.kind)
    within = tuple(f"{form}." for form in name.forms)
    return not any(form.startswith(within) for form in place.forms)


def _within(ranges: Sequence[Range], text: str, asked: PlaceName) -> list[Range]:
    """Returns the first line of the place, and the line that begins with the letter in brackets."""
    marks = tuple(
        f"{before}{sub}{after}"
        for sub in asked.subs[-1:]
        for before, after in (("(", ")"), ("", ")"), ("", "."))
    )
    inner = [one for one in ranges if text[one[0] : one[1]].casefold().startswith(marks)]
    return [ranges[0], *inner[:1]] if inner else list(ranges)


def _missing(
    written: str, name: PlaceName, documents: Sequence[Document], reader: WordLookup
) -> Missing | None:
    """Returns that a place is not there, where one of ``documents`` counts places of its kind."""
    for document in documents:
        lines = _lines_of_kind(name.kind, document, reader)
        if len(lines) >= _NUMBERED:
            first, last = (line[place.start : place.end] for place, line in (lines[0], lines[-1]))
            return Missing(written, document, first, last)
    return None
