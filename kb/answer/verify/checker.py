"""Citations: which words of a passage a sentence rests on, and whether they support it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.answer.citation_marks import Claim, annotated, claims
from kb.answer.verify.support import SHORT, judge
from kb.config.thresholds import default_thresholds
from kb.ports import Similarity
from kb.text.document_names import terms_of_name
from kb.text.sentences import is_question, passage_sentences
from kb.text.words import words
from kb.types import Anchor, CheckedSentence, Chunk, Citation, Hit, Span, Support

_CLOSEST = 3
"""How many passages are offered in place of an answer."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer whose citations have been checked."""

    text: str
    citations: tuple[Citation, ...]
    checks: tuple[CheckedSentence, ...]

    @property
    def unsupported(self) -> tuple[str, ...]:
        """The sentences that their passages do not support."""
        return tuple(check.sentence for check in self.checks if check.support is Support.UNSUPPORTED)


def check(answer: str, hits: Sequence[Hit], similarity: Similarity | None = None) -> Checked:
    """Gives every citation its quote and place, adds obvious ones, and judges how well each sentence is supported.

    ``hits[n - 1]`` is what ``[n]`` names. ``similarity`` (None where no embedder is at hand) decides in
    the cases that words leave open: other words, another language.
    """
    answer = annotated(answer, hits)
    cited = _cited(answer)
    cosines = _cosines(cited, hits, similarity)
    thresholds = (similarity.thresholds if similarity else default_thresholds()).attribution
    quotes: dict[int, list[tuple[int, int]]] = {}
    checks: list[CheckedSentence] = []
    for index, (claim, meant) in enumerate(cited):
        named = [hits[number - 1] for number in claim.numbers]
        passages = [hit.chunk.text for hit in named]
        own = [cosines[number][index] for number in claim.numbers]
        verdict = judge(meant, passages, own, thresholds=thresholds, about=" ".join(map(_about, named)))
        for number, place in zip(claim.numbers, verdict.places, strict=True):
            quotes.setdefault(number, []).append(place)
        checks.append(
            CheckedSentence(
                sentence=claim.text,
                start=claim.start,
                end=claim.end,
                numbers=claim.numbers,
                support=verdict.support,
                reason=verdict.reason,
            )
        )
    citations = tuple(_citation(number, hits[number - 1], quotes[number]) for number in sorted(quotes))
    return Checked(answer, citations, tuple(checks))


def closest(question: str, hits: Sequence[Hit], similarity: Similarity | None = None) -> tuple[Citation, ...]:
    """Returns the passages nearest to an unanswerable question, each with its nearest sentence."""
    nearest = hits[:_CLOSEST]
    places = [passage_sentences(hit.chunk.text) for hit in nearest]
    texts = [
        hit.chunk.text[start:end] for hit, found in zip(nearest, places, strict=True) for start, end in found
    ]
    cosines = similarity.to_question(question, texts) if similarity else [0.0] * len(texts)
    citations = []
    for number, (hit, found) in enumerate(zip(nearest, places, strict=True), start=1):
        own, cosines = cosines[: len(found)], cosines[len(found) :]
        best = max(range(len(found)), key=lambda index: own[index])
        citations.append(_citation(number, hit, [found[best]]))
    return tuple(citations)


def _cited(answer: str) -> list[tuple[Claim, str]]:
    """Returns the sentences with citations, and the claim of each: one behind a question includes the question."""
    found = claims(answer)
    asked = [""] + [claim.text if is_question(claim.text) and not claim.numbers else "" for claim in found]
    return [
        (claim, f"{question} {claim.text}" if question and len(words(claim.text)) <= SHORT else claim.text)
        for claim, question in zip(found, asked, strict=False)
        if claim.numbers
    ]


def _cosines(
    cited: Sequence[tuple[Claim, str]], hits: Sequence[Hit], similarity: Similarity | None
) -> dict[int, list[list[float]]]:
    """Returns for each citation, for each claim, the cosines with the sentences of the passage: all in one batch."""
    numbers = sorted({number for claim, _ in cited for number in claim.numbers})
    texts = {number: _texts(hits[number - 1].chunk.text) for number in numbers}
    together = [text for number in numbers for text in texts[number]]
    if similarity is None or not together:
        return {number: [[0.0] * len(texts[number]) for _ in cited] for number in numbers}
    rows = similarity.between([meant for _, meant in cited], together)
    found: dict[int, list[list[float]]] = {}
    start = 0
    for number in numbers:
        end = start + len(texts[number])
        found[number] = [[float(cosine) for cosine in row[start:end]] for row in rows]
        start = end
    return found


def _about(hit: Hit) -> str:
    """Returns the headings above a passage: a claim may name its document and chapter, the passage need not."""
    return " ".join((*hit.chunk.heading_path, *terms_of_name(hit.document.document_name)))


def _texts(passage: str) -> list[str]:
    return [passage[start:end] for start, end in passage_sentences(passage)]


def _citation(number: int, hit: Hit, places: Sequence[tuple[int, int]]) -> Citation:
    chosen = sorted(set(places))
    spans = [span for start, end in chosen for span in spans_within(hit.chunk, start, end)]
    return Citation(
        n=number,
        chunk_id=hit.chunk.id,
        document_id=hit.document.id,
        document=hit.document.name,
        anchor=Anchor.of(spans or hit.chunk.spans, hit.chunk.heading_path),
        quote=" … ".join(hit.chunk.text[start:end] for start, end in chosen),
    )


def spans_within(chunk: Chunk, start: int, end: int) -> list[Span]:
    """Returns the spans of ``chunk`` that ``text[start:end]`` touches."""
    return [span for span in chunk.spans if span.start < end and span.end > start]
