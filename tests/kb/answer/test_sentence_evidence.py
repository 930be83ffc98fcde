from __future__ import annotations

from dataclasses import replace

import pytest

from kb.answer.answerability import Evidence
from kb.answer.sentence_evidence import ReadPassage, SentenceEvidence, sentence_evidence
from kb.config.thresholds import default_thresholds
from kb.types import Hit, Refusals
from tests.kb.answer.samples import hit

WEIGHTS = default_thresholds().sentence_evidence
QUESTION = "When did the bridge open?"


def of(question: str, *hits: Hit, margin: float = 0.4, code: str = "en") -> SentenceEvidence:
    """Evidence from passages with a sentence on each line, all equally near to the question."""
    read = []
    for each in hits:
        lines = each.chunk.text.split("\n")
        read.append(ReadPassage(each, lines, [margin] * len(lines)))
    found = sentence_evidence(question, code, read, hits, WEIGHTS)
    assert found is not None
    return found


def test_a_sentence_of_the_type_that_is_asked_for_is_worth_more() -> None:
    dated = of(QUESTION, hit("The bridge opened in 1932."))
    undated = of(QUESTION, hit("The bridge opened with a parade."))
    assert not dated.lacks_type
    assert undated.lacks_type
    assert dated.score(WEIGHTS) > undated.score(WEIGHTS)


def test_a_row_of_a_table_is_read_like_a_sentence() -> None:
    table = hit("Pump | Warranty\nMarigold | 24 months\nDaisy | 12 months", heading=("Warranty of pumps",))
    found = of("How long is the warranty of the Marigold?", table)
    assert found.words > 0
    assert found.around == found.passage == 1
    assert not found.lacks_type


def test_a_row_far_below_its_header_has_the_names_of_its_columns() -> None:
    rows = hit("Marigold | 24 months\nDaisy | 12 months")
    records = "pump: Marigold; warranty: 24 months\npump: Daisy; warranty: 12 months"
    named = replace(rows, chunk=replace(rows.chunk, indexed_text=records))
    question = "How long is the warranty of the pump Marigold?"
    assert of(question, named).words == 1
    assert of(question, rows).words < 0.6


def test_words_count_around_a_sentence_and_in_its_headings_and_its_documents_name() -> None:
    passage = hit("The bridge is long.\nIt was opened in 1932.", heading=("Harbour",))
    found = of("When was the harbour bridge opened?", passage)
    assert 0 < found.words < found.around == 1
    named = replace(passage, document=replace(passage.document, name="harbour.pdf"))
    named = replace(named, chunk=replace(named.chunk, heading_path=()))
    assert of("When was the harbour bridge opened?", named).around == 1


def test_a_rare_word_counts_more_than_one_that_every_sentence_has() -> None:
    bridges = hit("\n".join(["The bridge is long."] * 8))
    assert of("Is the bridge a viaduct?", bridges).words < 0.4  # one of two words, and the common one
    assert of("Is the viaduct a bridge?", hit("A viaduct."), bridges).words > 0.6


def test_words_that_only_ask_need_not_be_answered() -> None:
    found = of("What percentage of the voters came?", hit("Of the voters 40 % came."))
    assert found.words == 1


def test_the_forms_of_a_word_meet() -> None:
    ferry = of("When does the ferry leave?", hit("The ferry leaves Moss at seven in the morning."))
    assert ferry.words == 1
    assert not ferry.lacks_type
    assert of("Wie viele Eier brauchen wir?", hit("Wir brauchen zwei Eier."), code="de").words == 1


def test_a_sentence_alone_is_not_held_to_lack_what_others_beside_it_would_say() -> None:
    alone = of("Where does the boat dock?", hit("The boat is late."))
    assert alone.words < alone.around < alone.passage < 1
    beside = of("Where does the boat dock?", hit("The boat is late.\nIt rains."))
    assert beside.words == beside.around == beside.passage


def test_few_sentences_have_no_lead() -> None:
    few, many = hit("A.\nB."), hit("\n".join("ABCDEFGH"))
    assert of(QUESTION, few).lead is None
    assert of(QUESTION, many).lead == pytest.approx(0)


