"""The second step of a search: which chunks may hold the answer, by their words and by their embeddings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kb.retrieval.fusion import added
from kb.retrieval.named_documents import evened_by_document
from kb.retrieval.search_query import SearchParts, SearchQuery
from kb.state.candidates import Candidate, Scope

_WIDER = 1.5
"""By how much more than their share chunks are asked for when some of them will be filtered out."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The chunks that are scored."""

    passages: Sequence[Candidate]
    words: Mapping[int, float]
    """BM25 of those that hold words of the question, of the context for its weight."""


def find_candidates(query: SearchQuery, parts: SearchParts) -> Candidates:
    """Returns the chunks in scope that either index finds; all of them where they are few."""
    words = _with_words(query, parts)
    near = query.allowed_ids if query.allowed_ids is not None else _with_meaning(query, parts)
    passages = parts.passages.candidates({*near, *words, *query.named_ids}, query.filters)
    return Candidates(passages, _evened(words, passages, query, parts))


def find_candidates_by_words(query: SearchQuery, parts: SearchParts) -> Candidates:
    """Returns the chunks in scope that hold words of the question."""
    words = _with_words(query, parts)
    return Candidates(parts.passages.candidates(words, query.filters), words)


def _with_words(query: SearchQuery, parts: SearchParts) -> dict[int, float]:
    words = _searched(query.text, query, parts)
    if (
        query.named_ids
    ):  # each of them, or those beyond the best few would seem to hold no word of the question
        words |= parts.lexical.search(query.text, len(query.named_ids), allowed_ids=query.named_ids)
    if query.context is not None:
        words = added(words, _searched(query.context.text, query, parts), query.context.weight)
    return words


def _evened(
    words: Mapping[int, float], passages: Sequence[Candidate], query: SearchQuery, parts: SearchParts
) -> Mapping[int, float]:
    """Returns ``words`` without the name that the question says; in a conversation they stay: what was said before
    counts for its own words.
    """
    if not query.named_ids or query.named_text is None or query.context is not None:
        return words
    rest = dict(parts.lexical.search(query.named_text, len(query.named_ids), allowed_ids=query.named_ids))
    return evened_by_document(words, rest, passages, query.named_ids)


def _searched(text: str, query: SearchQuery, parts: SearchParts) -> dict[int, float]:
    limit = query.limit if query.allowed_ids is not None else _enough(query.limit, query.scope)
    return dict(parts.lexical.search(text, limit, collection=query.collection, allowed_ids=query.allowed_ids))


def _with_meaning(query: SearchQuery, parts: SearchParts) -> Collection[int]:
    """Returns the ids of the nearest chunks in the question's language, and of those in others."""
    if not query.other_languages:
        questions = [query.vector]
    elif query.scope.languages - query.other_languages:
        towards = parts.bias.towards(query.vector, query.language, query.other_languages)
        questions = [query.vector, towards]
    else:
        questions = [parts.bias.without_language(query.vector, query.language)]
    limit = _enough(query.limit, query.scope)
    return {
        chunk_id
        for vector in questions
        for chunk_id, _ in parts.store.search(vector, limit, collection=query.collection)
    }


def _enough(limit: int, scope: Scope) -> int:
    """Returns how many chunks to ask an index for, so that about ``limit`` of them are in scope."""
    if not scope.is_part:
        return limit
    return min(scope.indexed, int(limit * _WIDER * scope.indexed / max(1, scope.chunks)) + 1)
