from __future__ import annotations

import pytest

from ingest.parse.pdf.text import first_word, join_lines, read_words


@pytest.mark.parametrize(
    ("before", "after", "vocabulary", "expected"),
    [
        ("of an inter-", "national", (), "of an international"),
        ("a well-", "known man", (), "a well-known man"),
        ("the co-", "author", ("co-author",), "the co-author"),
        ("the state-of-the-", "art", (), "the state-of-the-art"),
        ("the Anglo-", "Saxon", (), "the Anglo-Saxon"),
        ("COVID-", "19 cases", (), "COVID-19 cases"),
        ("a half-", "back", ("halfback",), "a halfback"),
        ("a pause -", "and on", (), "a pause - and on"),
        ("one line", "and the next", (), "one line and the next"),
        ("灯塔看守", "人，每天", (), "灯塔看守人，每天"),
        ("用 Python", "语言", (), "用 Python 语言"),
    ],
)
def test_line_ends(before: str, after: str, vocabulary: tuple[str, ...], expected: str) -> None:
    start, glue = join_lines(before, after, vocabulary)
    assert start + glue + after == expected


@pytest.mark.parametrize(
    ("drawn", "read"),
    [
        ("ef\ufb01cient  \ufb02ow", "efficient flow"),
        ("\uff21\uff22\uff11\uff12，好。", "AB12，好。"),
        ("x² and ½", "x² and ½"),
        ("\U0001d465 = \U0001d7d1", "x = 3"),
        ("\uf0b7 item", "• item"),
        ("\ud83d\ude00 hi", "😀 hi"),
        ("a\x00b\u200bc", "abc"),
        ("目 录", "目录"),
        ("指 导 教 师 某某教授", "指导教师 某某教授"),
        ("•フ ォ ン ト を 設 定 す る。和 文", "•フォントを設定する。和文"),
        ("pTEX パ ッ ケ ー ジ は 、ク ラ ス", "pTEX パッケージは、クラス"),
        ("学术期刊 序号 作者", "学术期刊 序号 作者"),
        ("opƟons of the maƩer, oŌen", "options of the matter, often"),
        ("Ōsaka and Kōbe", "Ōsaka and Kōbe"),
    ],
)
def test_letter_forms(drawn: str, read: str) -> None:
    assert read_words(drawn) == read


def test_what_cannot_be_broken_at_a_line_end() -> None:
    assert first_word("keeper wrote") == "keeper"
    assert first_word("灯塔") == "灯"
    assert first_word("（2,100,000平方英里）") == "（2,100,000"
    assert first_word("") == ""
