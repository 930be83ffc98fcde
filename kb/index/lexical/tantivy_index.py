"""BM25 on disk with Tantivy, over the words that ``kb.text.words`` finds."""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path

import tantivy

from kb.system.disk import engine_faults
from kb.text.dates import writes_day_first
from kb.text.document_names import terms_of_name, variants
from kb.text.search_terms import index_terms, question_terms
from kb.text.words import in_order

_WRITER_BYTES = 64 << 20
_NAME_WEIGHT = 2.0
"""Of a word that is in the name of a passage's document, against one that is in the passage."""
_NEARLY = 0.8
"""Of the best name's score."""

_TWO_SLIPS = 8
"""Letters from which on a word may have two slips: in a shorter one they make it another word."""


class TantivyIndex:
    """An index under ``folder``; questions and commits may come from different threads."""

    def __init__(self, *, folder: Path, writes: bool = True) -> None:
        """``writes=False`` opens what another process writes, to be searched as of its last commit."""
        folder.mkdir(parents=True, exist_ok=True)
        self._schema = (
            tantivy.SchemaBuilder()
            .add_unsigned_field("id", indexed=True, fast=True)
            .add_text_field("collection", tokenizer_name="raw", index_option="basic")
            .add_text_field("text", tokenizer_name="segmented", index_option="freq")
            .add_text_field("phrases", tokenizer_name="parted", index_option="position")
            .add_text_field("name", tokenizer_name="parted", index_option="basic")
            .add_text_field("called", stored=True, tokenizer_name="raw", index_option="basic")
            .build()
        )
        self._folder = folder
        with self._faults():
            self._index = tantivy.Index(self._schema, path=str(folder))
        parted = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
        self._analyzer = (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
            .filter(tantivy.Filter.stemmer("english"))
            .build()
        )
        self._index.register_tokenizer("segmented", self._analyzer)
        self._index.register_tokenizer("parted", parted.build())
        self._lock = threading.Lock()
        if writes:
            with self._faults():
                self._writer  # noqa: B018 - one process at a time: whether it is this one shows here

    @cached_property
    def _writer(self) -> tantivy.IndexWriter:
        return self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)

    def _faults(self) -> AbstractContextManager[None]:
        # tantivy raises ValueError for files that it cannot open or read, RuntimeError where a thread of its own died
        return engine_faults("The index of words", self._folder, ValueError, RuntimeError)

    def add(
        self, ids: Sequence[int], texts: Sequence[str], *, collection: str, document_name: str = ""
    ) -> None:
        """Adds rows of ``document_name``, or replaces those with the same id; not visible before ``commit``.

        A word of the name counts as if it were in each row: a passage of ``Boeing_2018.pdf`` is about Boeing and
        seldom says so.
        """
        name = terms_of_name(document_name)
        day_first = writes_day_first(texts)
        rows = [
            (" ".join((*index_terms(text, day_first=day_first), *name)), " ".join(in_order(text)))
            for text in texts
        ]
        with self._lock, self._faults():
            for chunk_id, (terms, parts) in zip(ids, rows, strict=True):
                self._delete(chunk_id)
                document = tantivy.Document()
                document.add_unsigned("id", chunk_id)
                document.add_text("collection", collection)
                document.add_text("text", terms)
                document.add_text("phrases", parts)
                document.add_text("name", " ".join(name))
                document.add_text("called", document_name)
                self._writer.add_document(document)

    def delete(self, ids: Sequence[int]) -> None:
        with self._lock, self._faults():
            for chunk_id in ids:
                self._delete(chunk_id)

    def _delete(self, chunk_id: int) -> None:
        # by query: delete_documents_by_term takes the number for a signed one and finds nothing
        self._writer.delete_documents_by_query(tantivy.Query.term_query(self._schema, "id", chunk_id))

    def commit(self) -> None:
        with self._lock, self._faults():
            self._writer.commit()
            self._index.reload()

    def search(
        self,
        question: str,
        k: int,
        *,
        collection: str | None = None,
        allowed_ids: Collection[int] | None = None,
    ) -> list[tuple[int, float]]:
        terms = question_terms(question)
        if not terms:
            return []
        conditions = [] if collection is None else [self._inside(collection)]
        if allowed_ids is not None:
            conditions.append(tantivy.Query.term_set_query(self._schema, "id", sorted(allowed_ids)))
        query = _any(
            (self._text(terms), 1.0),
            (self._name(terms, question), _NAME_WEIGHT),
        )
        return self._best(query, conditions, k)

    def search_names(self, question: str, k: int, *, collection: str | None = None) -> list[int]:
        """Returns the ids of the chunks whose document's name holds most of ``question``; empty if over ``k``.

        Names that hold nearly as much count, too: a question may be about two documents.
        """
        conditions = [] if collection is None else [self._inside(collection)]
        found = self._best(self._name(question_terms(question), question), conditions, k + 1)
        near = [chunk_id for chunk_id, score in found if score >= _NEARLY * found[0][1]]
        return near if len(near) <= k else []

    def names(self, ids: Collection[int]) -> dict[int, str]:
        if not ids:
            return {}
        rows = tantivy.Query.term_set_query(self._schema, "id", sorted(ids))
        with self._faults():
            searcher = self._index.searcher()
            hits = searcher.search(rows, limit=len(ids), count=False).hits
            values = searcher.fast_field_values("id", [address for _, address in hits])
            called = [str(searcher.doc(address).get_first("called") or "") for _, address in hits]
        return {int(chunk_id or 0): name for chunk_id, name in zip(values, called, strict=True)}

    def phrase_search(self, phrases: Sequence[str], k: int, *, collection: str | None = None) -> list[int]:
        conditions = [] if collection is None else [self._inside(collection)]
        conditions += [self._phrase(phrase) for phrase in phrases]
        return [chunk_id for chunk_id, _ in self._best(tantivy.Query.all_query(), conditions, k)]

    def search_like(self, word: str, k: int, *, collection: str | None = None) -> list[int]:
        folded = "".join(in_order(word))
        distance = 2 if len(folded) >= _TWO_SLIPS else 1
        conditions = [] if collection is None else [self._inside(collection)]
        found: dict[int, None] = {}
        for with_ending in (False, True):  # words with another ending are many: the others come first
            if len(found) < k:
                query = tantivy.Query.fuzzy_term_query(
                    self._schema, "phrases", folded, distance=distance, prefix=with_ending
                )
                found |= dict.fromkeys(chunk_id for chunk_id, _ in self._best(query, conditions, k))
        return list(found)[:k]

    def highest_idf(self) -> float:
        return math.log(1 + (self._index.searcher().num_docs + 0.5) / 0.5)

    def _text(self, terms: Mapping[str, float]) -> tantivy.Query:
        weights: dict[str, float] = {}
        for term, weight in terms.items():
            for stem in self._analyzer.analyze(term):
                weights[stem] = max(weight, weights.get(stem, 0.0))
        return self._terms("text", weights)

    def _name(self, terms: Mapping[str, float], question: str) -> tantivy.Query:
        return self._terms("name", {**dict.fromkeys(variants(question), 1.0), **terms})

    def _terms(self, field: str, weights: Mapping[str, float]) -> tantivy.Query:
        return _any(
            *(
                (tantivy.Query.term_query(self._schema, field, term), weight)
                for term, weight in weights.items()
            )
        )

    def _inside(self, collection: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, "collection", collection)

    def _phrase(self, phrase: str) -> tantivy.Query:
        parts = in_order(phrase)
        if len(parts) == 1:
            return tantivy.Query.term_query(self._schema, "phrases", parts[0])
        return tantivy.Query.phrase_query(self._schema, "phrases", list(parts))

    def _best(
        self, query: tantivy.Query, conditions: Sequence[tantivy.Query], k: int
    ) -> list[tuple[int, float]]:
        """Returns the ``k`` best of ``query`` that meet the ``conditions``, which add nothing to the score."""
        unscored = [
            (tantivy.Occur.Must, tantivy.Query.const_score_query(condition, 0.0)) for condition in conditions
        ]
        if unscored:
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *unscored])
        with self._faults():
            searcher = self._index.searcher()
            hits = searcher.search(query, limit=k, count=False).hits
            ids = searcher.fast_field_values("id", [address for _, address in hits])
        return [(int(chunk_id or 0), float(score)) for (score, _), chunk_id in zip(hits, ids, strict=True)]

    def ids(self) -> set[int]:
        with self._faults():
            searcher = self._index.searcher()
            hits = searcher.search(
                tantivy.Query.all_query(), limit=max(1, searcher.num_docs), count=False
            ).hits
            values = searcher.fast_field_values("id", [address for _, address in hits])
        return {int(chunk_id or 0) for chunk_id in values}

    def close(self) -> None:
        """Waits for background merges and releases the files."""
        with self._lock, self._faults():
            self._writer.wait_merging_threads()


def _any(*queries: tuple[tantivy.Query, float]) -> tantivy.Query:
    """Returns a query for any of the queries, each with its weight: more of them, and rarer ones, score more."""
    return tantivy.Query.boolean_query(
        [(tantivy.Occur.Should, tantivy.Query.boost_query(query, weight)) for query, weight in queries]
    )
