from __future__ import annotations

import pytest

from kb.text.content_words import root, roots


@pytest.mark.parametrize(
    "forms",
    [
        "leave leaves leaving",
        "cost costs",
        "close closes closed closing",
        "price prices",
        "opens opened opening",
        "tide tides",
        "rule rules ruled",
        "make makes made making",
        "write wrote written writes",
        "sell sold selling",
        "child children",
        "bass basses",
        "class classes",
    ],
)
def test_the_forms_of_a_word_have_one_root(forms: str) -> None:
    assert len({root(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("word", ["渡轮", "паром", "1932", "ab-12", "fähre"])
def test_what_is_no_english_word_stays_as_it_is(word: str) -> None:
    assert root(word) == word


def test_words_that_say_nothing_have_none() -> None:
    assert roots("When does the ferry leave?") == roots("The ferry leaves.")
