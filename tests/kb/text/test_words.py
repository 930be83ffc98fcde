from __future__ import annotations

import time

import pytest

from kb.text.identifiers import identifiers
from kb.text.search_terms import index_terms, question_terms
from kb.text.words import fold, in_order, quoted, words


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ＧＰＵ １２３", "gpu 123"),
        ("Café", "cafe"),
        ("STRASSE", "straße"),
        ("ﬁle", "file"),
        ("IŞIK", "ışık"),
        ("Łódź", "lodz"),
        ("كِتَابٌ", "كتاب"),
        ("أحمد", "احمد"),
        ("می\u200cشود", "میشود"),
        ("שָׁלוֹם", "שלום"),
        ("१९३२", "1932"),
        ("٢٠٢٤", "2024"),
        ("Silben\u00adtrennung", "silbentrennung"),
    ],
)
def test_width_case_accents_and_ligatures_do_not_matter(left: str, right: str) -> None:
    assert fold(left) == fold(right)
    assert words(left) == words(right)


def test_japanese_voicing_marks_are_letters_not_accents() -> None:
    assert fold("が") != fold("か")


def test_han_text_becomes_words_and_the_words_inside_them() -> None:
    found = words("南京市长江大桥的长度")
    assert "长江大桥" in found
    assert "大桥" in found
    assert "长度" in found


def test_a_character_that_the_dictionary_lacks_is_a_word_by_itself() -> None:
    assert words("㻝𠋈䩭") == ["㻝", "𠋈", "䩭"]
    assert words("时时々日") == ["时时", "々", "日"]


def test_scripts_without_spaces_become_bigrams() -> None:
    assert words("カタカナ") == ["カタ", "タカ", "カナ"]
    assert words("한국어") == ["한국", "국어"]


def test_vowel_signs_of_indian_scripts_stay_with_their_letters() -> None:
    assert words("किताब की कीमत क्या है।") == ["किताब", "की", "कीमत", "क्या", "है"]
    assert words("প্রশ্ন কী?") == ["প্রশ্ন", "কী"]
    assert in_order("தமிழ் மொழி") == ["தமிழ்", "மொழி"]


def test_numbers_are_words_in_any_script() -> None:
    assert "123" in words("ราคา ๑๒๓ บาท")


def test_an_identifier_is_found_whole_and_in_parts() -> None:
    found = words("Error AB-1234.5 occurred")
    assert "ab-1234.5" in found
    assert {"ab", "1234", "5"} <= set(found)


def test_mixed_text_keeps_every_part() -> None:
    assert {"gpu", "显存", "24", "gb"} <= set(words("GPU的显存是24 GB"))


def test_traditional_and_simplified_characters_are_the_same_words() -> None:
    assert words("長江大橋的長度") == words("长江大桥的长度")
    assert index_terms("臺灣的軟體") == index_terms("台湾的软体")


def test_pairs_of_characters_do_not_depend_on_how_the_text_is_cut() -> None:
    assert "大桥" in index_terms("武汉长江大桥工程局")
    assert {"汉长", "程局"} <= set(index_terms("武汉长江大桥工程局"))


def test_parts_of_a_camel_case_name_are_found_too() -> None:
    assert {"maxtokenscount", "max", "tokens", "count"} <= set(index_terms("set maxTokensCount"))
    assert {"httpserver", "http", "server"} <= set(index_terms("HTTPServer"))


def test_what_all_questions_share_is_not_looked_up_unless_there_is_nothing_else() -> None:
    assert list(question_terms("What is the old dome?")) == ["old", "dome"]
    assert list(question_terms("To be or not to be")) == ["to", "be", "or", "not"]
    assert list(question_terms("Wann ist das Rad da?")) == ["rad", "da"]
    assert list(question_terms("Где это поле?")) == ["поле"]


def test_a_word_is_looked_up_as_it_is_written_and_by_its_beginning() -> None:
    assert question_terms("köprüsü") == {"köprüsü": 0.5, "kopru*": 0.5}
    assert question_terms("Brückenpfeiler") == {"brückenpfeiler": 0.5, "bruck*": 0.5}
    assert question_terms("cầu") == {"cầu": 0.5, "cau": 0.5}
    assert question_terms("cau") == {"cau": 1.0}
    assert set(question_terms("мостами")) & set(index_terms("мосты")) == set()
    assert set(question_terms("плотинами")) & set(index_terms("плотины")) == {"плоти*"}


def test_names_with_digits_have_no_other_form() -> None:
    assert list(question_terms("AB-123456")) == ["ab", "123456", "ab-123456", "ab123456"]


def test_marks_stay_with_their_letters_where_syllables_are_paired() -> None:
    assert words("สะพาน") == ["สะพา", "พาน"]
    assert words("ខ្មែរ") == ["ខ្មែ", "មែរ"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("error E-1042 after 0x80070005", ["e-1042", "0x80070005"]),
        ("see section 3.2.1", ["3.2.1"]),
        ("set max_tokens in std::vector", ["max_tokens", "std::vector"]),
        ("a well-known and/or plain question of 1932", []),
        ("零件 AB-1234.5 在哪里", ["ab-1234.5"]),
    ],
)
def test_identifiers(text: str, expected: list[str]) -> None:
    assert identifiers(text) == expected
    assert set(expected) <= set(words(text))


def test_quotes_of_either_script_and_no_apostrophes() -> None:
    assert quoted('where is "the old bridge" and “长江大桥” 和「東京」') == [
        "the old bridge",
        "长江大桥",
        "東京",
    ]
    assert quoted("it's the dog's dinner \"\" ") == []


def test_the_order_for_phrases_has_single_characters_where_no_spaces_are() -> None:
    assert in_order("長江 Bridge, カナ") == ["长", "江", "bridge", "カ", "ナ"]


def test_a_long_run_of_letters_takes_no_longer_than_its_length() -> None:
    start = time.perf_counter()
    assert words("x" * 200_000 + " AB-1234.5") == ["x" * 200_000, "ab", "1234", "5", "ab-1234.5"]
    assert time.perf_counter() - start < 2  # quadratic, it would be fifteen minutes
