"""How well each unit of the passages answers a question: by meaning, and by the question's words that it holds."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kb.answer.quote.lines import UnitKind
from kb.answer.quote.units import Unit, squeezed, units_of
from kb.ports import Similarity
from kb.text.content_words import root, stop_words
from kb.text.dates import dates
from kb.text.document_names import terms_of_name
from kb.text.identifiers import signed_names
from kb.text.numerals import plain_number
from kb.text.weekdays import weekdays, weekdays_covered
from kb.text.words import words
from kb.types import Hit

_BEGINNING = 5
"""Letters of a word's beginning that are compared, as in the index of words."""
_ALONE = 0.1
_WITHOUT_YEAR = "--"
_WEEKDAY = "weekday "
"""Before its number: no word has a space in it."""
_LOOSE = 0.6
"""What a word that only begins alike counts against the word itself."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit with what it is worth for a question."""

    hit: int
    """Its passage, by its place among the hits."""
    index: int
    """Its place among the units of its passage."""
    unit: Unit
    text: str
    """On one line, without what stands above it."""
    held: frozenset[int]
    """The words of the question that it holds, by their places."""
    above: tuple[frozenset[int], ...]
    """Those that each piece that stands above it holds, and it does not."""
    score: float
    words: float = 0.0
    """The share of the question's words that it holds together with what stands above it, rare ones counting more."""

    @property
    def held_above(self) -> frozenset[int]:
        return frozenset().union(*self.above)


@dataclass(frozen=True, slots=True)
class AskedWords:
    """The words of a question that tell something, each with the forms it may have elsewhere."""

    forms: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, question: str) -> AskedWords:
        """Returns the words of ``question``; a date is one word, and all words are taken where every one is silent."""
        rest = unicodedata.normalize("NFKC", question)
        for written in sorted(dates(rest), key=lambda date: -date.start):
            rest = f"{rest[: written.start]} {rest[written.end :]}"
        of_week = weekdays(rest)
        for start, end, _ in reversed(of_week):
            rest = f"{rest[:start]} {rest[end:]}"
        told = list(dict.fromkeys(words(rest)))
        forms = [frozenset(_forms(word)) for word in [w for w in told if w not in stop_words()] or told]
        forms += [frozenset({name}) for name in dict.fromkeys(signed_names(rest))]
        forms += [frozenset({_weekday(day)}) for day in dict.fromkeys(day for *_, day in of_week)]
        days = _days(question)
        with_year = frozenset(day for day in days if not day.startswith(_WITHOUT_YEAR))
        return cls((*forms, with_year or days) if days else tuple(forms))

    def held_by(self, terms: frozenset[str]) -> dict[int, float]:
        """Returns the words of the question that ``terms`` hold, by their places, with how well."""
        found = {}
        for place, forms in enumerate(self.forms):
            if same := forms & terms:
                found[place] = _LOOSE if all(form.endswith("*") for form in same) else 1.0
        return found


def terms_of(text: str) -> frozenset[str]:
    """Returns the forms of the words of ``text``, its dates in one form, and what signs tell apart (C++ and C#).

    A day of the week is one whatever its name is, and "Mon-Thu" holds four.
    """
    own = {form for word in words(text) for form in _forms(word)}
    own.update(map(_weekday, weekdays_covered(text)))
    return frozenset(own) | _days(text) | frozenset(signed_names(text))


def days_of(text: str) -> frozenset[str]:
    """Returns the days that ``text`` names, in one form each: of the month, and of the week, with those of a span."""
    return _days(text) | frozenset(map(_weekday, weekdays_covered(text)))


def _weekday(day: int) -> str:
    return f"{_WEEKDAY}{day}"


def _days(text: str) -> frozenset[str]:
    """Returns the days that ``text`` names, in one form with the year and one without."""
    return frozenset(
        form
        for written in dates(unicodedata.normalize("NFKC", text))
        for day in written.readings
        if day.day is not None
        for form in day.forms
        if form.count("-") > 1
    )


