"""Footnotes: which passage a sentence rests on, which words of it, and whether they support it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.ports import Similarity
from kb.text import sentences, words
from kb.types import Anchor, Chunk, Citation, Hit, Span

_MARK = re.compile(r"\s*[\[［【](\d{1,3}(?:\s*[,，、;]\s*\d{1,3})*)[\]］】]")
_MARKS_AT_START = re.compile(rf"(?:{_MARK.pattern})+")

SUPPORTED_WORDS = 0.5
"""The share of a sentence's words that must stand in the passage for the words alone to count as support."""
SUPPORTED_COSINE = 0.86
"""The cosine (of e5 embeddings) from which a sentence counts as said by the passage in other words."""
ATTRIBUTED_WORDS = 0.6
"""From which share of its words on a sentence without a footnote is given one."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer whose footnotes have been checked."""

    text: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A sentence of an answer: its words without marks, and the passages it names."""

    text: str
    numbers: tuple[int, ...]


def tidy_marks(text: str, passages: int) -> str:
    """Every footnote in the one form ``[n]``; numbers that name no passage go.

    Models write ``【2】``, ``[1, 3]`` and numbers of passages that they were never given.
    """

    def tidy(match: re.Match[str]) -> str:
        numbers = dict.fromkeys(int(number) for number in re.findall(r"\d+", match.group(1)))
        kept = "".join(f"[{number}]" for number in numbers if 1 <= number <= passages)
        return f" {kept}" if kept and match.group()[0].isspace() else kept

    return _MARK.sub(tidy, text)


def check(answer: str, hits: Sequence[Hit], similarity: Similarity | None = None) -> Checked:
    """Gives every footnote its quote and place, adds obvious ones, and finds sentences without support.

    ``hits[n - 1]`` is what ``[n]`` names. A sentence without a footnote gets one where a passage
    holds most of its words. ``similarity`` (None where no embedder is at hand) decides in the cases
    that words leave open: other words, another language.
    """
    answer = _attribute(tidy_marks(answer.strip(), len(hits)), hits)
    quotes: dict[int, list[tuple[int, int]]] = {}
    unsupported: list[str] = []
    for claim in _claims(answer):
        supported = False
        for number in claim.numbers:
            place, holds = _support(claim.text, hits[number - 1].chunk, similarity)
            quotes.setdefault(number, []).append(place)
            supported = supported or holds
        if claim.numbers and not supported:
            unsupported.append(claim.text)
    citations = tuple(_citation(number, hits[number - 1], quotes[number]) for number in sorted(quotes))
    return Checked(answer, citations, tuple(unsupported))


def _sentences_with_marks(answer: str) -> list[tuple[int, int]]:
    """Sentences of an answer; marks that stand behind the full stop belong to the sentence before."""
    found: list[tuple[int, int]] = []
    for start, end in sentences(answer):
        marks = _MARKS_AT_START.match(answer, start)
        if marks and found:
            found[-1] = (found[-1][0], min(marks.end(), end))
            start = marks.end()
            while start < end and answer[start].isspace():
                start += 1
        if start < end:
            found.append((start, end))
    return found


def _claims(answer: str) -> list[_Claim]:
    claims = []
    for start, end in _sentences_with_marks(answer):
        sentence = answer[start:end]
        numbers = tuple(dict.fromkeys(int(match.group(1)) for match in _MARK.finditer(sentence)))
        claims.append(_Claim(_MARK.sub("", sentence).strip(), numbers))
    return claims


def _attribute(answer: str, hits: Sequence[Hit]) -> str:
    """``answer`` with a footnote at each sentence that has none and whose words stand in a passage."""
    if not hits:
        return answer
    vocabularies = [frozenset(words(hit.chunk.text)) for hit in hits]
    pieces: list[str] = []
    done = 0
    for start, end in _sentences_with_marks(answer):
        sentence = answer[start:end]
        terms = frozenset(words(sentence))
        if not _MARK.search(sentence) and len(terms) >= 3:
            shares = [len(terms & vocabulary) / len(terms) for vocabulary in vocabularies]
            best = max(range(len(hits)), key=lambda index: shares[index])
            if shares[best] >= ATTRIBUTED_WORDS:
                pieces += [answer[done:end], f" [{best + 1}]"]
                done = end
    return "".join(pieces) + answer[done:]


def _support(claim: str, chunk: Chunk, similarity: Similarity | None) -> tuple[tuple[int, int], bool]:
    """The sentence of ``chunk`` that says most of ``claim``, as (start, end), and whether it is enough."""
    places = sentences(chunk.text) or [(0, len(chunk.text))]
    terms = frozenset(words(claim))
    if not terms:
        return places[0], True
    shares = [len(terms & frozenset(words(chunk.text[start:end]))) / len(terms) for start, end in places]
    best = max(range(len(places)), key=lambda index: shares[index])
    in_passage = len(terms & frozenset(words(chunk.text))) / len(terms)
    if shares[best] >= SUPPORTED_WORDS or similarity is None:
        return places[best], in_passage >= SUPPORTED_WORDS
    cosines = similarity(claim, [chunk.text[start:end] for start, end in places])
    nearest = max(range(len(places)), key=lambda index: cosines[index] + shares[index])
    return places[nearest], in_passage >= SUPPORTED_WORDS or cosines[nearest] >= SUPPORTED_COSINE


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
    """The spans of ``chunk`` that ``text[start:end]`` touches."""
    return [span for span in chunk.spans if span.start < end and span.end > start]
