"""What is invisible goes, what looks the same is spelt the same, and doing it twice changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parse.normalise import normalise_text, squeeze

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nb\rc\x0cd\u2028e", "a\nb\nc\nd\ne"),
        ("cafe\u0301", "café"),
        ("ＡＢＣ１２３，（甲）。", "ABC123，（甲）。"),
        ("ﬁnd the ﬄuﬀ", "find the ffluff"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("⽤⼾", "用戶"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffmark", "softhyphen zerowidth mark"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("a\u00a0b\u3000c\u2003d", "a b c d"),
        ("nul\x00 bell\x07 tab\t", "nul bell tab\t"),
        ("lone \ud83d surrogate", "lone  surrogate"),
        ("hid\U000e0068\U000e0069den", "hidden"),
        ("Wi\u2011Fi", "Wi-Fi"),
        ("ab\u200dc", "abc"),
        ("می\u200cروم", "می\u200cروم"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("x² + ① %", "x² + ① %"),
        ("    indented\tcode", "    indented\tcode"),
        ("", ""),
    ],
)
def test_spelling(raw: str, clean: str) -> None:
    assert normalise_text(raw) == clean


@given(ANY_TEXT)
def test_twice_is_once_and_always_encodes(text: str) -> None:
    once = normalise_text(text)
    assert normalise_text(once) == once
    once.encode("utf-8")


def test_squeeze_leaves_one_line() -> None:
    assert squeeze("  a \t\n  b  ") == "a b"
