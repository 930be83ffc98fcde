"""Whether the passages found are about the question, and whether one of their sentences answers it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from statistics import fmean

from kb.answer.quote.units import Unit, units_of
from kb.answer.sentence_evidence import ReadPassage, SentenceEvidence, sentence_evidence, what_is_asked
from kb.ports import Similarity
from kb.text.content_words import roots
from kb.text.document_names import terms_of_name
from kb.text.language import language
from kb.text.probes import BACKGROUND_LANGUAGES, background_sentences, generic_questions
from kb.text.sentences import passage_sentences
from kb.types import AnswerabilityThresholds, Hit, Refusals, SentenceEvidenceThresholds

_LOOKED_AT = 3
"""Passages of which one may hold the words of the question."""
_READ = 2
"""Passages whose sentences tell whether they are about the question, in each language: eight tell no more, and take
four times as long."""
_SEARCHED = 3
"""Passages in the question's language that a sentence may answer it from."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How strongly the best passages are about a question."""

    own: float
    """The score of passages in the question's language; unanswerable questions are below ``thresholds.own``."""
    translated: float
    """The score of those in other languages: below ``thresholds.translated``, or ``thresholds.behind``."""
    own_first: bool
    """Whether the best passage is in the question's language."""
    thresholds: AnswerabilityThresholds
    sentence_thresholds: SentenceEvidenceThresholds
    sentence: SentenceEvidence | None = None
    """What the best sentence in the question's language has of it; None where nothing can be told of one."""

    @property
    def is_about(self) -> bool:
        """Whether the passages are about the question: as a whole, or one sentence that clearly answers it."""
        return self.own >= self.thresholds.own or self.has_translation or self._sentence_is_clear

    @property
    def _sentence_is_clear(self) -> bool:
        weights = self.sentence_thresholds
        return self.sentence is not None and self.sentence.score(weights) >= weights.clear

    @property
    def has_translation(self) -> bool:
        """Whether passages in another language are: their words tell nothing."""
        asked = self.thresholds
        return self.translated >= (asked.behind if self.own_first else asked.translated)

    def is_enough(self, refusals: Refusals, *, names_a_row: bool = False) -> bool:
        """Returns whether the question may be answered from what was found, for who sets ``refusals``.

        ``names_a_row``: the passages are about it, however far their meaning is from it, and the cells of that row say
        too little to be asked for more, unless by who is careful.
        """
        if not (names_a_row or self.is_about):
            return False
        asks_more = refusals == "careful" or (refusals == "balanced" and not names_a_row)
        if not asks_more or self.sentence is None or self.has_translation:
            return True
        weights = self.sentence_thresholds
        return self.sentence.score(weights) >= (
            weights.careful if refusals == "careful" else weights.balanced
        )


def evidence(question: str, hits: Sequence[Hit], similarity: Similarity, *, first: bool = False) -> Evidence:
    """Returns how far the best passage and sentence are above the background of unrelated sentences.

    The sum of two margins: that of the best passage's cosine over the mean of those with sentences about
    nothing in particular in its language, and that of the best sentence's, as shares of what there is room for
    above that mean: 1 would be the question itself, however wide the cosines of a language or model lie. A
    long passage is a little like many questions, and a short sentence may be by chance; seldom both. For
    passages in the question's language the share of its words that one of them holds is added.

    ``first`` reads the sentences of the first passage in the question's language alone, at a third of the cost: what
    it finds is the least that reading all of them would.
    """
    languages = [language(hit.chunk.text) for hit in hits]
    asked_in = language(question, likely=languages)
    known = list(zip(hits, languages, strict=True))
    own = [(hit, code) for hit, code in known if code == asked_in]
    others = [(hit, code) for hit, code in known if code != asked_in]
    background = _Background(question, asked_in, languages, similarity)
    searched = own[: 1 if first else _SEARCHED]
    parts = [_sentences(hit) for hit, _ in (*searched, *(() if first else others[:_READ]))]
    cosines = similarity.to_question(question, [text for part in parts for text in part])
    compared = _split(cosines, [len(part) for part in parts])
    thresholds, weights = similarity.thresholds.answerability, similarity.thresholds.sentence_evidence
    asked = roots(what_is_asked(question, asked_in))
    held = max((len(asked & _held(hit)) for hit in hits[:_LOOKED_AT]), default=0)
    read = [
        background.read(hit, part, some)
        for (hit, _), part, some in zip(searched, parts, compared, strict=False)
    ]
    sentence = sentence_evidence(question, asked_in, read, hits, weights)
    if first and sentence is not None:
        sentence = replace(sentence, lead=0.0)  # over sentences that are not read yet, which is never less
    return Evidence(
        own=background.margins(own, compared[: len(searched[:_READ])])
        + thresholds.words * held / max(1, len(asked)),
        translated=0.0 if first else background.margins(others, compared[len(searched) :]),
        own_first=bool(languages) and languages[0] == asked_in,
        thresholds=thresholds,
        sentence_thresholds=weights,
        sentence=sentence,
    )


