from __future__ import annotations

import pytest

from kb.ask.relevance import evidence, nothing_relevant
from tests.kb.ask.samples import hit

HIT = hit("The bridge opened in 1932.")
FLAT = [0.79, *[0.76] * 49]
STEEP = [0.90, *[0.76] * 49]


def test_evidence_by_hand() -> None:
    # words of the question: when did the bridge open; in the passage: the, bridge
    assert evidence("When did the bridge open", [HIT], FLAT) == pytest.approx(0.03 / 0.105 + 0.4 / 0.6)


@pytest.mark.parametrize(
    ("question", "cosines", "refused"),
    [
        ("What is the capital of Mongolia?", FLAT, True),
        ("The bridge opened when?", FLAT, False),
        ("大桥什么时候通车？", STEEP, False),
        ("What is the capital of Mongolia?", FLAT[:5], False),
    ],
    ids=["neither", "words", "meaning in another language", "too few to compare"],
)
def test_words_or_meaning_is_enough(question: str, cosines: list[float], refused: bool) -> None:
    assert nothing_relevant(question, [HIT], cosines) is refused


def test_nothing_found_is_nothing_relevant() -> None:
    assert nothing_relevant("anything", [], [])
