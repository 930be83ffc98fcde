"""The third step of a search: how near each candidate is to the question, in words and in meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.retrieval.candidates import Candidates
from kb.retrieval.named_documents import evened_by_document
from kb.retrieval.search_query import SearchParts, SearchQuery
from kb.retrieval.views import Views, cosines_of, discount_between_languages, plain_cosines, views_of
from kb.text.identifiers import identifiers


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of the candidates, by the ids of their chunks."""

    dense: Mapping[int, float]
    """Cosines, across languages what they would be within one; every candidate has one."""
    words: Mapping[int, float]
    """BM25 of those that hold words of the question."""
    plain: Mapping[int, float]
    """The cosines of candidates in other languages as they are."""
    views: Views

    def of(self, chunk_id: int) -> dict[str, float]:
        """Returns the scores of one candidate, for its ``Hit.scores``."""
        named = {"dense": self.dense, "words": self.words, "cosine": self.plain}
        return {name: found[chunk_id] for name, found in named.items() if chunk_id in found}


def score(query: SearchQuery, candidates: Candidates, parts: SearchParts) -> Scores:
    """Returns the scores of every candidate; in a document that the question names, those without its name."""
    whole = views_of(query.vector, query, parts.bias)
    views, words = Views(whole), candidates.words
    dense = cosines_of(candidates.passages, views)
    if not identifiers(query.text):
        words = discount_between_languages(
            words, candidates.passages, whole, weight=parts.thresholds.foreign_words
        )
    if query.named_vector is not None:
        views = Views(whole, views_of(query.named_vector, query, parts.bias), query.named_ids)
        without_names = cosines_of(candidates.passages, views)
        dense = evened_by_document(dense, without_names, candidates.passages, query.named_ids)
    return Scores(dense, words, plain_cosines(candidates.passages, whole), views)
