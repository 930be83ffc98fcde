"""One search over collections that have different embedders.

The library's embedder knows every passage, whatever else a collection has: its ranking says how many places of the
list belong to a collection, and the collection's own embedder which of its passages take them, and in which order.
So scores of different models are never compared, and a collection that says nothing of the question gets no place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from kb.retrieval.retriever import Retriever
from kb.types import AS_SET, Context, Filters, Hit, Retrieved, SearchTuning


class RetrieverByCollection:
    """Searches as ``Retriever`` does, each collection with its own embedder where it has one."""

    def __init__(self, library: Retriever, own: Callable[[], Mapping[str, Retriever]]) -> None:
        """``own`` gives what searches each collection that has something of its own now; ``library`` has all others."""
        self._library = library
        self._own = own

    def retrieve(
        self,
        question: str,
        *,
        k: int,
        filters: Filters | None = None,
        context: Context | None = None,
        tuning: SearchTuning = AS_SET,
    ) -> Retrieved:
        """Does as ``Retriever.retrieve``. The scores of each hit are those of the library's embedder, by which answers
        are judged; only the order within a collection is its own embedder's.
        """
        filters = filters or Filters()
        groups = self._groups(filters)
        asked = filters.collections
        if len(groups) == 1 and asked and set(asked) == {name for names in groups.values() for name in names}:
            (retriever,) = groups
            found = retriever.retrieve(question, k=k, filters=filters, context=context, tuning=tuning)
            if not found.by_words:
                hits = self._library.scored(question, found.hits, filters=filters, context=context)
                return replace(found, hits=hits)
        found = self._library.retrieve(question, k=k, filters=filters, context=context, tuning=tuning)
        if found.by_words or not groups:
            return found
        hits, timings, notices = found.hits, Counter(found.timings_ms), [found.notice]
        for retriever, names in groups.items():
            here = replace(filters, collections=names)
            theirs = retriever.retrieve(question, k=k, filters=here, context=context, tuning=tuning)
            notices.append(theirs.notice)
            timings.update(theirs.timings_ms)
            if not theirs.by_words:  # else the library's order stays
                hits = in_their_places(hits, theirs.hits, frozenset(names))
        hits = self._library.scored(question, hits, filters=filters, context=context)
        return replace(found, hits=hits, timings_ms=dict(timings), notice=" ".join(filter(None, notices)))

    def _groups(self, filters: Filters) -> dict[Retriever, tuple[str, ...]]:
        """Returns for each retriever besides the library's the collections that it searches of those in question."""
        groups: dict[Retriever, tuple[str, ...]] = {}
        for name, retriever in self._own().items():
            is_asked = not filters.collections or name in filters.collections
            if is_asked and (filters.within is None or name in filters.within):
                groups[retriever] = (*groups.get(retriever, ()), name)
        return groups


def in_their_places(
    hits: Sequence[Hit], theirs: Sequence[Hit], collections: frozenset[str]
) -> tuple[Hit, ...]:
    """Returns ``hits`` with those of ``collections`` exchanged for the first of ``theirs``, in their order.

    A place keeps its score. Where ``theirs`` are fewer, what stood there fills the rest; what is shown already, as a
    near-identical passage too, takes no second place.
    """
    shown: set[int] = set()
    before = [hit for hit in hits if hit.document.collection in collections]
    for hit in hits:
        if hit.document.collection not in collections:
            shown.update((hit.chunk.id, *(also.chunk_id for also in hit.also)))
    taking = _each_once([*theirs, *before], shown)
    placed: list[Hit] = []
    for hit in hits:
        new = next(taking, None) if hit.document.collection in collections else hit
        if new is not None:
            placed.append(replace(new, rank=len(placed) + 1, score=hit.score))
    return tuple(placed)


def _each_once(hits: Sequence[Hit], shown: set[int]) -> Iterator[Hit]:
    for hit in hits:
        if hit.chunk.id not in shown:
            shown.update((hit.chunk.id, *(also.chunk_id for also in hit.also)))
            yield hit
