from __future__ import annotations

from dataclasses import replace

import pytest

from kb.answer.answerability import evidence, is_unanswerable
from kb.text.probes import background_sentences, generic_questions
from tests.kb.answer.samples import FixedSimilarity, hit

TEXT = "The bridge opened in 1932."
STRANGE = 0.72
BACKGROUND = frozenset(text for pair in background_sentences() for text in pair)


def reading(sentence: float) -> FixedSimilarity:
    """Finds every sentence of a passage as alike as ``sentence``, and those about nothing less so."""
    return FixedSimilarity(of=lambda _question, text: STRANGE if text in BACKGROUND else sentence)


def margin(cosine: float, background: float = STRANGE) -> float:
    return (cosine - background) / (1 - background)


def test_evidence_by_hand() -> None:
    # the words that say something: bridge, open; both stand in the passage
    found = evidence("When did the bridge open", [hit(TEXT, cosine=0.80)], reading(0.85))
    assert found.own == pytest.approx(0.08 / 0.28 + 0.13 / 0.28 + 0.25)
    assert found.translated == 0.0


def test_the_best_sentence_counts_not_the_sum_of_them() -> None:
    of = {TEXT: 0.74, "It is green.": 0.86}
    similarity = FixedSimilarity(of=lambda _question, text: of.get(text, STRANGE))
    found = evidence("Mongolia?", [hit(f"{TEXT}\nIt is green.", cosine=0.80)], similarity)
    assert found.own == pytest.approx(margin(0.80) + margin(0.86))


def test_a_passage_is_measured_against_strangers_in_its_language() -> None:
    chinese = {translated for _, translated in background_sentences()}
    similarity = FixedSimilarity(of=lambda _question, text: 0.80 if text in chinese else 0.70)
    found = evidence("蒙古的首都是哪里？", [hit("大桥在海湾上。", cosine=0.84)], similarity)
    assert found.own == pytest.approx(margin(0.84, 0.80) + margin(0.70, 0.80))


def test_without_time_for_sentences_the_passage_stands_in() -> None:
    found = evidence("Mongolia?", [hit(TEXT, cosine=0.80)], reading(0.0))
    assert found.own == pytest.approx(2 * margin(0.80))


@pytest.mark.parametrize(
    ("question", "passage", "cosine", "sentence", "refused"),
    [
        ("What is the capital of Mongolia?", TEXT, 0.80, 0.80, True),
        ("What is the capital of Mongolia?", TEXT, 0.86, 0.80, True),
        ("The bridge opened when?", TEXT, 0.80, 0.82, False),
        ("When was the crossing inaugurated?", TEXT, 0.88, 0.86, False),
        ("大桥什么时候通车？", TEXT, 0.80, 0.79, False),
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
    hits = [hit(passage, cosine=cosine)]
    assert is_unanswerable(question, hits, reading(sentence), refusals="generous") is refused


def test_a_translation_answers_beside_passages_in_the_questions_language_that_do_not() -> None:
    near, nearer = hit(TEXT, cosine=0.80), hit(TEXT, cosine=0.88)
    own = hit("大桥在海湾上。", number=2, cosine=0.76)
    assert not is_unanswerable("塔什么时候建成？", [own, nearer], reading(0.79))
    assert is_unanswerable("塔什么时候建成？", [own, near], reading(0.79))
    assert not is_unanswerable("塔什么时候建成？", [near, own], reading(0.79))  # behind nothing of its own


def test_a_language_without_strangers_is_as_much_nearer_as_questions_about_nothing_are() -> None:
    german = frozenset(generic_questions()["de"])
    similarity = FixedSimilarity(of=lambda _question, text: 0.83 if text in german else 0.80)
    found = evidence(
        "Wo liegt die Hauptstadt der Mongolei?", [hit("Brücken altern.", cosine=0.9)], similarity
    )
    assert found.own == pytest.approx(margin(0.9, 0.83) + margin(0.80, 0.83))


def test_a_translation_is_measured_by_its_plain_cosine_against_strangers_in_its_language() -> None:
    moved = hit(TEXT, cosine=0.95)
    plain = replace(moved, scores={**moved.scores, "cosine": 0.80})
    found = evidence("塔什么时候建成？", [plain], reading(0.79))
    assert found.translated == pytest.approx(margin(0.80) + margin(0.79))


@pytest.mark.parametrize("asked", ["When was the bridge opened?", "Who painted it?", "桥是哪一年通车的？"])
@pytest.mark.parametrize("near", [0.74, 0.78, 0.82, 0.86])
def test_what_the_first_passage_shows_is_the_least_that_all_of_them_do(asked: str, near: float) -> None:
    hits = [
        hit("The bridge was opened in 1932.\nIt is grey.", number=1, cosine=near),
        hit("The keepers painted it.\nIt rained.\nThe band played.", number=2, cosine=near + 0.02),
        hit("大桥于1932年通车。\n它很长。", number=3, cosine=near + 0.03),
        hit("A ferry ran before.\nIt was slow.", number=4, cosine=near),
    ]
    similarity = FixedSimilarity(
        of=lambda _question, text: STRANGE if text in BACKGROUND else near + (hash_of(text) % 9) / 100
    )
    first, all_of_them = (evidence(asked, hits, similarity, first=each) for each in (True, False))
    assert first.own <= all_of_them.own
    assert first.translated <= all_of_them.translated
    if first.sentence is not None:
        assert all_of_them.sentence is not None
        weights = first.sentence_thresholds
        assert first.sentence.score(weights) <= all_of_them.sentence.score(weights)
    read: set[str] = set()

    def alike(_question: str, text: str) -> float:
        read.add(text)
        return STRANGE if text in BACKGROUND else 0.9

    counting = FixedSimilarity(of=alike)
    assert not is_unanswerable("When was the bridge opened?", hits, counting)
    assert read - BACKGROUND == {"The bridge was opened in 1932.", "It is grey."}


def hash_of(text: str) -> int:
    return sum(map(ord, text))


def test_nothing_found_is_nothing_relevant() -> None:
    assert is_unanswerable("anything", [], reading(0.8))


def test_a_sentence_on_the_subject_without_what_is_asked_is_refused_unless_generous_answers_are_wanted() -> (
    None
):
    passage = hit("The bridge was painted green by its keepers.", cosine=0.85)
    asked = "When was the bridge opened?"
    assert is_unanswerable(asked, [passage], reading(0.83))
    assert not is_unanswerable(asked, [passage], reading(0.83), refusals="generous")
    answering = hit("The bridge was opened in 1932.", cosine=0.85)
    assert not is_unanswerable(asked, [answering], reading(0.83), refusals="careful")


@pytest.mark.parametrize(
    ("asked", "note", "alike"),
    [
        ("When does the ferry leave?", "The ferry leaves Moss at seven in the morning.", 0.843),
        ("On which day are the bins collected?", "Bins are emptied on Tuesdays.", 0.829),
        ("Where is my car?", "I parked the car on level 3 of the station garage.", 0.826),
    ],
)
def test_a_note_of_one_sentence_is_enough_to_answer_from(asked: str, note: str, alike: float) -> None:
    assert not is_unanswerable(asked, [hit(note, cosine=alike)], reading(alike))


@pytest.mark.parametrize(
    "asked",
    ["How much does the ferry cost?", "Who is the captain of the ferry?", "What does the ferry carry?"],
)
def test_a_note_of_one_sentence_does_not_answer_what_it_does_not_say(asked: str) -> None:
    note = "The ferry leaves Moss at seven in the morning."
    assert is_unanswerable(asked, [hit(note, cosine=0.795)], reading(0.795))
