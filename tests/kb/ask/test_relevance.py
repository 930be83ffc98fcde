from __future__ import annotations

import pytest

from kb.ask.relevance import STRANGERS, evidence, nothing_relevant
from tests.kb.ask.samples import FixedSimilarity, hit

TEXT = "The bridge opened in 1932."
STRANGE = 0.72
BACKGROUND = frozenset(text for pair in STRANGERS for text in pair)


def reading(sentence: float) -> FixedSimilarity:
    """Finds every sentence of a passage as alike as ``sentence``, and those about nothing less so."""
    return FixedSimilarity(of=lambda _question, text: STRANGE if text in BACKGROUND else sentence)


def test_evidence_by_hand() -> None:
    # the words that say something: bridge, open; both stand in the passage
    found = evidence("When did the bridge open", [hit(TEXT, cosine=0.80)], reading(0.85))
    assert found.own == pytest.approx(0.08 + 0.13 + 0.11)
    assert found.translated == 0.0


def test_the_best_sentence_counts_not_the_sum_of_them() -> None:
    of = {TEXT: 0.74, "It is green.": 0.86}
    similarity = FixedSimilarity(of=lambda _question, text: of.get(text, STRANGE))
    found = evidence("Mongolia?", [hit(f"{TEXT}\nIt is green.", cosine=0.80)], similarity)
    assert found.own == pytest.approx(0.08 + 0.14)


def test_a_model_whose_cosines_are_wider_is_measured_by_its_own_width() -> None:
    wide = reading(0.92)
    wide.spread = 2.0
    found = evidence("Mongolia?", [hit(TEXT, cosine=0.92)], wide)
    assert found.own == pytest.approx((0.2 + 0.2) / 2)


def test_a_passage_is_measured_against_strangers_in_the_language_of_the_question() -> None:
    chinese = {translated for _, translated in STRANGERS}
    similarity = FixedSimilarity(of=lambda _question, text: 0.80 if text in chinese else 0.70)
    found = evidence("蒙古的首都是哪里？", [hit("大桥在海湾上。", cosine=0.84)], similarity)
    assert found.own == pytest.approx((0.84 - 0.80) + (0.70 - 0.75))


def test_without_time_for_sentences_the_passage_stands_in() -> None:
    found = evidence("Mongolia?", [hit(TEXT, cosine=0.80)], reading(0.0))
    assert found.own == pytest.approx(2 * 0.08)


@pytest.mark.parametrize(
    ("question", "passage", "cosine", "sentence", "refused"),
    [
        ("What is the capital of Mongolia?", TEXT, 0.80, 0.80, True),
        ("What is the capital of Mongolia?", TEXT, 0.88, 0.80, True),
        ("The bridge opened when?", TEXT, 0.80, 0.82, False),
        ("When was the crossing inaugurated?", TEXT, 0.88, 0.86, False),
        ("大桥什么时候通车？", TEXT, 0.80, 0.78, False),
        ("蒙古的首都是哪里？", TEXT, 0.76, 0.77, True),
    ],
    ids=[
        "neither",
        "the passage alone",
        "words",
        "meaning",
        "another language",
        "nothing in another language",
    ],
)
def test_words_or_meaning_is_enough_in_a_library_of_one_passage(
    question: str, passage: str, cosine: float, sentence: float, refused: bool
) -> None:
    assert nothing_relevant(question, [hit(passage, cosine=cosine)], reading(sentence)) is refused


def test_a_translation_answers_beside_passages_in_the_questions_language_that_do_not() -> None:
    other = hit(TEXT, cosine=0.80)
    found = [hit("大桥在海湾上。", number=2, cosine=0.76), other]
    assert not nothing_relevant("塔什么时候建成？", found, reading(0.79))
    assert nothing_relevant("塔什么时候建成？", found[:1], reading(0.79))


def test_nothing_found_is_nothing_relevant() -> None:
    assert nothing_relevant("anything", [], reading(0.8))
