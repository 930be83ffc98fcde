"""The documents that a question names rather than others of nearly the same name: their passages come first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

from kb.ports import LexicalIndex
from kb.state.candidates import Candidate
from kb.text.name_match import match_name

_LOOKED_AT = 50
"""Passages, the best ones, whose documents are compared by their names: others are not shown."""


def settled_by_name(
    fused: Sequence[tuple[int, float]],
    question: str,
    documents: Mapping[int, str],
    *,
    lexical: LexicalIndex,
    penalty: float,
) -> list[tuple[int, float]]:
    """Returns (chunk id, score), best first, ``penalty`` taken from each passage whose document is not the named one.

    That is one of which the question says a part of the name while it says more of the name of another one that was
    found. Documents of which it says no name stay: what is asked may stand anywhere. ``documents`` holds the document
    of each chunk.
    """
    one_of_each = {documents[chunk_id]: chunk_id for chunk_id, _ in islice(fused, _LOOKED_AT)}
    names = lexical.names(one_of_each.values())
    said = {
        document: match_name(question, names[chunk_id])
        for document, chunk_id in one_of_each.items()
        if chunk_id in names
    }
    distinct = frozenset(said.values())
    passed_over = {
        document for document, match in said.items() if any(other.means_rather(match) for other in distinct)
    }
    if not passed_over:
        return list(fused)
    settled = [
        (chunk_id, score - penalty if documents[chunk_id] in passed_over else score)
        for chunk_id, score in fused
    ]
    return sorted(settled, key=lambda item: (-item[1], item[0]))


def evened_by_document(
    whole: Mapping[int, float],
    rest: Mapping[int, float],
    passages: Iterable[Candidate],
    named_ids: Collection[int],
) -> dict[int, float]:
    """Returns the scores ``whole`` of a question, in which the passages of a document that it names all have as much
    from the name as the one that has most; what is left is ``rest``, the scores of the question without the name.

    A cover says the name three times and answers nothing; most passages of a report do not say it.
    """
    named = [passage for passage in passages if passage.chunk_id in named_ids]
    most: dict[str, float] = {}
    for each in named:
        from_name = whole.get(each.chunk_id, 0.0) - rest.get(each.chunk_id, 0.0)
        most[each.document_id] = max(from_name, most.get(each.document_id, 0.0))
    evened = {each.chunk_id: rest.get(each.chunk_id, 0.0) + most[each.document_id] for each in named}
    return {**whole, **evened}
