from __future__ import annotations

from kb.llm.extractive import extract
from tests.kb.ask.samples import FixedSimilarity, hit

LIKE_LENGTH = FixedSimilarity(of=lambda _question, text: 0.9 if "metres" in text else 0.7)


def test_the_best_passage_comes_first_and_its_sentences_in_their_order() -> None:
    hits = [
        hit("The bridge opened in 1932. It spans the harbour.", number=1),
        hit("Sheep graze nearby every day. The bridge is 1149 metres long. It is 134 metres high.", number=2),
    ]
    assert extract("How long and high is the bridge?", hits, LIKE_LENGTH) == (
        "The bridge is 1149 metres long. [2] It is 134 metres high. [2]"
    )


def test_a_sentence_that_says_it_brings_the_one_before() -> None:
    hits = [hit("The bridge opened in the year 1932. It is 1149 metres long.")]
    assert extract("How long?", hits, LIKE_LENGTH) == (
        "The bridge opened in the year 1932. [1] It is 1149 metres long. [1]"
    )


def test_headings_rows_and_pieces_are_not_quoted() -> None:
    text = (
        "Length in metres of bridges\nName | metres | year of opening.\nof it, some 1149 metres in all.\n"
        "The bridge is 1149 metres long."
    )
    assert extract("How long?", [hit(text)], LIKE_LENGTH) == "The bridge is 1149 metres long. [1]"


def test_where_nothing_is_a_sentence_the_best_line_is_quoted() -> None:
    assert extract("How long?", [hit("Bridge | 1149 metres | 1932")], LIKE_LENGTH) == (
        "Bridge | 1149 metres | 1932 [1]"
    )


def test_a_sentence_is_quoted_once() -> None:
    hits = [hit("The bridge is 1149 metres long."), hit("The bridge is 1149 metres long.", number=2)]
    assert extract("How long?", hits, LIKE_LENGTH) == "The bridge is 1149 metres long. [1]"
