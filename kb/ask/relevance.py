"""Whether anything that was found is about the question at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean

from kb.ask.support import stems
from kb.ports import Similarity
from kb.text import language, words
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

_WORDS_WEIGHT = 0.3
"""What a passage with all words of the question is worth, in cosine."""
REFUSE_BELOW = 0.225
"""Chosen on questions with an answer and without one: docs/answers.md has the curve."""
_TRANSLATED = 0.13
_ONLY_TRANSLATED = 0.07
"""The margin that is enough for a passage in another language than the question, which shares no words with
it: less where nothing was found in the question's own language that it has to beat."""
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


def evidence(question: str, hits: Sequence[Hit], similarity: Similarity) -> float:
    """How much speaks for the best passages being about ``question``; the refused ones are below ``REFUSE_BELOW``.

    How far the best cosine of a passage in the question's language stands above those with sentences
    about nothing in particular, and which share of the question's words one of the best passages holds.
    """
    asked = stems(question)
    held = max(len(asked & stems(hit.chunk.embedded_text)) for hit in hits[:_LOOKED_AT])
    own = [hit for hit in hits if language(hit.chunk.text) == language(question)]
    return _margin(question, own, similarity) + _WORDS_WEIGHT * held / max(1, len(asked))


def nothing_relevant(question: str, hits: Sequence[Hit], similarity: Similarity) -> bool:
    """True when the best passages have too little to do with ``question`` to answer from them."""
    if not hits:
        return True
    if evidence(question, hits, similarity) >= REFUSE_BELOW:
        return False
    return not _translated(question, hits, similarity)


def declines(answer: str) -> bool:
    """Whether ``answer``, a model's, only says that the passages do not hold one."""
    return len(words(answer)) <= _DECLINING_WORDS and _DECLINES.search(answer) is not None


def _translated(question: str, hits: Sequence[Hit], similarity: Similarity) -> bool:
    """Whether a passage in another language stands out enough for having no words in common."""
    others = [hit for hit in hits if language(hit.chunk.text) != language(question)]
    enough = _ONLY_TRANSLATED if len(others) == len(hits) else _TRANSLATED
    return bool(others) and _margin(question, others, similarity) >= enough


def _margin(question: str, hits: Sequence[Hit], similarity: Similarity) -> float:
    """How far the best of ``hits`` stands above the background, in cosines of the bundled model; 0 for none."""
    if not hits:
        return 0.0
    strange = similarity.to_question(question, [text for pair in STRANGERS for text in pair])
    return (max(_cosine(hit) for hit in hits) - fmean(strange)) / similarity.spread


def _cosine(hit: Hit) -> float:
    """That of the question with the passage, across languages as within one; 0 where it is not known."""
    return hit.scores.get("dense", 0.0)
