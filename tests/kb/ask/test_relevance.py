from __future__ import annotations

import pytest

from kb.ask.relevance import evidence, nothing_relevant
from tests.kb.ask.samples import FixedSimilarity, hit

TEXT = "The bridge opened in 1932."
STRANGE = FixedSimilarity(0.72)


def test_evidence_by_hand() -> None:
    # the words that say something: bridge, open; both stand in the passage
    found = evidence("When did the bridge open", [hit(TEXT, cosine=0.80)], STRANGE)
    assert found == pytest.approx(0.80 - 0.72 + 0.3)


def test_a_model_whose_cosines_are_wider_is_measured_by_its_own_width() -> None:
    wide = FixedSimilarity(0.72)
    wide.spread = 2.0
    assert evidence("Mongolia?", [hit(TEXT, cosine=0.92)], wide) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("question", "passage", "cosine", "refused"),
    [
        ("What is the capital of Mongolia?", TEXT, 0.80, True),
        ("The bridge opened when?", TEXT, 0.80, False),
        ("When was the crossing inaugurated?", TEXT, 0.95, False),
        ("大桥什么时候通车？", TEXT, 0.82, False),
        ("蒙古的首都是哪里？", TEXT, 0.78, True),
    ],
    ids=["neither", "words", "meaning", "another language", "nothing in another language"],
)
def test_words_or_meaning_is_enough_in_a_library_of_one_passage(
    question: str, passage: str, cosine: float, refused: bool
) -> None:
    assert nothing_relevant(question, [hit(passage, cosine=cosine)], STRANGE) is refused


def test_another_language_must_stand_out_more_where_the_questions_own_is_there() -> None:
    other = hit(TEXT, cosine=0.82)
    assert nothing_relevant("蒙古的首都？", [other, hit("大桥在海湾上。", number=2, cosine=0.76)], STRANGE)


def test_nothing_found_is_nothing_relevant() -> None:
    assert nothing_relevant("anything", [], STRANGE)
