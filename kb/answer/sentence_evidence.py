"""How far a single sentence answers a question: whether what is asked is there, where its subject is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from kb.text.answer_type import expected_type, holds_type
from kb.text.content_words import root, roots
from kb.text.document_names import terms_of_name
from kb.text.scripts import HAN
from kb.text.sentences import passage_sentences
from kb.text.word_lists import word_lists
from kb.text.words import words
from kb.types import Chunk, Hit, SentenceEvidenceThresholds

_BEGINNING = 5
"""Letters of a word that its other forms share, as in the word index."""
_HAN = re.compile(f"[{HAN}]")
_LONG_NUMBER = re.compile(r"(?<=[a-z])\d{4,}(?![^\W_])")
"""At the end of a name: shorter ones are any number."""
_OTHERS = 5
"""Sentences that the best one is compared with; where fewer are read, it has no lead that tells anything."""


@dataclass(frozen=True, slots=True)
class SentenceEvidence:
    """What the sentence that answers best has of the question. Shares are of its words, weighted by rarity."""

    meaning: float
    """How far its cosine stands above the background."""
    words: float
    """The share of the question's words in it."""
    around: float
    """The share in it, the sentences beside it, its headings and its document's name."""
    passage: float
    """The share in its passage."""
    lead: float | None
    """How far its meaning stands above the next best sentences; None where there are too few."""
    lacks_type: bool
    """Whether the question asks for a date, an amount, a person, a place or a reason, and it holds none."""

    def score(self, weights: SentenceEvidenceThresholds) -> float:
        """Returns the logarithm of the odds that it answers the question."""
        return (
            weights.bias
            + weights.meaning * self.meaning
            + weights.words * self.words
            + weights.around * self.around
            + weights.passage * self.passage
            + weights.lead * (weights.usual_lead if self.lead is None else self.lead)
            + weights.lacks_type * self.lacks_type
        )


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage whose sentences were compared with the question."""

    hit: Hit
    sentences: Sequence[str]
    margins: Sequence[float]
    """How far the cosine of each stands above the background."""
    titles: frozenset[int] = frozenset()
    """Which of them only say what stands below, by their places: of the subject, and never an answer."""
    quoted_with: Mapping[int, str] = field(default_factory=dict)
    """What each is quoted with, by their places: the headings of an item, the items of a line that leads in to them."""

    def said_by(self, place: int) -> str:
        return f"{self.quoted_with.get(place, '')} {self.sentences[place]}"


def sentence_evidence(
    question: str,
    code: str,
    read: Sequence[ReadPassage],
    found: Sequence[Hit],
    weights: SentenceEvidenceThresholds,
) -> SentenceEvidence | None:
    """Returns what the sentence of ``read`` that answers best has of ``question``, in the language ``code``.

    All of ``found`` tell which words are rare. None where nothing was read or the question has no word that tells.
    """
    asked = _asked_words(question, code)
    kind = expected_type(question, code)
    every = [
        _Candidate(
            passage,
            place,
            lacks_type=kind is not None and holds_type(passage.said_by(place), kind, question, code) is False,
        )
        for passage in read
        for place in range(len(passage.sentences))
    ]
    candidates = [each for each in every if not each.only_says_what_is_below]
    if not asked or not candidates:
        return None
    rarity = _rarity(asked, found)
    within = {id(passage): _PassageWords.of(passage) for passage in read}
    lead = _lead([each.margin for each in candidates])
    of_each = []
    for each in candidates:
        said, around, whole = _shares(rarity, within[id(each.passage)], each.place)
        if len(each.passage.sentences) == 1:  # a note: nothing stands beside it that could hold the rest
            around += weights.usual_around * (1 - around)
            whole += weights.usual_passage * (1 - whole)
        of_each.append(SentenceEvidence(each.margin, said, around, whole, lead, each.lacks_type))
    return max(of_each, key=lambda evidence: evidence.score(weights))


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: ReadPassage
    place: int
    lacks_type: bool

    @property
    def only_says_what_is_below(self) -> bool:
        """Whether a date or an amount is asked for, and it is a title without one."""
        return self.lacks_type and self.place in self.passage.titles

    @property
    def margin(self) -> float:
        return self.passage.margins[self.place]


@dataclass(frozen=True, slots=True)
class _PassageWords:
    """The beginnings of the words of a passage."""

    sentences: tuple[frozenset[str], ...]
    above: frozenset[str]
    """Those of its headings and its document's name."""

    @classmethod
    def of(cls, passage: ReadPassage) -> _PassageWords:
        hit = passage.hit
        above = " ".join((*hit.chunk.heading_path, *terms_of_name(hit.document.document_name)))
        records = _records(hit.chunk)
        said = (
            f"{passage.said_by(place)} {records.get(text, '')}"
            for place, text in enumerate(passage.sentences)
        )
        return cls(tuple(_beginnings(roots(text)) for text in said), _beginnings(roots(above)))


