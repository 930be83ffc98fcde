from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text import fold, language, sentences, words


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ＧＰＵ １２３", "gpu 123"),
        ("Café", "cafe"),
        ("STRASSE", "straße"),
        ("ﬁle", "file"),
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


def test_scripts_without_spaces_become_bigrams() -> None:
    assert words("カタカナ") == ["カタ", "タカ", "カナ"]
    assert words("한국어") == ["한국", "국어"]


def test_an_identifier_is_found_whole_and_in_parts() -> None:
    found = words("Error AB-1234.5 occurred")
    assert "ab-1234.5" in found
    assert {"ab", "1234", "5"} <= set(found)


def test_mixed_text_keeps_every_part() -> None:
    assert {"gpu", "显存", "24", "gb"} <= set(words("GPU的显存是24 GB"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("第一句。第二句！第三句？", ["第一句。", "第二句！", "第三句？"]),
        ("Dr. Smith met Mr. Jones. They talked.", ["Dr. Smith met Mr. Jones.", "They talked."]),
        ("It costs 3.5 dollars. Cheap.", ["It costs 3.5 dollars.", "Cheap."]),
        ("the U.S. army, e.g. the cavalry. Done.", ["the U.S. army, e.g. the cavalry.", "Done."]),
        ('He said "Go." Then he left.', ['He said "Go."', "Then he left."]),
        ("他说：“走吧。”然后离开。", ["他说：“走吧。”", "然后离开。"]),
        ("a line\nanother line", ["a line", "another line"]),
        ("Tokens stand apart . So do these .", ["Tokens stand apart .", "So do these ."]),
        ("Wait ... for it .NET is here.", ["Wait ... for it .NET is here."]),
        ("  ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(st.text(max_size=300))
def test_sentences_hold_every_character_but_white_space(text: str) -> None:
    places = sentences(text)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(places))
    kept = "".join(text[start:end] for start, end in places)
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("How long is the bridge?", "en"),
        ("大桥有多长？", "zh"),
        ("GPU 的显存有多大", "zh"),
        ("この橋の長さは？", "ja"),
        ("다리의 길이는?", "ko"),
        ("Какова длина моста?", "ru"),
        ("", "en"),
    ],
)
def test_language(text: str, code: str) -> None:
    assert language(text) == code


def test_a_long_run_of_letters_takes_no_longer_than_its_length() -> None:
    start = time.perf_counter()
    assert words("x" * 200_000 + " AB-1234.5") == ["x" * 200_000, "ab", "1234", "5", "ab-1234.5"]
    assert time.perf_counter() - start < 2  # quadratic, it would be fifteen minutes
