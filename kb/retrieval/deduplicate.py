"""Near-identical passages: found often, shown once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kb.retrieval.score import Scores
from kb.text.words import fold
from kb.types import Also, Chunk, Document, Hit

if TYPE_CHECKING:
    from kb.types import Vector

_SAME_COSINE = 0.97
"""The cosine below which texts are not compared: it costs a hundredth of comparing them."""
_SAME_SHARE = 0.8
"""The share of common character runs (Jaccard) from which two texts count as one: a line more or less, a
header, other spaces."""
_RUN = 6
_NUMBER = re.compile(r"\d+")


def distinct(
    found: Iterable[tuple[Chunk, Document, float]],
    k: int,
    *,
    vectors: Mapping[int, Vector | None],
    scores: Scores,
) -> tuple[Hit, ...]:
    """Returns the first ``k`` of ``found`` that say different things; each lists the duplicates that scored worse.

    ``found`` is read no further than needed: best first, with the score of each.
    """
    hits: list[Hit] = []
    kept: list[tuple[str, Vector | None]] = []
    for chunk, document, score in found:
        alike = first_alike(chunk.text, vectors[chunk.id], kept, exactly=bool(chunk.indexed_text))
        if alike is not None:
            also = Also(
                chunk.id,
                document.id,
                document.name,
                chunk.anchor,
                collection=document.collection,
                folder=document.folder,
            )
            hits[alike] = replace(hits[alike], also=(*hits[alike].also, also))
            continue
        if len(hits) == k:
            break
        hits.append(Hit(chunk, document, score, rank=len(hits) + 1, scores=scores.of(chunk.id)))
        kept.append((chunk.text, vectors[chunk.id]))
    return tuple(hits)


def same(left: str, right: str) -> bool:
    """Returns whether two passages are near-identical. Those that differ in a number never are: it may be the point."""
    one, other = _squeezed(left), _squeezed(right)
    if one == other:
        return True
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return False
    mine, theirs = _runs(one), _runs(other)
    return len(mine & theirs) >= _SAME_SHARE * len(mine | theirs) > 0


def first_alike(
    text: str, vector: Vector | None, kept: Sequence[tuple[str, Vector | None]], *, exactly: bool = False
) -> int | None:
    """Returns the index in ``kept`` of the first passage that is near-identical to ``text``; None: there is none.

    ``exactly`` for rows of a table, which share the names of their columns and may differ in one name only.
    """
    for place, (other, others) in enumerate(kept):
        if vector is not None and others is not None and float(vector @ others) < _SAME_COSINE:
            continue
        if _squeezed(text) == _squeezed(other) if exactly else same(text, other):
            return place
    return None


def _squeezed(text: str) -> str:
    return "".join(fold(text).split())


def _runs(text: str) -> frozenset[str]:
    return frozenset(text[start : start + _RUN] for start in range(max(1, len(text) - _RUN + 1)))
