from __future__ import annotations

import pytest

from kb.answer.extractive import extract, parts
from tests.kb.answer.samples import FixedSimilarity, hit

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


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("When did the bridge open and how long is it?", ["When did the bridge open", "how long is it"]),
        ("Who built it, and in which year?", ["Who built it", "in which year"]),
        ("How long is it? Who built it?", ["How long is it", "Who built it"]),
        ("大桥什么时候通车，有多长？", ["大桥什么时候通车", "有多长"]),
        ("大桥是谁建的以及何时通车？", ["大桥是谁建的", "何时通车"]),
        ("How long are the bridge and the tunnel?", []),
        ("In 1932, who opened the bridge?", []),
        ("What did it cost, and to whom?", ["What did it cost", "to whom"]),
        ("在海湾上，大桥有多长？", []),
        ("", []),
    ],
)
def test_a_question_is_parted_where_it_asks_something_else(question: str, asked: list[str]) -> None:
    assert parts(question) == asked


def test_each_part_of_a_question_gets_its_sentence_in_the_order_of_the_document() -> None:
    def alike(question: str, text: str) -> float:
        if "opened" in text:
            return 0.9 if "open" in question else 0.7
        return 0.9 if "metres" in text and question == "how long is it" else 0.7

    text = "Sheep graze nearby every day. The bridge is 1149 metres long. The bridge was opened by a king."
    assert extract("Who opened the bridge and how long is it?", [hit(text)], FixedSimilarity(of=alike)) == (
        "The bridge is 1149 metres long. [1] The bridge was opened by a king. [1]"
    )
    assert extract("Who opened the bridge?", [hit(text)], FixedSimilarity(of=alike)) == (
        "The bridge was opened by a king. [1]"
    )


def test_at_most_four_sentences_are_quoted() -> None:
    text = " ".join(f"Bridge {name} is many metres long." for name in ("one", "two", "six", "ten", "red"))
    assert extract("How long?", [hit(text)], LIKE_LENGTH).count("[1]") <= 4
