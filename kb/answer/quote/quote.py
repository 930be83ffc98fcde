"""From passages to a quoted answer: a list of steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kb.answer.quote.asked_type import of_asked_type
from kb.answer.quote.choosing import chosen_units, leans_on_the_one_before
from kb.answer.quote.days import without_other_days
from kb.answer.quote.layout import Quote, laid_out
from kb.answer.quote.lines import Range, UnitKind
from kb.answer.quote.scoring import Scored, scored_units
from kb.answer.quote.units import units_of
from kb.answer.verify.checker import Checked
from kb.ports import Similarity
from kb.text.language import language
from kb.types import Hit

_HITS = 4
"""Passages that are quoted from."""


def quote(question: str, hits: Sequence[Hit], similarity: Similarity) -> Checked:
    """Returns what answers ``question`` in the words of ``hits``, best first and not empty, with ``[n]``.

    The best passage comes first, what is quoted of one passage in its order; a row comes with the names of its
    columns, an item with the line above its list, a sentence that begins with "It" with the one before.
    """
    spoken = [language(hit.chunk.text) for hit in hits]
    read = _read(question, spoken)
    scored = scored_units(question, [hits[place] for place in read], similarity)
    ranked = [replace(one, hit=read[one.hit]) for one in scored]
    ranked = [
        one for one in ranked if spoken[one.hit] == spoken[ranked[0].hit]
    ]  # an answer speaks one language
    ranked = without_other_days(question, ranked, hits)
    chosen = chosen_units(question, ranked, similarity)
    asked_for = of_asked_type(question, ranked, hits, farthest=similarity.thresholds.quoting.nearly_as_good)
    return laid_out(quotes_of(chosen, hits, asked_for), hits)


def _read(question: str, spoken: Sequence[str]) -> list[int]:
    """Returns the places of the passages that are quoted from, whose languages are ``spoken``.

    The first four, and as many in the question's language: those in others that lie between take no room of theirs.
    """
    asked_in = language(question, likely=spoken)
    own = [place for place, code in enumerate(spoken) if code == asked_in]
    return sorted({*range(min(_HITS, len(spoken))), *own[:_HITS]})


def quotes_of(
    chosen: Sequence[Scored], hits: Sequence[Hit], further: tuple[int, Range] | None = None
) -> list[Quote]:
    """Returns what is quoted of each passage where ``chosen`` are, with what they need, the first one's first.

    ``further`` is one more range, of the passage with that place.
    """
    ranges = [(one.hit, place) for one in chosen for place in _ranges(one, hits[one.hit])]
    ranges += [further] if further else []
    order = dict.fromkeys(number for number, _ in ranges)
    return [Quote(number, joined(place for hit, place in ranges if hit == number)) for number in order]


def _ranges(one: Scored, hit: Hit) -> Iterable[Range]:
    """Yields the range of a unit and of what it needs: above it, below it, before it."""
    unit = one.unit
    yield from unit.needed
    yield from (place for place, held in zip(unit.above, one.above, strict=True) if held)
    yield unit.start, unit.end
    yield from unit.below
    if unit.kind is UnitKind.SENTENCE and leans_on_the_one_before(one.text) and one.index:
        before = units_of(hit.chunk)[one.index - 1]
        if before.kind is UnitKind.SENTENCE:
            yield before.start, before.end


def joined(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Returns ``ranges`` in order, without those that lie in another."""
    kept: list[Range] = []
    for start, end in sorted(set(ranges), key=lambda one: (one[0], -one[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)
