from __future__ import annotations

import pytest

from kb.answer.refusal import is_refusal, refusal_text
from kb.text.language import LANGUAGE_NAMES, language
from kb.text.word_lists import word_lists


@pytest.mark.parametrize("code", sorted(LANGUAGE_NAMES))
def test_a_refusal_is_in_the_language_and_the_script_of_the_question(code: str) -> None:
    question = " ".join(word_lists(code).generic_questions)
    assert language(question) == code
    said = refusal_text(question)
    assert said in word_lists(code).nothing_found
    assert language(said) == code
    assert is_refusal(said)


def test_no_two_languages_refuse_alike() -> None:
    said = [word_lists(code).nothing_found[0] for code in LANGUAGE_NAMES]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("谁发明了电话？", "文档中没有找到能回答这个问题的内容。"),
        ("誰發明了電話？", "文件中沒有找到能回答這個問題的內容。"),
        ("Колико кошта улазница за музеј у Београду?", "У документима нема одговора на ово питање."),
        ("Koliko košta ulaznica za muzej u Beogradu, i kada se otvara?", "U dokumentima nema odgovora na ovo pitanje."),
    ],
)  # fmt: skip
def test_a_language_of_two_scripts_is_answered_in_that_of_the_question(question: str, said: str) -> None:
    assert refusal_text(question) == said


def test_the_documents_decide_for_a_question_too_short_to_tell() -> None:
    assert refusal_text("Кога се случи?", likely=["bg"]) == word_lists("bg").nothing_found[0]
    assert refusal_text("Who won?", likely=["de"]) == word_lists("en").nothing_found[0]
