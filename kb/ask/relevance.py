"""Whether anything that was found is about the question at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from kb.ask.support import passage_sentences, stems
from kb.language import language
from kb.ports import Similarity
from kb.text import words
from kb.types import Hit

STRANGERS = (
    ("The library opens at nine in the morning.", "图书馆早上九点开门。"),
    ("Iron melts at a very high temperature.", "铁在很高的温度下熔化。"),
    ("The king signed the treaty after the war.", "国王在战后签署了条约。"),
    ("Most birds of this valley eat insects.", "这个山谷里的大多数鸟吃昆虫。"),
    ("The company sold fewer cars last year.", "这家公司去年卖出的汽车减少了。"),
    ("She wrote her first novel in prison.", "她在狱中写了她的第一部小说。"),
)
"""Sentences about nothing in particular, and their translations. How alike a question is to them is how alike
it is to anything: a background that does not depend on what the library holds, or how much."""

_WORDS_WEIGHT = 0.11
"""What a passage with all words of the question is worth, in cosine."""
REFUSE_BELOW = 0.27
"""Chosen on questions with an answer and without one: docs/answers.md has the curve."""
REFUSE_TRANSLATED_BELOW = 0.10
"""The same for passages in another language than the question, which share no words with it."""
_DECLINES = re.compile(
    r"\b(?:do|does|did|is|are|was|were|can|could)(?:n.t| not)\b.{0,60}"
    r"\b(?:know|have|find|found|contain|mention|state|say|specif|answer|provide|address|information|available)"
    r"|\bno (?:information|mention|answer)\b|\bnothing in the documents\b|\bsorry\b"
    r"|没有(?:找到|提到|提及|提供|说明|包含|涉及|相关)|未(?:提到|提及|提供|说明|包含)|无法(?:回答|确定|得知)|不知道|抱歉",
    re.IGNORECASE,
)
_DECLINING_WORDS = 30
"""A longer answer says something besides."""
_LOOKED_AT = 3
"""Passages of which one may hold the words of the question."""
_READ = 2
"""Passages whose sentences are compared, in each language: eight tell no more, and take four times as long."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much speaks for the best passages being about a question."""

    own: float
    """Of the passages in the question's language; those that ought to be refused are below ``REFUSE_BELOW``."""
    translated: float
    """Of those in other languages: below ``REFUSE_TRANSLATED_BELOW``."""

    @property
    def is_enough(self) -> bool:
        """Whether the question may be answered from what was found."""
        return self.own >= REFUSE_BELOW or self.translated >= REFUSE_TRANSLATED_BELOW


def evidence(question: str, hits: Sequence[Hit], similarity: Similarity) -> Evidence:
    """How far the best passage and the best sentence stand above what has nothing to do with ``question``.

    The sum of two margins: that of the best passage's cosine over the mean of those with sentences about
    nothing in particular, and that of the best sentence's. A long passage is a little like many questions, and
    a short sentence may be by chance; seldom both. For passages in the question's language the share of its
    words that one of them holds is added.
    """
    languages = [language(hit.chunk.text) for hit in hits]
    asked_in = language(question, likely=languages)
    own = [hit for hit, code in zip(hits, languages, strict=True) if code == asked_in]
    others = [hit for hit, code in zip(hits, languages, strict=True) if code != asked_in]
    parts = [_sentences(own[:_READ]), _sentences(others[:_READ])]
    strangers = [text for pair in STRANGERS for text in pair]
    cosines = similarity.to_question(question, [*strangers, *parts[0], *parts[1]])
    strange, rest = cosines[: len(strangers)], cosines[len(strangers) :]
    background = _Background(asked_in, strange)
    asked = stems(question)
    held = max((len(asked & stems(hit.chunk.embedded_text)) for hit in hits[:_LOOKED_AT]), default=0)
    return Evidence(
        own=background.margins(own, rest[: len(parts[0])]) / similarity.spread
        + _WORDS_WEIGHT * held / max(1, len(asked)),
        translated=background.margins(others, rest[len(parts[0]) :]) / similarity.spread,
    )


def nothing_relevant(question: str, hits: Sequence[Hit], similarity: Similarity) -> bool:
    """True when the best passages have too little to do with ``question`` to answer from them."""
    return not hits or not evidence(question, hits, similarity).is_enough


def declines(answer: str) -> bool:
    """Whether ``answer``, a model's, only says that the passages do not hold one."""
    return len(words(answer)) <= _DECLINING_WORDS and _DECLINES.search(answer) is not None


class _Background:
    """What the cosines of one question are worth: how alike it is to sentences about nothing in particular."""

    def __init__(self, asked_in: str, strange: Sequence[float]) -> None:
        """``strange``: the cosines of the question, which is in ``asked_in``, with the sentences of ``STRANGERS``."""
        english, chinese = fmean(strange[::2]), fmean(strange[1::2])
        self._any = fmean(strange)
        # passages come with cosines as they would be within the question's language
        self._own = {"en": english, "zh": chinese}.get(asked_in, self._any)

    def margins(self, hits: Sequence[Hit], sentences: Sequence[float]) -> float:
        """The margins of the best passage and of the best sentence, together; 0 without a passage.

        Where there was no time for sentences, the passage's margin stands in.
        """
        if not hits:
            return 0.0
        passage = max(_cosine(hit) for hit in hits) - self._own
        compared = [cosine for cosine in sentences if cosine]
        return passage + (max(compared) - self._any if compared else passage)


def _sentences(hits: Sequence[Hit]) -> list[str]:
    """Those of ``hits``, written as a quoted answer writes them: each is embedded once."""
    return [
        " ".join(hit.chunk.text[start:end].split())
        for hit in hits
        for start, end in passage_sentences(hit.chunk.text)
    ]


def _cosine(hit: Hit) -> float:
    """That of the question with the passage, across languages as within one; 0 where it is not known."""
    return hit.scores.get("dense", 0.0)