def _forms(word: str) -> list[str]:
    if not word.isascii() or not word.isalpha():
        return [word, plain_number(word)]
    return [word, f"{root(word)}~", *([f"{word[:_BEGINNING]}*"] if len(word) >= _BEGINNING else [])]


def scored_units(question: str, hits: Sequence[Hit], similarity: Similarity) -> list[Scored]:
    """Returns every unit of ``hits`` that can be quoted, best first."""
    places = [(n, i, unit) for n, hit in enumerate(hits) for i, unit in enumerate(units_of(hit.chunk))]
    whole = [place for place in places if place[2].kind is not UnitKind.PIECE]
    places = whole or places
    asked = AskedWords.of(question)
    texts = [squeezed(hits[n].chunk.text[unit.start : unit.end]) for n, _, unit in places]
    own = [asked.held_by(terms_of(text)) for text in texts]
    above = [[asked.held_by(terms_of(text)) for text in _above(hits[n], unit)] for n, _, unit in places]
    around = [asked.held_by(terms_of(hit.chunk.embedded_text)) for hit in hits]
    named = [asked.held_by(_terms_of_document(hit)) for hit in hits]
    weights = _weights(asked, own)
    cosines = similarity.to_question(question, texts)
    beside = _beside(places, cosines)
    top = max((hit.score for hit in hits), default=0.0) or 1.0
    value = similarity.thresholds.quoting
    found = []
    for (n, index, unit), text, held, over, cosine, near in zip(
        places, texts, own, above, cosines, beside, strict=True
    ):
        together = {**named[n], **{place: how for one in over for place, how in one.items()}, **held}
        share = _share(together, weights)
        score = (
            cosine
            + value.sentence_words * share
            + value.passage_words * _share(around[n], weights)
            + value.passage_rank * hits[n].score / top
            + value.passage_meaning * _cosine(hits[n])
            + value.neighbour * near
        )
        found.append(
            Scored(
                hit=n,
                index=index,
                unit=unit,
                text=text,
                held=frozenset(held),
                above=tuple(frozenset(one) - frozenset(held) for one in over),
                score=score,
                words=share,
            )
        )
    return sorted(found, key=lambda one: (-one.score, one.hit, one.index))


def _beside(places: Sequence[tuple[int, int, Unit]], cosines: Sequence[float]) -> list[float]:
    """Returns for each unit the cosine of the better one beside it: what answers stands among what is about the same.

    Rows and lines do not lean on each other; theirs is their own, and that of a lone sentence a little below the best.
    """
    known = {(n, index): cosine for (n, index, _), cosine in zip(places, cosines, strict=True)}
    alone = max(cosines, default=0.0) - _ALONE
    return [
        max((known[key] for key in ((n, index - 1), (n, index + 1)) if key in known), default=alone)
        if unit.kind is UnitKind.SENTENCE
        else own
        for (n, index, unit), own in zip(places, cosines, strict=True)
    ]


def _terms_of_document(hit: Hit) -> frozenset[str]:
    """Returns what the name of a document says, for a passage that its title does not stand above."""
    if not hit.chunk.position or hit.chunk.heading_path:
        return frozenset()
    return terms_of(" ".join(terms_of_name(hit.document.document_name)))


def _cosine(hit: Hit) -> float:
    return hit.scores.get("cosine", hit.scores.get("dense", 0.0))


def _above(hit: Hit, unit: Unit) -> list[str]:
    return [hit.chunk.text[start:end] for start, end in unit.above]


def _weights(asked: AskedWords, own: Sequence[Mapping[int, float]]) -> list[float]:
    """Returns what each word of the question weighs: more where few units hold it, and nothing where none does.

    A word that stands nowhere tells none of them apart; counted all the same, it would only shrink the others.
    """
    counts = Counter(place for held in own for place in held)
    return [math.log(1 + (len(own) + 0.5) / (counts[place] + 0.5)) for place in range(len(asked.forms))]


def _share(held: Mapping[int, float], weights: Sequence[float]) -> float:
    total = sum(weights)
    return sum(weights[place] * count for place, count in held.items()) / total if total else 0.0
