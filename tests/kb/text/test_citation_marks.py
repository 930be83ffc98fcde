"""The marks of an answer, as every part of the product reads them."""

from __future__ import annotations

import pytest

from kb.text.citation_marks import (
    footnotes,
    marked_numbers,
    numbered_by_appearance,
    sentences_with_marks,
    told_from_footnotes,
    without_footnotes,
    without_marks,
)
from kb.text.tags import tag_form


@pytest.mark.parametrize(
    ("text", "numbers", "bare"),
    [
        ("It opened in 1932 [1].", (1,), "It opened in 1932."),
        ("It opened [2, 1] and closed 【2】.", (2, 1), "It opened and closed."),
        ("它于1932年通车［3］。", (3,), "它于1932年通车。"),
        ("It opened in [1932].", (), "It opened in [1932]."),
    ],
)
def test_marks_in_all_forms(text: str, numbers: tuple[int, ...], bare: str) -> None:
    assert marked_numbers(text) == numbers
    assert without_marks(text) == bare


def test_marks_behind_a_full_stop_belong_to_the_sentence_before() -> None:
    answer = "It opened in 1932. [1][2] It is long. [3]"
    found = [answer[start:end] for start, end in sentences_with_marks(answer)]
    assert found == ["It opened in 1932. [1][2]", "It is long. [3]"]


@pytest.mark.parametrize("typed", ["#Steel Bridges", " steel  bridges ", "STEEL-BRIDGES", " #steel bridges"])
def test_a_tag_is_one_however_it_is_typed(typed: str) -> None:
    assert tag_form(typed) == "steel-bridges"


def test_footnotes_are_numbered_by_appearance_and_brackets_of_a_document_stay() -> None:
    quoted = told_from_footnotes("As others [8] found, and [8, 9] and [note].")
    assert footnotes(quoted) == ()
    assert without_footnotes(quoted) == "As others [8] found, and [8, 9] and [note]."
    text, numbers = numbered_by_appearance(f"{quoted} [7] It is so [2][7].")
    assert text == f"{quoted} [1] It is so [2][1]."
    assert numbers == {7: 1, 2: 2}
