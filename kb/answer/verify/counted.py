"""What the figures of a claim count, and whether its passages say them of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.answer.verify.comparison import Comparison
from kb.answer.verify.features import CLAUSE, Source, coordinate_parts
from kb.text.clock import ClockTime, clock_times
from kb.text.content_words import stem, stems, stop_words
from kb.text.dates import dates
from kb.text.figures import Figure, figures, in_digits
from kb.text.words import words

_NOUNS = 2
"""Words behind a figure that say what it counts: its unit, and of what."""
_BEHIND = 24
"""Characters behind a figure in which its noun stands."""
_FIRST_YEAR, _LAST_YEAR = 1000, 2199
"""Figures without a unit between them are taken for years, which count nothing."""
_YEAR = frozenset({"year"})
_CLOCK = frozenset({"clock"})
"""In place of the unit of a clock time."""


def noun_for_unit(compared: Comparison) -> str | None:
    """Returns a figure with the word behind it, where the passages give a unit there and have no such word nearby."""
    text, days = compared.claim, dates(compared.claim)
    for figure in compared.figures:
        if figure.units or _is_year(figure) or any(each.start < figure.end <= each.end for each in days):
            continue
        if text[figure.end : figure.end + 1].isascii() and text[figure.end : figure.end + 1].isalpha():
            continue  # 5th, 3D
        following = words(text[figure.end : figure.end + _BEHIND])
        noun = next((stem(word) for word in following if word not in stop_words()), None)
        own = [
            (source, each)
            for source, held in zip(compared.sources, compared.figures_held, strict=True)
            for each in held
            if figure.equals(each)
        ]
        only_units = bool(own) and all(each.units for _, each in own)
        if only_units and noun and not any(noun in source.stems for source, _ in own):
            return f"{figure.written} {noun}"
    return None


def beside_another_noun(compared: Comparison) -> str | None:
    """Returns a figure whose noun stands behind another figure of the passages, and nowhere near its own.

    "2.35 metres of fuel" of a ship that draws 2.35 metres and carries 800 litres of fuel.
    """
    text = compared.claim
    for figure in compared.figures:
        if _is_year(figure):
            continue
        nouns = _nouns_behind(text, figure, compared.figures)
        pairs = list(zip(compared.sources, compared.figures_held, strict=True))
        own = [
            source.stems | stems(in_digits(source.text))  # words of Han text run together: 三次
            for source, held in pairs
            if any(figure.equals(each) for each in held)
        ]
        unsaid = nouns - frozenset().union(*own)
        if own and unsaid and any(_counts(source, held, unsaid, compared.figures) for source, held in pairs):
            return figure.written
    return None


def of_something_else(compared: Comparison) -> str | None:
    """Returns a figure of whose clause only the words beside another figure are found.

    "Children pay 12 euros" where adults pay 12 euros and children 7.
    """
    claimed = figures(compared.claim)
    if not claimed:
        return None
    sources = [
        clauses_with_figures(in_digits(source.text))
        for source, held in zip(compared.sources, compared.figures_held, strict=True)
        if any(figure.equals(each) for figure in claimed for each in held)
    ]
    for asked in clauses_with_figures(in_digits(compared.claim)):
        found = [
            _is_of_another(asked, parts, own) or _is_of_a_later(asked, parts, own)
            for parts in sources
            if (own := [place for place, part in enumerate(parts) if part.has_the_figure_of(asked)])
        ]
        if found and all(found):
            return asked.figure.written
    return None


@dataclass(frozen=True, slots=True)
class FigureClause:
    """A clause with one figure."""

    figure: Figure
    units: frozenset[str]
    """Its own, or those of the clause before where it has none: "12 euros for adults, 7 for children"."""
    said: frozenset[str]
    """Its stems but for the figure's and its unit's."""

    def has_the_figure_of(self, other: FigureClause) -> bool:
        units = bool(self.units & other.units) or not (self.units and other.units)
        return units and self.figure.equals(other.figure)


def _is_of_another(asked: FigureClause, parts: Sequence[FigureClause], own: Sequence[int]) -> bool:
    """Returns whether another figure has all of its words that its own clauses have, and more; without units, all."""
    held = asked.said & frozenset[str]().union(*(parts[place].said for place in own))
    others = [part for place, part in enumerate(parts) if place not in own]
    if not asked.units:
        lacks_all = bool(asked.said) and not held
        return lacks_all and any(not part.units and asked.said <= part.said for part in others)
    return any(part.units & asked.units and (asked.said & part.said) > held for part in others)


def _is_of_a_later(asked: FigureClause, parts: Sequence[FigureClause], own: Sequence[int]) -> bool:
    """Returns whether all of its words that its own clauses lack stand in a later one, and others in their place.

    A later clause may leave out what an earlier one has said, and not the other way round.
    """
    here = frozenset[str]().union(*(parts[place].said for place in own))
    lacking = asked.said - here
    return bool(lacking and here - asked.said) and any(lacking <= part.said for part in parts[max(own) + 1 :])


def clauses_with_figures(text: str) -> list[FigureClause]:
    """Returns the clauses of a text in digits that hold one figure, years aside where there is another."""
    found: list[FigureClause] = []
    for part in coordinate_parts(text):
        times = clock_times(part)
        figure = _only_figure(part, times)
        if figure is None:
            continue
        if times:
            found.append(
                FigureClause(figure, _CLOCK, stems(f"{part[: times[0].start]} {part[times[0].end :]}"))
            )
            continue
        beside = part[figure.end : figure.end + _BEHIND]
        unit = frozenset(word for word in stems(beside) if figures(f"1 {word}")[0].units)
        inherited = found[-1].units - _YEAR if found and not _is_year(figure) else frozenset[str]()
        said = stems(part) - unit - stems(figure.written)
        found.append(FigureClause(figure, figure.units or inherited, said))
    return found


def _only_figure(part: str, times: Sequence[ClockTime]) -> Figure | None:
    """Returns the one figure of a clause, of a clock time its hour."""
    held = [
        each
        for each in figures(part)
        if not any(time.start < each.end <= time.end and each.start != time.start for time in times)
    ]
    counted = [each for each in held if not _is_year(each)]
    only = counted or held
    return only[0] if len(only) == 1 else None


def _is_year(figure: Figure) -> bool:
    return figure.units <= _YEAR and any(
        form.isdigit() and _FIRST_YEAR <= int(form) <= _LAST_YEAR for form in figure.forms
    )


def _counts(source: Source, held: Sequence[Figure], nouns: frozenset[str], claimed: Sequence[Figure]) -> bool:
    """Returns whether a figure of a sentence that the claim does not name has one of ``nouns`` behind it."""
    if not nouns & source.stems:
        return False
    text = source.text
    return any(
        nouns & _nouns_behind(text, each, held)
        for each in held
        if not _is_year(each) and not any(each.equals(other) for other in claimed)
    )


def _nouns_behind(text: str, figure: Figure, others: Sequence[Figure]) -> frozenset[str]:
    """Returns the stems of the next words that say something, in the figure's clause and before the next figure."""
    end = min((each.start for each in others if each.start >= figure.end), default=len(text))
    behind = CLAUSE.split(text[figure.end : end])[0]
    silent = stop_words()
    return frozenset([stem(word) for word in words(behind) if word not in silent][:_NOUNS])
