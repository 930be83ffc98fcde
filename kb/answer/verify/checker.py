"""Citations: which words of a passage a sentence rests on, and whether they support it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.answer.citation_marks import Claim, annotated, claims
from kb.answer.verify.contradictions import SHORT
from kb.answer.verify.factual import is_factual
from kb.answer.verify.support import Verdict, judge
from kb.config.thresholds import default_thresholds
from kb.ports import Similarity
from kb.text.document_names import terms_of_name
from kb.text.item_numbers import without_item_number
from kb.text.sentences import is_question, passage_sentences
from kb.text.words import words
from kb.types import (
    BETWEEN_QUOTES,
    Anchor,
    AttributionThresholds,
    CheckedSentence,
    Citation,
    Hit,
    Support,
)

_CLOSEST = 3
"""How many passages are offered in place of an answer."""
_CANDIDATES = 3
"""Passages that a sentence without a footnote is compared with: those that share most of its words."""


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
    """Gives every citation its quote and place, and judges how well each factual sentence is supported.

    ``hits[n - 1]`` is what ``[n]`` names. A sentence without a footnote gets that of the passage which supports it;
    where none does, it is judged by the one that comes nearest. ``similarity`` (None where no embedder is at hand)
    decides in the cases that words leave open: other words, another language.
    """
    answer = annotated(answer, hits)
    found = _statements(answer, hits)
    cosines = _cosines(found, hits, similarity)
    thresholds = (similarity.thresholds if similarity else default_thresholds()).attribution
    text = _Growing(answer)
    quotes: dict[int, list[tuple[int, int]]] = {}
    checks: list[CheckedSentence] = []
    for index, statement in enumerate(found):
        rows = {number: cosines[number][index] for number in statement.candidates}
        numbers, verdict = _best_verdict(statement, hits, rows, thresholds)
        is_given = not statement.claim.numbers and verdict.support is Support.SUPPORTED
        start, end = text.place(statement.claim, given=numbers[0] if is_given else None)
        cited = numbers if is_given else statement.claim.numbers
        places = list(zip(numbers, verdict.places, strict=True)) if cited else []
        for number, place in places:
            quotes.setdefault(number, []).append(place)
        checks.append(
            CheckedSentence(
                sentence=statement.claim.text,
                start=start,
                end=end,
                numbers=cited,
                support=verdict.support,
                reason=verdict.reason,
                difference=verdict.difference,
                evidence=tuple(citation_of(number, hits[number - 1], [place]) for number, place in places),
            )
        )
    citations = tuple(citation_of(number, hits[number - 1], quotes[number]) for number in sorted(quotes))
    return Checked(text.text, citations, tuple(checks))


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
        citations.append(citation_of(number, hit, [found[best]]))
    return tuple(citations)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A sentence of an answer that is checked."""

    claim: Claim
    meant: str
    """What it says; behind a question with the question."""
    candidates: tuple[int, ...]
    """The footnotes it carries; without any, the passages that may support it."""


class _Growing:
    """An answer into which footnotes are put, from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._added = 0

    def place(self, claim: Claim, *, given: int | None) -> tuple[int, int]:
        """Returns where a sentence stands, with the footnote that it is ``given`` at its end."""
        start, end = claim.start + self._added, claim.end + self._added
        if given is not None:
            mark = f" [{given}]"
            self.text = self.text[:end] + mark + self.text[end:]
            self._added += len(mark)
            end += len(mark)
        return start, end


def _statements(answer: str, hits: Sequence[Hit]) -> list[_Statement]:
    """Returns the factual sentences, and those with footnotes whatever they say."""
    found = claims(answer, len(hits))
    asked = [""] + [claim.text if is_question(claim.text) and not claim.numbers else "" for claim in found]
    vocabularies = [frozenset(words(hit.chunk.text)) for hit in hits]
    statements = []
    for claim, question in zip(found, asked, strict=False):
        meant = (
            f"{question} {without_item_number(claim.text)}"
            if question and len(words(claim.text)) <= SHORT
            else claim.text
        )
        if claim.numbers:
            statements.append(_Statement(claim, meant, claim.numbers))
        elif hits and is_factual(claim.text):
            statements.append(_Statement(claim, meant, _nearest(meant, vocabularies)))
    return statements


def _nearest(claim: str, vocabularies: Sequence[frozenset[str]]) -> tuple[int, ...]:
    """Returns the numbers of the passages with most of a sentence's words; of equal ones the first."""
    asked = frozenset(words(claim))
    order = sorted(range(len(vocabularies)), key=lambda index: -len(asked & vocabularies[index]))
    return tuple(index + 1 for index in order[:_CANDIDATES])


def _best_verdict(
    statement: _Statement,
    hits: Sequence[Hit],
    rows: dict[int, list[float]],
    thresholds: AttributionThresholds,
) -> tuple[tuple[int, ...], Verdict]:
    """Returns the passages that a statement is judged by, and the verdict: all that it cites, else the best one."""
    cited = statement.claim.numbers
    tried = [cited] if cited else [(number,) for number in statement.candidates]

    def verdict_on(numbers: tuple[int, ...]) -> Verdict:
        named = [hits[number - 1] for number in numbers]
        about = " ".join(map(_about, named))
        passages = [hit.chunk.text for hit in named]
        return judge(
            statement.meant,
            passages,
            [rows[number] for number in numbers],
            thresholds=thresholds,
            about=about,
        )

    verdicts = [(numbers, verdict_on(numbers)) for numbers in tried]
    order = list(Support)
    return min(verdicts, key=lambda each: (order.index(each[1].support), -each[1].score))


def _cosines(
    found: Sequence[_Statement], hits: Sequence[Hit], similarity: Similarity | None
) -> dict[int, list[list[float]]]:
    """Returns for each passage, for each statement, the cosines with the sentences of the passage: all in one batch."""
    numbers = sorted({number for statement in found for number in statement.candidates})
    texts = {number: _texts(hits[number - 1].chunk.text) for number in numbers}
    together = [text for number in numbers for text in texts[number]]
    if similarity is None or not together:
        return {number: [[0.0] * len(texts[number]) for _ in found] for number in numbers}
    rows = similarity.between([statement.meant for statement in found], together)
    cosines: dict[int, list[list[float]]] = {}
    start = 0
    for number in numbers:
        end = start + len(texts[number])
        cosines[number] = [[float(cosine) for cosine in row[start:end]] for row in rows]
        start = end
    return cosines


def _about(hit: Hit) -> str:
    """Returns the headings above a passage: a claim may name its document and chapter, the passage need not."""
    return " ".join((*hit.chunk.heading_path, *terms_of_name(hit.document.document_name)))


def _texts(passage: str) -> list[str]:
    return [passage[start:end] for start, end in passage_sentences(passage)]


def citation_of(number: int, hit: Hit, places: Iterable[tuple[int, int]]) -> Citation:
    """Returns footnote ``number``, which quotes the ranges ``places`` of the passage of ``hit``."""
    chosen = sorted(set(places))
    touched = [span for start, end in chosen for span in hit.chunk.spans_within(start, end)]
    spans = [span for span in touched if span.place is not None]  # not names of columns that are repeated
    return Citation(
        n=number,
        chunk_id=hit.chunk.id,
        document_id=hit.document.id,
        document=hit.document.name,
        anchor=Anchor.of(spans or hit.chunk.spans, hit.chunk.heading_path),
        quote=BETWEEN_QUOTES.join(hit.chunk.text[start:end] for start, end in chosen),
        told_apart=hit.told_apart,
    )
