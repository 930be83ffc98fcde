"""The thresholds and weights that were measured, as one value for each embedding model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchThresholds:
    """How rankings are joined and refined."""

    identifier_weight: float
    """The weight of meaning in a question that holds an identifier: what is meant is that name and none like it."""
    other_name: float
    """What a passage of a document loses whose name the question does not mean, in the unit of ``score_gap``."""
    conversation_weight: float
    """The most that meaning weighs in a follow-up: an earlier answer speaks the language of the documents, so its
    words find more than a question's alone."""
    context_weight: float
    """How much the last answer counts against the question itself. A weight of its own for questions that point back
    gained nothing."""
    foreign_words: float
    """What a word counts in a passage in another language."""
    language_removed: float
    """The share of the language that is taken out of a vector when question and passage differ in it."""
    score_gap: float
    """How far below the best score a passage is still looked at: what a better sentence makes up for."""
    sentence_weight: float
    """The weight of the cosine of a passage's best part; that of the whole passage has the rest of 1."""


@dataclass(frozen=True, slots=True)
class AnswerabilityThresholds:
    """From how much evidence on a question is answered."""

    own: float
    """Of passages in the question's language."""
    translated: float
    """Of passages in another language, which share no words with it."""
    behind: float
    """The same where a passage in the question's language is first: of many that were asked, some comes near by
    chance."""
    words: float
    """What a passage with all words of the question is worth, as a share of the way from the background to the
    question."""


@dataclass(frozen=True, slots=True)
class SentenceEvidenceThresholds:
    """What the parts of ``kb.answer.sentence_evidence`` add to the log odds that a sentence answers, and how much of
    those is asked for.
    """

    bias: float
    meaning: float
    words: float
    around: float
    passage: float
    lead: float
    usual_lead: float
    """What stands in for a lead where too few sentences are read."""
    usual_around: float
    usual_passage: float
    """The share of the words that a sentence lacks which those beside it, and its whole passage, hold: it stands in
    for them where a sentence is all of its passage."""
    lacks_type: float
    balanced: float
    careful: float
    """Below these log odds a question is refused in that setting; generous asks for nothing of a sentence."""
    clear: float
    """From these log odds on a sentence answers, however little its passage as a whole is about the question."""


@dataclass(frozen=True, slots=True)
class AttributionThresholds:
    """From when on a passage supports a sentence; cosines on the scale of the bundled model."""

    supported: float
    weak: float
    """From which probability on a sentence is supported, or in part."""
    bias: float
    weights: Mapping[str, float]
    """Of the features of ``kb.answer.verify.features``: their sum, through the logistic function, is that
    probability, where the passage is in the sentence's language."""
    least_part: float
    """The share of the words of each part of a sentence that its passages must hold for all of it to be supported."""
    enough_words: float
    """The share of a sentence's words that is enough alone, across languages and to find the nearest sentence."""
    same_language: tuple[float, float]
    other_language: tuple[float, float]
    """Cosines that say nothing and that are enough alone. Sentences of one language on one subject are alike
    without saying the same, so that some words must agree too; a translation has none in common."""
    near_copy: float
    """From this share of common words on, a negation on one side only turns the meaning round."""
    copy: float
    """Where both sentences share this much, a word that the passage lacks was put in place of another."""


@dataclass(frozen=True, slots=True)
class QuotingThresholds:
    """Which sentences an answer without a model quotes; all in cosine."""

    another_passage: float
    """The same for a sentence of another passage than the best one, where it holds no word of the question that is
    missing."""
    nearly_as_good: float
    """A further sentence is quoted if its score is at most this much below the best one's."""
    nearly_as_good_line: float
    """The same for a row or a line, which holds other words of the question: they are alike in meaning."""
    sentence_words: float
    passage_words: float
    passage_rank: float
    """What the question's words in a sentence, those in its passage, and the passage's own score are worth; the
    answers differ little around these."""
    passage_meaning: float
    neighbour: float
    """What the cosine of its passage and that of the better sentence beside it are worth."""
    whole_question: float
    """What the score for the whole question counts, where a part of it does not name what it asks about."""


@dataclass(frozen=True, slots=True)
class CosineScale:
    """The mean cosines of the background sentences: they tell what a model's cosines are worth."""

    unrelated: float
    translated: float
    least_spread: float
    """Where the two are no further apart than this, a model knows no second language."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All that was measured with one model."""

    model: str
    """The name in the fingerprint of the embedder that they were measured with."""
    reason: str | None
    """Why they serve a model that they were not measured with; None for the one that they were."""
    search: SearchThresholds
    answerability: AnswerabilityThresholds
    sentence_evidence: SentenceEvidenceThresholds
    attribution: AttributionThresholds
    quoting: QuotingThresholds
    scale: CosineScale
