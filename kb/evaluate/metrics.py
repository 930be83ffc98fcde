"""What a ranking, a set of chunks, a footnoted answer or a refusal is worth. Pure functions.

Ids are any hashable thing; a ranking is best first. What the values of many questions say together,
and how far they can be trusted, is in ``kb.evaluate.statistics``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Range: TypeAlias = tuple[int, int]
"""Characters from ``start`` up to, not including, ``end`` of one text."""


# --- Rankings ---------------------------------------------------------------------------------


def hit_at(k: int, ranking: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """Returns 1.0 when something relevant is among the first ``k``, else 0.0 (``success`` in trec_eval).

    https://github.com/usnistgov/trec_eval/blob/main/m_success.c
    """
    return float(any(item in relevant for item in ranking[:k]))


def recall_at(k: int, ranking: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """Returns the share of what is relevant that is among the first ``k``.

    Manning, Raghavan and Schuetze, "Introduction to Information Retrieval", 8.3,
    https://nlp.stanford.edu/IR-book/html/htmledition/evaluation-of-unranked-retrieval-sets-1.html

    Raises:
        ValueError: nothing is relevant, so there is no share of it.
    """
    if not relevant:
        raise ValueError("recall needs something relevant")
    return len(set(ranking[:k]).intersection(relevant)) / len(set(relevant))


def reciprocal_rank(k: int, ranking: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """Returns one over the rank of the first relevant item among the first ``k``; 0.0 where there is none.

    Voorhees, "The TREC-8 Question Answering Track Report" (1999),
    https://trec.nist.gov/pubs/trec8/papers/qa_report.pdf
    """
    return next((1 / place for place, item in enumerate(ranking[:k], start=1) if item in relevant), 0.0)


def ndcg_at(k: int, ranking: Sequence[str], gains: Mapping[str, float]) -> float:
    """Returns the discounted cumulative gain of the first ``k`` over that of the best possible order, 0 to 1.

    An item of grade ``g`` at rank ``i`` counts ``(2**g - 1) / log2(i + 1)``: Burges et al., "Learning to
    Rank using Gradient Descent" (ICML 2005), https://doi.org/10.1145/1102351.1102363, after Jaervelin and
    Kekaelaeinen (TOIS 2002), https://doi.org/10.1145/582415.582418. For grades 0 and 1 it is what
    trec_eval calls ``ndcg_cut``. An item that is ranked twice counts once.

    Raises:
        ValueError: no item has a gain above 0.
    """
    best = _dcg(sorted(gains.values(), reverse=True)[:k])
    if best <= 0:
        raise ValueError("nDCG needs an item with a gain above 0")
    return _dcg([gains.get(item, 0.0) for item in list(dict.fromkeys(ranking))[:k]]) / best


def _dcg(grades: Iterable[float]) -> float:
    return math.fsum((2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades, start=1))


# --- Chunks over the characters of a text -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overlap:
    """How well found chunks cover the passages that answer, each 0 to 1."""

    recall: float
    """The share of the characters of the answering passages that are in a chunk."""
    precision: float
    """The share of the chunks' characters that answer; what two chunks repeat counts twice below the line."""
    iou: float
    """Intersection over union, with repeated characters counted as often as they were found."""


def chunk_overlap(chunks: Sequence[Range], answers: Sequence[Range]) -> Overlap:
    """Returns token-level recall, precision and IoU of chunks, counted in characters.

    Smith and Troynikov, "Evaluating Chunking Strategies for Retrieval" (Chroma, 2024),
    https://research.trychroma.com/evaluating-chunking

    Raises:
        ValueError: ``answers`` cover no character.
    """
    wanted = union(answers)
    size = covered(wanted)
    if not size:
        raise ValueError("the overlap needs an answer of at least one character")
    found = sum(end - start for start, end in chunks)
    shared = covered(intersection(wanted, union(chunks)))
    return Overlap(
        recall=shared / size,
        precision=shared / found if found else 0.0,
        iou=shared / (found + size - shared) if found else 0.0,
    )


def union(ranges: Iterable[Range]) -> list[Range]:
    """Returns the characters of ``ranges``, each once: ascending and not touching; empty ranges are dropped."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def intersection(left: Sequence[Range], right: Sequence[Range]) -> list[Range]:
    """Returns the characters in both; both are ascending and do not overlap within themselves, as from ``union``."""
    shared: list[Range] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            shared.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return shared


def covered(ranges: Iterable[Range]) -> int:
    """Returns how many characters ``ranges`` hold, which must not overlap."""
    return sum(end - start for start, end in ranges)


# --- Footnotes --------------------------------------------------------------------------------

Supports: TypeAlias = Callable[[str, Sequence[int]], bool]
"""Whether a statement follows from the passages with these numbers, taken together."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer and the numbers of its footnotes, each once."""

    text: str
    citations: tuple[int, ...] = ()


def citation_recall(statements: Sequence[Statement], supports: Supports) -> float | None:
    """Returns the share of statements that their footnotes support; None where there is no statement.

    A statement without a footnote is not supported. Gao et al., "Enabling Large Language Models to
    Generate Text with Citations" (ALCE, EMNLP 2023), section 3, https://arxiv.org/abs/2305.14627
    """
    if not statements:
        return None
    return sum(_is_supported(statement, supports) for statement in statements) / len(statements)


def citation_precision(statements: Sequence[Statement], supports: Supports) -> float | None:
    """Returns the share of footnotes that are needed; None where there is no footnote.

    A footnote is not when its statement is not supported at all, or when it cannot support the
    statement alone and the other footnotes can without it. ALCE, as for ``citation_recall``.
    """
    total = working = 0
    for statement in statements:
        total += len(statement.citations)
        if not _is_supported(statement, supports):
            continue
        for number in statement.citations:
            others = [other for other in statement.citations if other != number]
            alone = supports(statement.text, [number])
            working += alone or not (others and supports(statement.text, others))
    return working / total if total else None


def _is_supported(statement: Statement, supports: Supports) -> bool:
    return bool(statement.citations) and supports(statement.text, statement.citations)
