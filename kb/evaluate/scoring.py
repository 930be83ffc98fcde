"""What one question adds to each figure: what was found, and what was answered, against what is known. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kb.evaluate import metrics
from kb.evaluate.matching import Places, found_spans, holds, ranking, squashed, statements
from kb.evaluate.questions import Question, SetKind
from kb.evaluate.statistics import Contribution
from kb.types import Answer, Hit

CHUNKS = 5
"""Passages whose characters are counted, as in the published figures of the chunking set."""

FIGURES = (
    "hit@1",
    "hit@5",
    "recall@1",
    "recall@5",
    "recall@10",
    "mrr@10",
    "ndcg@10",
    "document@1",
    "document@5",
    "page@1",
    "chunk recall@5",
    "chunk precision@5",
    "chunk iou@5",
    "answered",
    "answer contains",
    "citation precision",
    "citation recall",
    "refusal precision",
    "refusal recall",
)
"""Every figure there is, in the order in which they are shown; docs/evaluation.md explains each."""


def search_contributions(
    kind: SetKind, question: Question, hits: Sequence[Hit], places: Mapping[str, Places]
) -> dict[str, Contribution]:
    """Returns what a search adds to each figure; nothing where no gold is known.

    ``places`` holds the texts of a SPANS set by SHA-256.
    """
    if not question.gold:
        return {}
    if kind is SetKind.SPANS:
        spans = found_spans(question, hits[:CHUNKS], places)
        overlap = metrics.chunk_overlap(spans, [gold.span for gold in question.gold if gold.span])
        values = {
            "chunk recall@5": overlap.recall,
            "chunk precision@5": overlap.precision,
            "chunk iou@5": overlap.iou,
        }
    else:
        values = _rank_values(question, ranking(question, hits, kind))
        if kind is SetKind.PASSAGES:
            values |= _place_values(question, hits)
    return {name: (value, 1.0) for name, value in values.items()}


def _rank_values(question: Question, ranked: Sequence[str]) -> dict[str, float]:
    gains = {gold.id: gold.gain for gold in question.gold}
    return {
        "hit@1": metrics.hit_at(1, ranked, gains),
        "hit@5": metrics.hit_at(5, ranked, gains),
        **{f"recall@{k}": metrics.recall_at(k, ranked, gains) for k in (1, 5, 10)},
        "mrr@10": metrics.reciprocal_rank(10, ranked, gains),
        "ndcg@10": metrics.ndcg_at(10, ranked, gains),
    }


def _place_values(question: Question, hits: Sequence[Hit]) -> dict[str, float]:
    """Returns whether the right document was found at all, and whether the first hit in it names the right page."""
    documents = {gold.document for gold in question.gold if gold.document}
    right = [bool(documents & {hit.document.sha256, hit.document.name}) for hit in hits[:5]]
    values = {}
    if documents:
        values = {"document@1": float(any(right[:1])), "document@5": float(any(right))}
    pages = [gold.pages for gold in question.gold if gold.pages]
    if pages and any(right[:1]):
        named = hits[0].chunk.anchor.page
        values["page@1"] = float(named is not None and any(a <= named <= z for a, z in pages))
    return values


def answer_contributions(question: Question, answer: Answer, hits: Sequence[Hit]) -> dict[str, Contribution]:
    """Returns what an answer adds to each figure; ``hits[n - 1]`` is what its footnote ``[n]`` names."""
    unanswerable = question.answerable is False
    right = float(answer.refused and unanswerable)
    contributions: dict[str, Contribution] = {
        "refusal precision": (right, float(answer.refused)),
        "refusal recall": (right, float(unanswerable)),
    }
    if question.answerable or (question.answerable is None and (question.gold or question.answers)):
        contributions["answered"] = (float(not answer.refused), 1.0)
    if unanswerable or answer.refused:
        return contributions
    if question.answers:
        text = squashed(answer.text)
        contributions["answer contains"] = (
            float(any(squashed(each) in text for each in question.answers)),
            1.0,
        )
    if question.gold and not any(gold.span for gold in question.gold):
        contributions |= _citation_contributions(question, answer, hits)
    return contributions


def _citation_contributions(
    question: Question, answer: Answer, hits: Sequence[Hit]
) -> dict[str, Contribution]:
    """Judges footnotes by what is known to answer the question; docs/evaluation.md says what that misses."""
    golden = {
        number
        for number, hit in enumerate(hits, start=1)
        if any(holds(gold, hit.chunk, (hit.document.sha256, hit.document.name)) for gold in question.gold)
    }

    def supports(_statement: str, numbers: Sequence[int]) -> bool:
        return not golden.isdisjoint(numbers)

    claims = statements(answer.text)
    found = {
        "citation precision": metrics.citation_precision(claims, supports),
        "citation recall": metrics.citation_recall(claims, supports),
    }
    return {name: (value, 1.0) for name, value in found.items() if value is not None}