def _records(chunk: Chunk) -> dict[str, str]:
    """Returns the rows of a table in ``chunk`` with the names of their columns, by the rows as they are written."""
    if not chunk.indexed_text:
        return {}
    rows = (" ".join(line.split()) for line in chunk.text.split("\n"))
    return dict(zip(rows, chunk.indexed_text.split("\n"), strict=False))


def what_is_asked(question: str, code: str) -> str:
    """Returns ``question`` without the word that only asks what somebody says ("What does Miller say about steel?")."""
    reports = word_lists(code).reports
    match = reports.search(question) if reports else None
    if match is None:
        return question
    start, end = match.span(next(group for group in range(1, len(match.groups()) + 1) if match.group(group)))
    return f"{question[:start]} {question[end:]}"


def _asked_words(question: str, code: str) -> frozenset[str]:
    """Returns the words that say what ``question`` is about: not those that only ask ("what percentage", "who")."""
    lists = word_lists(code)
    question = what_is_asked(question, code)
    asking = next((found for each in lists.answer_types.values() if (found := each.search(question))), None)
    rest = f"{question[: asking.start()]} {question[asking.end() :]}" if asking else question
    silent = _beginnings(frozenset(map(root, words(" ".join(lists.generic_questions)))))
    return (_beginnings(roots(rest)) or _beginnings(roots(question))) - silent


def _rarity(asked: Collection[str], found: Sequence[Hit]) -> dict[str, float]:
    """Returns how much each of the words ``asked`` tells: in how few of the sentences found it is."""
    sentences = [
        _beginnings(roots(hit.chunk.text[start:end]))
        for hit in found
        for start, end in passage_sentences(hit.chunk.text)
    ]
    within = Counter(word for sentence in sentences for word in sentence if word in asked)
    return {word: math.log(1 + (len(sentences) + 1) / (within[word] + 1)) for word in asked}


def _shares(rarity: Mapping[str, float], found: _PassageWords, place: int) -> tuple[float, float, float]:
    """Returns the shares of the question's words in a sentence, around it, and in its passage."""
    near = frozenset[str]().union(*found.sentences[max(0, place - 1) : place + 2], found.above)
    whole = frozenset[str]().union(*found.sentences, found.above)
    total = sum(rarity.values())
    said, around, passage = (
        sum(weight for word, weight in rarity.items() if word in held) / total
        for held in (found.sentences[place], near, whole)
    )
    return said, around, passage


def _lead(margins: Sequence[float]) -> float | None:
    first, *others = sorted(margins, reverse=True)
    return first - fmean(others[:_OTHERS]) if len(others) >= _OTHERS else None


def _beginnings(of: Collection[str]) -> frozenset[str]:
    """Returns the beginnings of words, and the characters of Han words: the same are cut differently elsewhere.

    So are names with a number in them, which are asked for by the number alone: 0048213 of INC0048213.
    """
    begun = {word[:_BEGINNING] if word.isalpha() else word for word in of}
    numbers = {number for word in begun for number in _LONG_NUMBER.findall(word)}
    return frozenset(begun.union(numbers, *(word for word in begun if _HAN.match(word))))
