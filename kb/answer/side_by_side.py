"""Two things set side by side: each is searched for by itself, and what is said of both is quoted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from kb.answer.answerability import is_unanswerable
from kb.answer.comparing import Comparison, compared
from kb.answer.quote.layout import Quote
from kb.answer.quote.quote import quotes_of
from kb.answer.quote.scoring import AskedWords, Scored, scored_units, terms_of
from kb.ports import Similarity
from kb.text.document_names import terms_of_name
from kb.text.language import language
from kb.text.mentions import names
from kb.types import Hit

Search = Callable[[str], Sequence[Hit]]
"""Finds the passages of a text, with the filters of the question."""

_UNITS = 2
"""Units that are quoted of each of two things."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """What the documents say of two things."""

    hits: tuple[Hit, ...]
    """The passages that are quoted, then others that were found, of either thing by turns."""
    quotes: tuple[Quote, ...]
    missing: tuple[str, ...]
    """The things, as the question names them, that a search for them alone does not find; never both."""


def side_by_side(
    question: str, search: Search, similarity: Similarity, *, most_hits: int
) -> SideBySide | None:
    """Returns what is said of the two things that ``question`` compares; None where it compares none, or none is found.

    There are ``most_hits`` passages, or as many more as are quoted.
    """
    comparison = compared(question)
    if comparison is None:
        return None
    sides = comparison.sides
    found = [tuple(search(comparison.asked_of(side))) for side in sides]
    asked_in = language(question, likely=_languages([*found[0], *found[1]]))
    chosen: list[tuple[Hit, Scored]] = []
    missing = []
    for side, other, hits in zip(sides, sides[::-1], found, strict=True):
        units = _said_of(side, other, comparison, hits, similarity, asked_in=asked_in)
        chosen += [(hits[one.hit], one) for one in units]
        if not units:
            missing.append(side)
    if not chosen:
        return None
    quoted = {hit.chunk.id: hit for hit, _ in chosen}
    by_turns = [hit for hit in chain.from_iterable(zip_longest(*found)) if hit is not None]
    together = list({**quoted, **{hit.chunk.id: hit for hit in by_turns}}.values())
    hits = _ranked(together[: max(most_hits, len(quoted))])
    places = {hit.chunk.id: place for place, hit in enumerate(hits)}
    units = [replace(one, hit=places[hit.chunk.id]) for hit, one in chosen]
    unique = list({(one.hit, one.index): one for one in units}.values())
    return SideBySide(hits, tuple(quotes_of(unique, hits)), tuple(missing))


def _said_of(
    side: str,
    other: str,
    comparison: Comparison,
    hits: Sequence[Hit],
    similarity: Similarity,
    *,
    asked_in: str,
) -> list[Scored]:
    """Returns the best units of what is said of ``side``, of passages in the question's language where there are any.

    They hold the words that tell it from ``other``, or stand in a document that is called so; where no passage has
    these words, they are of passages near enough in meaning: the thing may be called otherwise there, or in another
    language.
    """
    asked = AskedWords.of(comparison.asked_of(side))
    of_side, of_other = (frozenset().union(*AskedWords.of(each).forms) for each in (side, other))
    own = frozenset(
        place for place, forms in enumerate(asked.forms) if forms & of_side and forms.isdisjoint(of_other)
    )
    of_both = frozenset(place for place, forms in enumerate(asked.forms) if forms.isdisjoint(of_side))
    named = [own & asked.held_by(_names(hit)).keys() for hit in hits]
    ranked = scored_units(comparison.asked_of(side), hits, similarity)
    holding = [one for one in ranked if _tells(own & (one.held | one.held_above | named[one.hit]), own)]
    if not holding and not is_unanswerable(side, hits, similarity):
        # who has a name is called so in every passage of the language
        is_named = bool(names(f"of {side}"))  # a capital at the beginning of a sentence says nothing
        holding = [one for one in ranked if not is_named or language(hits[one.hit].chunk.text) != asked_in]
    holding = [one for one in holding if of_both & (one.held | one.held_above)] or holding
    spoken = [language(hit.chunk.text) for hit in hits]
    return ([one for one in holding if spoken[one.hit] == asked_in] or holding)[:_UNITS]


def _tells(held: frozenset[int], own: frozenset[int]) -> bool:
    """Returns whether half of the words that tell a thing are enough to be about it: a name may be said in part."""
    return bool(held) and 2 * len(held) >= len(own)


def _names(hit: Hit) -> frozenset[str]:
    """Returns the words of what ``hit`` stands under: its headings, and what its document is called."""
    called = " ".join((*hit.chunk.heading_path, *terms_of_name(hit.document.document_name)))
    return terms_of(called)


def _languages(hits: Sequence[Hit]) -> frozenset[str]:
    return frozenset(filter(None, (hit.document.language for hit in hits)))


def _ranked(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1))
