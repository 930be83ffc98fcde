"""What a reranker must show before it orders anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from kb.errors import BackendDown, Misconfigured
from kb.models.rerank.proof import TRIALS, prove
from kb.models.rerank.proved import ProvedReranker

Score = Callable[[str, Sequence[str]], list[float]]


class Scored:
    """A reranker whose scores a test computes."""

    name = "scored"

    def __init__(self, score: Score) -> None:
        self.score = score
        self.asked: list[str] = []

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        self.asked.append(question)
        return self.score(question, passages)

    def warm_up(self) -> None:
        """Has nothing to load."""

    def close(self) -> None:
        """Has nothing to free."""


def shared_letters(question: str, passages: Sequence[str]) -> list[float]:
    """Orders both languages: by pairs of letters, which the texts of the proof share where they belong together."""
    pairs = {question[at : at + 2] for at in range(len(question) - 1)}
    return [
        float(sum(passage[at : at + 2] in pairs for at in range(len(passage) - 1))) for passage in passages
    ]


def only_chinese(question: str, passages: Sequence[str]) -> list[float]:
    return shared_letters(question, passages) if not question.isascii() else [0.0] * len(passages)


def test_one_language_in_the_right_order_is_enough() -> None:
    assert "Chinese" in prove(Scored(shared_letters), "It")
    assert prove(Scored(only_chinese), "It") == ("Chinese",)


@pytest.mark.parametrize(
    "score",
    [
        lambda _, passages: [0.5] * len(passages),
        lambda _, passages: [float(len(passage)) for passage in passages],
        lambda question, passages: [-each for each in shared_letters(question, passages)],
    ],
)
def test_what_does_not_order_is_refused(score: Score) -> None:
    with pytest.raises(Misconfigured, match="does not put the passage first"):
        prove(Scored(score), "It")


def test_scores_that_belong_to_places_are_refused() -> None:
    with pytest.raises(Misconfigured, match="in another order"):
        prove(Scored(lambda _, passages: [3.0, 2.0, 1.0][: len(passages)]), "It")


def test_it_is_proved_once_and_again_after_it_was_away() -> None:
    inner = Scored(shared_letters)
    proved = ProvedReranker(inner)
    asked = 1 + 2 * sum(len(trial.questions) for trial in TRIALS)
    proved.scores("q", ["a", "b"])
    assert len(inner.asked) == asked
    proved.scores("q", ["a", "b"])
    assert len(inner.asked) == asked + 1

    def away(_: str, __: Sequence[str]) -> list[float]:
        raise BackendDown("It is away.")

    inner.score = away
    with pytest.raises(BackendDown):
        proved.scores("q", ["a", "b"])
    inner.score, inner.asked = shared_letters, []
    proved.scores("q", ["a", "b"])
    assert len(inner.asked) == asked
