"""The forms of a question's vector that passages are compared with, one for each language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.retrieval.language_bias import LanguageBias
from kb.retrieval.search_query import SearchQuery
from kb.retrieval.sentence_rerank import View
from kb.state.candidates import Candidate

if TYPE_CHECKING:
    from kb.types import Vector


@dataclass(frozen=True, slots=True)
class Views:
    """The question as passages are compared with it."""

    whole: Mapping[str | None, View]
    """For passages of each language that is not its own; None for all others."""
    rest: Mapping[str | None, View] | None = None
    """The same without the names of documents, for the passages of these; None where it names none."""
    named: frozenset[int] = frozenset()

    def of(self, chunk_id: int, language: str | None) -> View:
        """Returns the view for one chunk."""
        views = self.rest if self.rest is not None and chunk_id in self.named else self.whole
        return view_in(views, language)


def views_of(vector: Vector, query: SearchQuery, bias: LanguageBias) -> dict[str | None, View]:
    """Returns the view of ``vector`` for each language that is not the question's; under None that for all others."""
    views: dict[str | None, View] = {None: View(vector)}
    if query.other_languages:
        moved = bias.without_language(vector, query.language)
        for code in query.other_languages:
            views[code] = View(moved, bias.offset(vector, query.language, code))
    return views


def view_in(views: Mapping[str | None, View], language: str | None) -> View:
    """Returns the view for passages in ``language``."""
    return views.get(language, views[None])


def cosines_of(candidates: Sequence[Candidate], views: Views) -> dict[int, float]:
    """Returns the cosine of each candidate with the question, compared across languages where they differ.

    One that the embedder has not seen yet counts as the farthest of them.
    """
    cosines = {
        candidate.chunk_id: views.of(candidate.chunk_id, candidate.language).cosine(candidate.vector)
        for candidate in candidates
        if candidate.vector is not None
    }
    farthest = min(cosines.values(), default=0.0)
    return {candidate.chunk_id: cosines.get(candidate.chunk_id, farthest) for candidate in candidates}


def plain_cosines(candidates: Sequence[Candidate], views: Mapping[str | None, View]) -> dict[int, float]:
    """Returns the cosines with passages in other languages as they are, not as they would be within one."""
    return {
        candidate.chunk_id: views[None].cosine(candidate.vector)
        for candidate in candidates
        if candidate.vector is not None and view_in(views, candidate.language) is not views[None]
    }


def discount_between_languages(
    words: Mapping[int, float],
    candidates: Sequence[Candidate],
    views: Mapping[str | None, View],
    *,
    weight: float,
) -> dict[int, float]:
    """Returns ``words``, multiplied by ``weight`` for passages in other languages than the question: most words that
    two languages have in common mean different things in them.
    """
    return {
        candidate.chunk_id: words[candidate.chunk_id]
        * (1.0 if view_in(views, candidate.language) is views[None] else weight)
        for candidate in candidates
        if candidate.chunk_id in words
    }
