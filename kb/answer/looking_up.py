"""What is looked up before anything is judged or written: slips of spelling, places by number, two things compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kb.answer.amounts import quotes_in_range
from kb.answer.answerability import is_unanswerable
from kb.answer.draft import Draft
from kb.answer.places.days import lacks_asked_day
from kb.answer.places.finding import WordLookup
from kb.answer.places.identifiers import (
    absent_identifier,
    asked_identifiers,
    find_identifiers,
    find_in_series,
    is_alone,
)
from kb.answer.places.lookup import Located, Missing, look_up
from kb.answer.quote.choosing import chosen_units
from kb.answer.quote.layout import Quote, laid_out
from kb.answer.quote.lines import UnitKind
from kb.answer.quote.quote import joined, quote, quotes_of
from kb.answer.quote.scoring import scored_units
from kb.answer.quote.units import row_names
from kb.answer.refusal import refusal_text
from kb.answer.side_by_side import Search, side_by_side
from kb.answer.spelling import respelt
from kb.answer.verify.checker import Checked
from kb.ports import Similarity
from kb.text.content_words import root
from kb.text.language import language
from kb.text.word_lists import word_lists
from kb.text.words import in_order
from kb.types import Filters, Hit

_ROWS_OF = 3
_LEAST_NAME = 3
"""Letters of the longest word in a row's name; digits and shorter words name nothing."""


def look_up_first(
    draft: Draft, filters: Filters, *, lookup: WordLookup, search: Search, similarity: Similarity
) -> None:
    """Leaves in ``draft`` what can be looked up for its question: other words to search, quotes, or a refusal."""
    if not draft.context and filters.within is None:  # the spelling is that of all collections
        _put_right(draft, lookup, search, similarity)
    if _find_place(draft, filters, lookup) or _find_identifier(draft, filters, lookup, similarity):
        return
    if lacks_asked_day(draft.searched, draft.hits):
        draft.refusal = refusal_text(
            draft.searched, likely=frozenset(filter(None, (hit.document.language for hit in draft.hits)))
        )
        return
    _compare(draft, search, similarity)
    draft.quotes = draft.quotes or quotes_in_range(draft.searched, draft.hits) or None
    draft.names_a_row = _names_a_row(draft.searched, draft.hits)


def quoted(draft: Draft, similarity: Similarity) -> Checked:
    """Returns what is quoted for ``draft``: what was looked up, else what answers best."""
    if draft.quotes is None:
        return quote(draft.searched, draft.hits, similarity)
    checked = laid_out(draft.quotes, draft.hits)
    return replace(checked, text=f"{checked.text}\n\n{draft.note}") if draft.note else checked


def _put_right(draft: Draft, lookup: WordLookup, search: Search, similarity: Similarity) -> None:
    """Searches for the words as the library spells them, where that comes nearer to a passage.

    Words that may be none of a slip are exchanged only where that answers a question which is refused as it stands.
    """
    other = respelt(draft.searched, lookup)
    if other is None:
        return
    hits = tuple(search(other.text))
    if other.is_likely:
        is_better = _nearest(hits) > _nearest(draft.hits)
    else:
        is_better = is_unanswerable(draft.searched, draft.hits, similarity) and not is_unanswerable(
            other.text, hits, similarity
        )
    if is_better:
        draft.searched, draft.hits = other.text, hits


def _nearest(hits: Sequence[Hit]) -> float:
    return max((hit.scores.get("cosine", hit.scores.get("dense", 0.0)) for hit in hits), default=0.0)


def _find_place(draft: Draft, filters: Filters, lookup: WordLookup) -> bool:
    found = look_up(draft.searched, draft.hits, lookup, filters)
    if isinstance(found, Missing):
        draft.refusal = _said(
            draft,
            "place_missing",
            place=found.written,
            document=found.document.name,
            first=found.first,
            last=found.last,
        )
    elif found:
        _put_first(draft, found)
    return found is not None


