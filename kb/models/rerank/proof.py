"""What a reranker must show before it may order anything: three questions, three passages, each answers one of them.

Demanded are a finite score for each passage, the same scores whatever order the passages come in, and that in one
language at least each question has the passage that answers it first. By chance one in 27 would pass a language.
"""

from __future__ import annotations

from dataclasses import dataclass

from kb.errors import Misconfigured
from kb.ports import Reranker

_SAME = 1e-2
"""Of the span of all scores, by which that of a pair may differ between two orders: batches are rounded otherwise."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Questions, and the passages that answer them, in the same order."""

    language: str
    questions: tuple[str, ...]
    passages: tuple[str, ...]


TRIALS = (
    Trial(
        "English",
        (
            "How often must the filter of the pump be changed?",
            "Who wrote the novel about the white whale?",
            "Which city is the capital of France?",
        ),
        (
            "The filter of the pump must be changed every three months.",
            "Herman Melville wrote the novel Moby-Dick, about the hunt for a white whale.",
            "Paris is the capital of France, and its largest city.",
        ),
    ),
    Trial(
        "Chinese",
        ("水泵的过滤器多久更换一次?", "写白鲸的小说是谁的作品?", "法国的首都是哪座城市?"),
        (
            "水泵的过滤器每三个月更换一次。",
            "小说《白鲸》是赫尔曼·梅尔维尔的作品。",
            "巴黎是法国的首都, 也是法国最大的城市。",
        ),
    ),
)


def prove(reranker: Reranker, who: str) -> tuple[str, ...]:
    """Returns the languages in which the reranker put the right passage first, at least one; ``who`` begins a sentence.

    Raises:
        Misconfigured: there is none, or its scores depend on the order of the passages; the sentence says which.
        BackendDown: it does not answer, or not with a finite score for each.
    """
    passed = tuple(trial.language for trial in TRIALS if _passes(reranker, trial, who))
    if not passed:
        question, right = TRIALS[0].questions[0], TRIALS[0].passages[0]
        raise Misconfigured(
            f"{who} does not put the passage first that answers the question, in any of the languages tried: asked "
            f"“{question}”, it should prefer “{right}”. Look at whether it is a reranker, and at its file."
        )
    return passed


def _passes(reranker: Reranker, trial: Trial, who: str) -> bool:
    right = True
    for place, question in enumerate(trial.questions):
        scores = reranker.scores(question, trial.passages)
        backwards = reranker.scores(question, trial.passages[::-1])[::-1]
        span = max(scores) - min(scores)
        differing = max(abs(one - other) for one, other in zip(scores, backwards, strict=True))
        if differing > _SAME * max(span, _SAME):
            raise Misconfigured(
                f"{who} gives a passage another score where the passages come in another order, so its scores are not "
                "of these passages. Nothing is ordered by it."
            )
        others = [score for index, score in enumerate(scores) if index != place]
        right = right and scores[place] > max(others)
    return right
