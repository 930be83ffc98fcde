"""Places in a question, their numbers in words and as ordinals."""

from __future__ import annotations

import pytest

from kb.text.place_names import place_names


@pytest.mark.parametrize(
    ("question", "kind", "number"),
    [
        ("What does article twenty-one say?", "article", "21"),
        ("the twelfth article of the statutes", "article", "12"),
        ("the 3rd section", "section", "3"),
        ("assembly, step five", "step", "5"),
        ("art. two", "article", "2"),
        ("第十二条", "article", "12"),
        ("Что говорит статья 2 устава?", "article", "2"),
        ("제3조는 무엇입니까?", "article", "3"),
        ("Cosa dice l'articolo 3?", "article", "3"),
        ("Wat staat er in hoofdstuk 4?", "chapter", "4"),
        ("Was steht in Paragraf 3?", "section", "3"),
    ],
)
def test_a_place_is_named_by_its_number_however_it_is_written(question: str, kind: str, number: str) -> None:
    found, *_ = place_names(question)  # one word may be in the lists of two languages
    assert (found.kind, number in found.forms) == (kind, True)


@pytest.mark.parametrize(
    "text",
    [
        "one article",
        "two articles",
        "the first World War",
        "part of three",
        "five steps",
        "제3의 물결",
        "del 3 de mayo",
    ],
)
def test_a_count_names_no_place(text: str) -> None:
    assert place_names(text) == []