def _find_identifier(draft: Draft, filters: Filters, lookup: WordLookup, similarity: Similarity) -> bool:
    identifiers = asked_identifiers(draft.searched)
    found = find_identifiers(identifiers, lookup, filters) or find_in_series(draft.searched, draft.hits)
    absent = absent_identifier(draft.searched, draft.hits, lookup, filters)
    if found:
        _put_first(draft, found)
        if any(piece.is_of_prose for piece in found) and not is_alone(draft.searched):
            draft.quotes = _with_what_answers(draft.searched, draft.quotes or (), draft.hits, similarity)
        draft.note = _said(draft, "identifier_missing", identifier=absent) if absent else ""
    elif absent or (identifiers and is_alone(draft.searched)):
        draft.refusal = _said(draft, "identifier_missing", identifier=absent or identifiers[0])
    return bool(found) or draft.refusal is not None


def _with_what_answers(
    question: str, quotes: Sequence[Quote], hits: Sequence[Hit], similarity: Similarity
) -> tuple[Quote, ...]:
    """Returns ``quotes`` with the sentences of the same passages that answer ``question``.

    The sentence that names a part is seldom the one that says how it is cleaned.
    """
    own = [hits[each.hit] for each in quotes]
    chosen = chosen_units(question, scored_units(question, own, similarity), similarity)
    further = quotes_of([one for one in chosen if one.unit.kind is UnitKind.SENTENCE], own)
    ranges = {each.hit: each.ranges for each in further}
    return tuple(
        Quote(each.hit, joined((*each.ranges, *ranges.get(place, ())))) for place, each in enumerate(quotes)
    )


def _names_a_row(question: str, hits: Sequence[Hit]) -> bool:
    """Returns whether ``question`` names what a row of the best passages is about.

    Cells are too short to be near a question in meaning: "How deep does the Heron go?" is far from "Heron | 1.18 m".
    """
    asked = [root(word) for word in in_order(question)]
    names = (
        [root(word) for word in in_order(name)] for hit in hits[:_ROWS_OF] for name in row_names(hit.chunk)
    )
    return any(_stands_in(name, asked) for name in names if any(len(word) >= _LEAST_NAME for word in name))


def _stands_in(name: Sequence[str], asked: Sequence[str]) -> bool:
    return any(asked[at : at + len(name)] == name for at in range(len(asked) - len(name) + 1))


def _said(draft: Draft, name: str, **values: str) -> str:
    """Returns a sentence of ours in the question's language; where that has none, that there is no answer."""
    likely = frozenset(filter(None, (hit.document.language for hit in draft.hits)))
    says = word_lists(language(draft.searched, likely=likely)).says
    return says[name].format(**values) if says else refusal_text(draft.searched, likely=likely)


def _put_first(draft: Draft, located: Sequence[Located]) -> None:
    """Makes ``located`` the first passages, and quotes them."""
    known = {hit.chunk.id: hit for hit in draft.hits}
    top = max((hit.score for hit in draft.hits), default=1.0)
    first: dict[int, Hit] = {}
    for piece in located:
        found = known.get(piece.chunk.id) or Hit(piece.chunk, piece.document, score=top)
        first.setdefault(piece.chunk.id, found)
    rest = [hit for hit in draft.hits if hit.chunk.id not in first]
    room = max(len(draft.hits), len(first))
    draft.hits = _ranked([*first.values(), *rest][:room])
    places = list(first)
    draft.quotes = tuple(
        Quote(
            number, tuple(sorted({one for piece in located if piece.chunk.id == key for one in piece.ranges}))
        )
        for number, key in enumerate(places)
    )


def _ranked(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1))


def _compare(draft: Draft, search: Search, similarity: Similarity) -> None:
    """Quotes what is said of each of two things; where nothing is said of one, says so."""
    found = side_by_side(draft.searched, search, similarity, most_hits=len(draft.hits))
    if found is None:
        return
    draft.hits, draft.quotes = found.hits, found.quotes
    draft.note = _said(draft, "nothing_of", subject=found.missing[0]) if found.missing else ""
