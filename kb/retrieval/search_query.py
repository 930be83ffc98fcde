"""A question as every step of a search sees it, and the parts that the steps use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.ports import Embedder, LexicalIndex, VectorSearch
from kb.retrieval.language_bias import LanguageBias
from kb.state.candidates import Passages, Scope
from kb.state.chunks import Chunks
from kb.state.documents import Documents
from kb.types import Context, Filters, SearchThresholds

if TYPE_CHECKING:
    from kb.types import Vector

CANDIDATES = 50
"""How many passages each index contributes to the fusion."""


@dataclass(frozen=True, slots=True)
class SearchParts:
    """What a search reads: the embedder, both indexes, and the tables behind them."""

    embedder: Embedder
    store: VectorSearch
    lexical: LexicalIndex
    passages: Passages
    chunks: Chunks
    documents: Documents
    bias: LanguageBias
    thresholds: SearchThresholds


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question, interpreted once."""

    text: str
    k: int
    """How many passages the fusion is to return; fewer may be shown."""
    context: Context | None
    """What a conversation adds; None where the text says everything."""
    scope: Scope
    """What it is asked of."""
    allowed_ids: frozenset[int] | None
    """The ids of the chunks in scope, where they are few; else None."""
    language: str
    other_languages: frozenset[str]
    """Those that passages are in and the question is not, as far as there is something to do about it."""
    vector: Vector
    """Shape (width,), blended with the context."""
    named_ids: frozenset[int]
    """Chunks of documents that the text names."""
    named_text: str | None
    """The text without these names; None where nothing else is left."""
    named_vector: Vector | None
    """``named_text``, which is compared with those chunks."""

    @property
    def filters(self) -> Filters:
        """The conditions that passages have to meet."""
        return self.scope.filters

    @property
    def collection(self) -> str | None:
        """The collection that the indexes search; None for all, where other conditions are met afterwards."""
        return self.filters.collection

    @property
    def limit(self) -> int:
        """How many passages each index is to contribute."""
        return max(CANDIDATES, self.k)
