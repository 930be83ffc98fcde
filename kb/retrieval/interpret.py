"""The first step of a search: what a question says about where, in which language and for which words to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.retrieval.fusion import blend
from kb.retrieval.search_query import SearchParts, SearchQuery
from kb.state.candidates import Scope
from kb.text.derived_figures import statement_lines
from kb.text.document_names import without_names
from kb.text.language import language
from kb.text.words import quoted
from kb.types import Context, Filters

if TYPE_CHECKING:
    from kb.types import Vector

_COMPARE_ALL = 3000
"""So many passages are compared one by one where only they count: exact, and quicker than the indexes, which
would have to be asked for many times as many as are wanted."""
_NAMED = 1000
"""Where a question names a document, this many of its passages are compared: among all, those of others that
say the same would leave no place for them."""

_LINES = 0.5
"""What the lines of statements that a figure is worked out from count, against 1 for the question."""


def interpret(
    text: str, *, k: int, filters: Filters, context: Context | None, parts: SearchParts
) -> SearchQuery:
    """Returns ``text`` as the other steps take it; the one step that embeds the question."""
    scope = parts.passages.scope(filters)
    allowed_ids = _allowed_ids(text, scope, parts)
    asked_in = language(text, likely=scope.languages)
    named_ids, rest = _named(text, filters, parts)
    return SearchQuery(
        text=text,
        k=k,
        context=context,
        scope=scope,
        allowed_ids=allowed_ids,
        language=asked_in,
        other_languages=_other_languages(asked_in, scope, parts),
        vector=_embedded(text, context, parts),
        named_ids=named_ids if allowed_ids is None else named_ids & allowed_ids,
        named_text=rest,
        named_vector=None if rest is None else _embedded(rest, context, parts),
    )


def by_words(
    text: str, *, k: int, filters: Filters, context: Context | None, parts: SearchParts
) -> SearchQuery:
    """Returns ``text`` for a search by words alone: nothing is embedded, and its vector has no direction."""
    import numpy as np

    scope = parts.passages.scope(filters)
    allowed_ids = _allowed_ids(text, scope, parts)
    named_ids, rest = _named(text, filters, parts)
    return SearchQuery(
        text=text,
        k=k,
        context=context,
        scope=scope,
        allowed_ids=allowed_ids,
        language=language(text, likely=scope.languages),
        other_languages=frozenset(),
        vector=np.zeros(parts.embedder.fingerprint.width, np.float32),
        named_ids=named_ids if allowed_ids is None else named_ids & allowed_ids,
        named_text=rest,
        named_vector=None,
    )


def _allowed_ids(text: str, scope: Scope, parts: SearchParts) -> frozenset[int] | None:
    """Returns the chunks in scope where they are few: those that hold the quoted phrases, or all that filters leave."""
    allowed_ids: frozenset[int] | None = None
    if scope.is_part and scope.chunks <= _COMPARE_ALL:
        allowed_ids = frozenset(parts.passages.ids(scope.filters))
    phrases = quoted(text)
    if not phrases:
        return allowed_ids
    held = frozenset(parts.lexical.phrase_search(phrases, _COMPARE_ALL, collection=scope.filters.collection))
    if allowed_ids is not None:
        held &= allowed_ids
    # a phrase that stands nowhere is searched like other words: better something near than nothing
    return held or allowed_ids


def _named(text: str, filters: Filters, parts: SearchParts) -> tuple[frozenset[int], str | None]:
    """Returns the chunks of documents that ``text`` names, and ``text`` without these names."""
    ids = parts.lexical.search_names(text, _NAMED, collection=filters.collection)
    if not ids:
        return frozenset(), None
    names = parts.lexical.names(parts.passages.one_of_each_document(ids))
    return frozenset(ids), without_names(text, names.values())


def _embedded(text: str, context: Context | None, parts: SearchParts) -> Vector:
    vector: Vector = parts.embedder.embed_queries([text])[0]
    if lines := statement_lines(text):
        vector = blend(vector, parts.embedder.embed_queries([", ".join(lines)])[0], _LINES)
    if context is None:
        return vector
    return blend(vector, parts.embedder.embed_queries([context.text])[0], context.weight)


def _other_languages(asked_in: str, scope: Scope, parts: SearchParts) -> frozenset[str]:
    if not parts.bias.knows(asked_in):
        return frozenset()
    return frozenset(code for code in scope.languages if code != asked_in and parts.bias.knows(code))