def test_nothing_is_told_of_no_sentence_and_of_a_question_without_a_word_that_tells() -> None:
    assert sentence_evidence(QUESTION, "en", [], [hit("A bridge.")], WEIGHTS) is None
    assert (
        sentence_evidence("Why is it so?", "en", [ReadPassage(hit("A."), ["A."], [0.1])], [], WEIGHTS) is None
    )


def evidence_of(sentence: SentenceEvidence | None, *, translated: float = 0.0) -> Evidence:
    return Evidence(1.2, translated, True, default_thresholds().answerability, WEIGHTS, sentence)


def test_careful_refuses_what_balanced_does_and_more_and_generous_asks_nothing_of_a_sentence() -> None:
    strong = SentenceEvidence(0.8, 1.0, 1.0, 1.0, 0.3, False)
    weak = SentenceEvidence(0.1, 0.0, 0.0, 0.0, 0.0, True)
    assert WEIGHTS.careful > WEIGHTS.balanced
    answered: dict[Refusals, bool] = {"careful": False, "balanced": False, "generous": True}
    for refusals, expected in answered.items():
        assert evidence_of(strong).is_enough(refusals)
        assert evidence_of(weak).is_enough(refusals) is expected


def test_a_row_that_is_named_is_asked_for_more_by_who_is_careful_alone() -> None:
    weak = replace(evidence_of(SentenceEvidence(0.1, 0.0, 0.0, 0.0, 0.0, True)), own=0.1)
    asked: dict[Refusals, bool] = {"careful": False, "balanced": True, "generous": True}
    for refusals, expected in asked.items():
        assert weak.is_enough(refusals, names_a_row=True) is expected
        assert not weak.is_enough(refusals)


def test_a_sentence_that_clearly_answers_is_enough_whatever_its_passage_is_about() -> None:
    strong = SentenceEvidence(0.8, 1.0, 1.0, 1.0, 0.3, False)
    assert replace(evidence_of(strong), own=0.5).is_enough("careful")
    assert not replace(evidence_of(None), own=0.5).is_enough("generous")


def test_passages_in_another_language_are_judged_by_meaning_alone() -> None:
    weak = SentenceEvidence(0.1, 0.0, 0.0, 0.0, 0.0, True)
    assert evidence_of(weak, translated=0.9).is_enough("careful")
    assert evidence_of(None).is_enough("careful")


def test_a_title_does_not_answer_what_asks_for_a_date_or_an_amount() -> None:
    passage = hit("Pump AX-310\nIt is green.\nIt weighs 4 kg.")
    read = ReadPassage(
        passage, ["Pump AX-310", "It is green.", "It weighs 4 kg."], [0.6, 0.1, 0.1], frozenset({0})
    )
    asked = "What does the pump AX-310 cost?"
    found = sentence_evidence(asked, "en", [read], [passage], WEIGHTS)
    untitled = sentence_evidence(asked, "en", [replace(read, titles=frozenset())], [passage], WEIGHTS)
    assert found is not None
    assert untitled is not None
    assert found.score(WEIGHTS) < WEIGHTS.balanced < untitled.score(WEIGHTS)


def test_what_a_sentence_is_quoted_with_counts_for_it() -> None:
    passage = hit("2.3.1 of 2 December 2024\nUndo lost the last line.")
    lines = ["2.3.1 of 2 December 2024", "Undo lost the last line."]
    read = ReadPassage(passage, lines, [0.2, 0.6], frozenset({0}))
    asked = "When was the lost last line of undo mended?"
    alone = sentence_evidence(asked, "en", [read], [passage], WEIGHTS)
    with_heading = sentence_evidence(
        asked, "en", [replace(read, quoted_with={1: lines[0]})], [passage], WEIGHTS
    )
    assert alone is not None
    assert with_heading is not None
    assert alone.lacks_type
    assert not with_heading.lacks_type


def test_a_name_is_asked_for_by_its_number_alone() -> None:
    asked = "What is ticket 0048213 about?"
    assert of(asked, hit("INC0048213 printer prints blank pages")).words > 0.3
    assert of(asked, hit("INC0048214 printer prints blank pages")).words == 0