def is_unanswerable(
    question: str,
    hits: Sequence[Hit],
    similarity: Similarity,
    *,
    refusals: Refusals = "balanced",
    names_a_row: bool = False,
) -> bool:
    """Returns true when the best passages have too little to do with ``question``, or no sentence that answers it.

    How much is asked of a sentence is what ``refusals`` sets: "generous" asks only for passages about the question, and
    one of which a row is about what it names (``names_a_row``) is.
    """
    if not hits:
        return True
    at_first = evidence(question, hits, similarity, first=True)
    if at_first.sentence is not None and at_first.is_enough(refusals, names_a_row=names_a_row):
        return False
    return not evidence(question, hits, similarity).is_enough(refusals, names_a_row=names_a_row)


class _Background:
    """The background cosines of one question: its similarity to sentences about nothing in particular."""

    def __init__(
        self, question: str, asked_in: str, languages: Collection[str], similarity: Similarity
    ) -> None:
        """Compares ``question`` with ``background_sentences``, and with questions about nothing for languages
        that they are not in: how much nearer it is to those than to the same in English and Chinese.
        """
        self._asked_in = asked_in
        unknown = sorted({asked_in, *languages} - set(BACKGROUND_LANGUAGES))
        asking = [generic_questions()[code] for code in (*BACKGROUND_LANGUAGES, *unknown)] if unknown else []
        texts = [text for pair in background_sentences() for text in pair]
        cosines = similarity.to_question(question, [*texts, *(text for some in asking for text in some)])
        strange = cosines[: len(texts)]
        means = [fmean(part) for part in _split(cosines[len(texts) :], [len(some) for some in asking])]
        self._of = {code: fmean(strange[place::2]) for place, code in enumerate(BACKGROUND_LANGUAGES)}
        for code, mean in zip(unknown, means[len(BACKGROUND_LANGUAGES) :], strict=True):
            self._of[code] = fmean(strange) + mean - fmean(means[: len(BACKGROUND_LANGUAGES)])

    def margins(self, hits: Sequence[tuple[Hit, str]], sentences: Sequence[Sequence[float]]) -> float:
        """Returns the margins of the best of ``hits``, each with its language, and of the best of their sentences.

        A margin is a share of the way from the background to the question's own words. 0 without a passage; where
        a heavy model leaves sentences out, the passage's margin stands in.
        """
        if not hits:
            return 0.0
        passage = max(self._margin(_cosine(hit), code) for hit, code in hits)
        # ``sentences`` are those of the first hits only
        read = [self._margin(max(some), hits[place][1]) for place, some in enumerate(sentences) if any(some)]
        return passage + max(read, default=passage)

    def read(self, hit: Hit, sentences: Sequence[str], cosines: Sequence[float]) -> ReadPassage:
        """Returns ``hit``, in the question's language, with those of its sentences that there was time for."""
        there = [place for place, cosine in enumerate(cosines) if cosine]
        margins = [self._margin(cosines[place], self._asked_in) for place in there]
        units = _units_of_sentences(hit)
        quoted = [units[place] for place in there]
        titles = frozenset(number for number, unit in enumerate(quoted) if unit is None)
        return ReadPassage(
            hit,
            [sentences[place] for place in there],
            margins,
            titles if len(titles) < len(quoted) else frozenset(),
            {number: _beside(hit, unit) for number, unit in enumerate(quoted) if unit is not None},
        )

    def _margin(self, cosine: float, code: str) -> float:
        return (cosine - self._of[code]) / (1 - self._of[code])


def _split(values: Sequence[float], lengths: Sequence[int]) -> list[Sequence[float]]:
    ends = list(accumulate(lengths))
    return [values[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def _sentences(hit: Hit) -> list[str]:
    """Returns the sentences of ``hit`` as the extractive answer writes them, so that each is embedded once."""
    return [" ".join(hit.chunk.text[start:end].split()) for start, end in passage_sentences(hit.chunk.text)]


def _units_of_sentences(hit: Hit) -> list[Unit | None]:
    """Returns what is quoted where each sentence of ``hit`` is wanted; None for one that no quote holds."""
    units = units_of(hit.chunk)
    return [
        next((unit for unit in units if unit.start < end and start < unit.end), None)
        for start, end in passage_sentences(hit.chunk.text)
    ]


def _beside(hit: Hit, unit: Unit) -> str:
    """Returns what ``unit`` is quoted with, whatever the question's words are."""
    return " ".join(hit.chunk.text[start:end] for start, end in (*unit.needed, *unit.below))


def _held(hit: Hit) -> frozenset[str]:
    return roots(f"{hit.chunk.embedded_text}\n{' '.join(terms_of_name(hit.document.document_name))}")


def _cosine(hit: Hit) -> float:
    """Returns the question's cosine with the passage alone; 0 where it is not known."""
    return hit.scores.get("cosine", hit.scores.get("dense", 0.0))
