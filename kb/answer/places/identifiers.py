"""Questions for a part by its number, however they write it: ``9087``, ``PPR9087``, ``PPR 9087`` for ``PPR-9087``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kb.answer.places.finding import WordLookup
from kb.answer.places.lookup import Located
from kb.answer.quote.lines import UnitKind
from kb.answer.quote.units import Unit, units_of
from kb.text.content_words import stop_words
from kb.text.figures import behind_unit, figures
from kb.text.identifiers import ordinal_endings
from kb.text.place_names import place_names
from kb.text.scripts import HAN, HANGUL, KANA
from kb.text.words import fold, words
from kb.types import Chunk, Document, Filters, Hit

_SPACED = rf"[^\W{HAN}{KANA}{HANGUL}]"
"""A letter or a digit of a script that parts words: in others a name stands right beside the next word (HX-2209是)."""
_TOKEN = re.compile(
    rf"(?<!{_SPACED})(?<!-)(?:[A-Z]{{2,5}} (?=\d{{2}}))?[A-Za-z0-9]+(?:[-./_][A-Za-z0-9]+)*(?!{_SPACED})(?!-)"
)
_RUN = re.compile(r"[^\W\d_]+|\d+")
_LEAST_DIGITS = 3
_LEAST_DIGITS_OF_A_NAME = 2
"""Of a name that begins with a letter, where others are made like it: RL-40K beside RL-40L."""
_SERIES = 3
_VERSION = re.compile(r"(?!\d{1,2}\.\d{1,2}\.(?:\d\d){1,2}$)\d{1,3}(?:\.\d{1,4}){2,3}")
"""4.2.3 and 10.0.19045.1; a day (12.05.2024) is none."""
_YEARS = range(1000, 2101)
_LONGEST_LINE = 400
"""Characters of a line that says one thing in several sentences: a part, what it fits, what it costs."""
_MOST_UNITS = 5
"""A number that stands in more of them is no name of one thing."""


def asked_identifiers(question: str) -> list[str]:
    """Returns what ``question`` names by letters and digits, as it is written.

    A number that may be a year is one only where nothing else is asked.
    """
    if place_names(question):
        return []
    alone = is_alone(question)
    amounts = [figure for figure in figures(question) if figure.units]
    return [
        match.group()
        for match in _TOKEN.finditer(question)
        if _is_identifier(match.group(), alone=alone)
        and not any(figure.start == match.start() and figure.end == match.end() for figure in amounts)
    ]


def is_alone(question: str) -> bool:
    """Returns whether all that ``question`` says is one identifier, besides words that every question has."""
    rest = [word for word in words(_TOKEN.sub(_without_identifier, question)) if word not in stop_words()]
    return not rest


def find_identifiers(identifiers: Sequence[str], reader: WordLookup, filters: Filters) -> list[Located]:
    """Returns the units that hold one of ``identifiers``, with what stands above them; none where they are many."""
    found: list[Located] = []
    for identifier in identifiers:
        runs = _runs(identifier)
        here = [
            _located(chunk, document, unit)
            for chunk, document in _passages_with(identifier, reader, filters)
            for unit in units_of(chunk)
            if _holds(chunk.text, unit, runs)
        ]
        if len(here) <= _MOST_UNITS:
            found += here
    return found


def find_in_series(question: str, hits: Sequence[Hit]) -> list[Located]:
    """Returns the units of ``hits`` that begin with a short name of ``question`` which is one of a series there.

    F9 of "F7 (20 A): heater. F9 (10 A): lights."; what only mentions it may be about anything.
    """
    near = " ".join(hit.chunk.embedded_text for hit in hits)
    tokens = {match.group() for match in _TOKEN.finditer(near)}
    names = [
        token
        for token in dict.fromkeys(match.group() for match in _TOKEN.finditer(question))
        if _is_name_with_number(token)
        and _short(token)
        and token in tokens
        and sum(_pattern(one) == _pattern(token) for one in tokens) >= _SERIES
    ]
    return [
        Located(hit.chunk, hit.document, (*unit.needed, (unit.start, unit.end)))
        for hit in hits
        for unit in units_of(hit.chunk)
        if any(_begins_with(hit.chunk.text[unit.start : unit.end], name) for name in names)
    ][:_MOST_UNITS]


def _begins_with(said: str, name: str) -> bool:
    first = _TOKEN.match(said)
    return first is not None and first.group() == name


def absent_identifier(question: str, hits: Sequence[Hit], reader: WordLookup, filters: Filters) -> str | None:
    """Returns what ``question`` names and nothing holds, though ``hits`` have others made like it; None where all is.

    Where HX-2207 and HX-2208 are, a question for HX-2209 is not answered with them. What starts with a digit may be
    a quantity, and what stands in ``hits`` by its digits alone is written in another way there.
    """
    near = " ".join(hit.chunk.embedded_text for hit in hits)
    tokens = [match.group() for match in _TOKEN.finditer(near)]
    for token in filter(_is_name_with_number, (match.group() for match in _TOKEN.finditer(question))):
        made = _pattern(token)
        others = frozenset(run for one in tokens if _pattern(one) != made for run in _runs(one))
        alike = frozenset(one for one in tokens if _pattern(one) == made)
        if len(alike) < _least_alike(token) or not others.isdisjoint(_numbers_of(token)):
            continue
        if _short(token) and _in_a_span(token, near):
            continue
        if not _passages_with(token, reader, filters):
            return token
    return None


def _passages_with(identifier: str, reader: WordLookup, filters: Filters) -> Sequence[tuple[Chunk, Document]]:
    """Returns the chunks that hold ``identifier``, however signs and spaces part it."""
    runs = _runs(identifier)
    phrases = dict.fromkeys((identifier, " ".join(runs), "".join(runs)))
    return reader.holding(phrases, filters) or reader.with_term("".join(runs), filters)


def _numbers_of(token: str) -> Iterator[str]:
    """Yields what ``token`` may be known by alone: 2209 of HX-2209, 2024 of FY2024 and FY24; 40 is any number."""
    for run in _runs(token):
        if run.isdigit():
            yield run if len(run) >= _LEAST_DIGITS else f"20{run}"


def _is_name_with_number(token: str) -> bool:
    """Returns whether ``token`` names one thing: HX-2209, a version with two stops, E7 of a series."""
    digits = sum(character.isdigit() for character in token)
    return bool(digits) and (token[0].isupper() or _VERSION.fullmatch(token) is not None)


def _short(token: str) -> bool:
    return sum(character.isdigit() for character in token) < _LEAST_DIGITS_OF_A_NAME


def _least_alike(token: str) -> int:
    """Returns how many others must be made like ``token`` before it is one of a series: of E7 more than of HX-2209."""
    return _SERIES if _short(token) else 1


def _in_a_span(token: str, text: str) -> bool:
    """Returns whether ``text`` has a span of names like ``token`` (E1-E9), which may hold it unwritten."""
    letters = re.escape(token.rstrip("0123456789"))
    return re.search(rf"{letters}\d+ ?(?:[-–—~～至到]|to|bis) ?(?:{letters})?\d", text) is not None


def _pattern(token: str) -> str:
    """Returns how ``token`` is made: its letters up to the first digit, and what kind each character is behind them."""
    first = next((place for place, character in enumerate(token) if character.isdigit()), len(token))
    rest = (
        "9" if character.isdigit() else "a" if character.isalpha() else character
        for character in token[first:]
    )
    return fold(token[:first]) + "".join(rest)


def _located(chunk: Chunk, document: Document, unit: Unit) -> Located:
    """Returns where the line of ``unit`` is, of a long one the unit alone; a row with the names of its columns."""
    start, end = chunk.text.rfind("\n", 0, unit.start) + 1, chunk.text.find("\n", unit.end)
    line = (start, end if end >= 0 else len(chunk.text))
    is_long = line[1] - line[0] > _LONGEST_LINE
    own = (unit.start, unit.end) if is_long else line
    return Located(
        chunk, document, (*unit.needed, own), is_of_prose=is_long and unit.kind is UnitKind.SENTENCE
    )


def _without_identifier(token: re.Match[str]) -> str:
    return "" if sum(character.isdigit() for character in token.group()) >= _LEAST_DIGITS else token.group()


def _is_identifier(token: str, *, alone: bool) -> bool:
    digits = sum(character.isdigit() for character in token)
    if digits < _LEAST_DIGITS:
        return False
    if token.isdigit():
        return len(token) > _LEAST_DIGITS and (alone or int(token) not in _YEARS)
    if token[:1].isdigit() and (_is_ordinal(token) or _is_amount(token)):
        return False
    return any(character.isalpha() for character in token)


def _is_ordinal(token: str) -> bool:
    """Returns whether ``token`` is a place in an order or a decade: 250th, 1970s."""
    return fold(token).lstrip("0123456789") in ordinal_endings()


def _is_amount(token: str) -> bool:
    """Returns whether ``token`` is a number with its unit: 100km."""
    found = figures(token)
    return len(found) == 1 and behind_unit(token, found[0].end) == len(token)


def _runs(text: str) -> tuple[str, ...]:
    return tuple(_RUN.findall(fold(text)))


def _holds(text: str, unit: Unit, runs: Sequence[str]) -> bool:
    said = text[unit.start : unit.end]
    own = _runs(said)
    joined = "".join(runs)
    if any("".join(_runs(token.group())) == joined for token in _TOKEN.finditer(said)):
        return True
    return any(own[start : start + len(runs)] == tuple(runs) for start in _starts(own, runs))


def _starts(own: Sequence[str], runs: Sequence[str]) -> Iterator[int]:
    yield from (place for place, run in enumerate(own) if run == runs[0])
