"""Two things set side by side: what a question compares, and what is said of either of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.answer.comparing import compared
from kb.answer.sentence_evidence import what_is_asked
from kb.answer.side_by_side import side_by_side
from kb.text.probes import background_sentences
from kb.types import Hit
from tests.kb.answer.samples import FixedSimilarity, hit


@pytest.mark.parametrize(
    ("question", "left", "right", "topic"),
    [
        ("Compare Lind and Okafor", "Lind", "Okafor", ""),
        (
            "What is the difference between Lind and Okafor on steel girders?",
            "Lind",
            "Okafor",
            "steel girders",
        ),
        ("Compare what Lind and Okafor say about steel.", "Lind", "Okafor", "steel"),
        ("What do Lind and Okafor say about steel?", "Lind", "Okafor", "steel"),
        ("How do Lind and Okafor differ on steel?", "Lind", "Okafor", "steel"),
        ("Compare steel with timber in terms of cost", "steel", "timber", "cost"),
        ("比较王晓明和李建国", "王晓明", "李建国", ""),
        ("比较王晓明和李建国对钢梁的看法", "王晓明", "李建国", "钢梁"),
        ("王晓明和李建国对钢梁的说法有什么不同？", "王晓明", "李建国", "钢梁"),
        ("王晓明和李建国对钢梁分别怎么说？", "王晓明", "李建国", "钢梁"),
        ("年假和病假有什么区别？", "年假", "病假", ""),
    ],
)
def test_what_is_asked_of_two_things_is_no_part_of_their_names(
    question: str, left: str, right: str, topic: str
) -> None:
    found = compared(question)
    assert found is not None
    assert (found.sides, found.topic) == ((left, right), topic)


BACKGROUND = frozenset(text for pair in background_sentences() for text in pair)


def of(name: str, text: str, number: int) -> Hit:
    found = hit(text, number=number, cosine=0.0)
    return replace(found, document=replace(found.document, id=f"d{number}", name=name))


STUDIES = (
    of("Lind 2019 - Cold climates.md", "Steel girders are painted every twelve years.\nSalt harms decks.", 1),
    of("okafor_thesis.md", "Steel girders need no paint in dry air.\nJoints fail in August.", 2),
    of("petersen_timber.md", "Steel girders are used for long spans only.", 3),
)


def test_authors_that_documents_are_named_by_are_compared_on_what_is_asked() -> None:
    asked = "What is the difference between Lind and Okafor on steel girders?"
    found = side_by_side(asked, lambda _text: STUDIES, FixedSimilarity(0.5), most_hits=3)
    assert found is not None
    said = [found.hits[q.hit].chunk.text[start:end] for q in found.quotes for start, end in q.ranges]
    assert said == [
        "Steel girders are painted every twelve years.",
        "Steel girders need no paint in dry air.",
    ]
    assert found.missing == ()


def test_what_shares_the_topic_stands_for_no_author_who_is_not_there() -> None:
    asked = "Compare Lind and Smith on steel girders"
    found = side_by_side(asked, lambda _text: STUDIES, FixedSimilarity(0.0), most_hits=3)
    assert found is not None
    assert {found.hits[quote.hit].document.name for quote in found.quotes} == {STUDIES[0].document.name}
    assert found.missing == ("Smith",)


@pytest.mark.parametrize(
    ("question", "missing"),
    [("Compare Lind and Smith", ("Smith",)), ("Compare Lind and the sea", ())],
)
def test_a_name_that_no_passage_has_is_missing_however_near_they_are(
    question: str, missing: tuple[str, ...]
) -> None:
    near = tuple(replace(each, scores={"cosine": 0.95}) for each in STUDIES)
    found = side_by_side(question, lambda _text: near, FixedSimilarity(of=alike), most_hits=3)
    assert found is not None
    assert found.missing == missing


def alike(_text: str, other: str) -> float:
    return 0.6 if other in BACKGROUND else 0.95


@pytest.mark.parametrize(
    ("question", "code", "asked"),
    [
        ("What does Okafor say about expansion joints?", "en", "What does Okafor  about expansion joints?"),
        ("What did the report say?", "en", "What did the report say?"),
        ("关于钢梁，王晓明说了什么？", "zh", "关于钢梁，王晓明 了什么？"),
        ("王晓明对钢梁怎么看？", "zh", "王晓明对钢梁怎么 ？"),
    ],
)
def test_the_word_that_only_asks_who_says_it_need_not_be_found(question: str, code: str, asked: str) -> None:
    assert what_is_asked(question, code).split() == asked.split()
