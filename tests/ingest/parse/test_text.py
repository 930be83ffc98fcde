"""Plain text keeps its lines for the footnotes, and gets its sentences back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parse.text import MAX_BLOCK, Line, joint, lines_block, numbered_lines, parse_text
from kb.errors import BadInput
from kb.types import BlockKind, LinePlace, ParsedDocument

WRAPPED = (
    "The lighthouse keeper wrote every evening what the sea had brought, and so\n"
    "the book that he left behind is a list of planks, bottles and one small\n"
    "piano that nobody came to fetch.\n"
)


def read(folder: Path, text: str, name: str = "a.txt") -> ParsedDocument:
    path = folder / "blob"
    path.write_bytes(text.encode())
    return parse_text(path, name)


def test_lines_broken_to_fit_are_one_paragraph_with_a_span_a_line(tmp_path: Path) -> None:
    (block,) = read(tmp_path, "\n" + WRAPPED).blocks
    assert "and so the book" in block.text
    assert [span.place for span in block.spans] == [LinePlace.at(line) for line in (2, 3, 4)]
    assert block.text[block.spans[1].start : block.spans[1].end].startswith("the book")


@pytest.mark.parametrize(
    "line",
    [
        "[1/{}/2025, 18:02] Amara: we meet at the north gate of the park at half past nine",
        "Ben{}: {} " + "word " * 12,
    ],
)
def test_a_chat_and_a_dialogue_keep_their_lines(line: str, tmp_path: Path) -> None:
    text = "\n".join(line.format(number, number) for number in range(2, 6))
    (block,) = read(tmp_path, text).blocks
    assert block.text.count("\n") == 3


def test_prose_that_happens_to_break_before_numbers_is_joined(tmp_path: Path) -> None:
    text = (
        "The company was founded by the sea and has since then been a leader of it with\n"
        "1200 workers in three plants. In the years behind it grew to be the largest of\n"
        "2000 firms of the region, and its owner was made mayor.\n"
    )
    (block,) = read(tmp_path, text).blocks
    assert "\n" not in block.text


@pytest.mark.parametrize(
    "text",
    [
        "Roses are red,\nviolets are blue",
        "12 Harbour Street\nBrest",
        WRAPPED.replace("\nthe", "\n- the"),
        "name      price     stock in the harbour warehouse today\nrope      12        40 of the long kind only\n",
    ],
)
def test_verses_addresses_lists_and_columns_keep_their_lines(text: str, tmp_path: Path) -> None:
    (block,) = read(tmp_path, text).blocks
    assert block.text.count("\n") == text.strip().count("\n")


def test_long_lines_are_paragraphs_without_blank_lines_between(tmp_path: Path) -> None:
    line = "海水带来的东西每天晚上都被守塔人记下来，" * 5 + "完。"
    blocks = read(tmp_path, f"{line}\n{line}\n").blocks
    assert [block.spans[0].place for block in blocks] == [LinePlace.at(1), LinePlace.at(2)]


def test_chapters_are_headings_and_sentences_about_them_are_not(tmp_path: Path) -> None:
    english = "Chapter 1\n\nChapter 2 showed that\nit rains.\n\nPart One\n\n"
    text = english + "第十二章 风暴\n正文。\n第一章讲到这里就结束了，请看下文。\n"
    found = [(block.level, block.text) for block in read(tmp_path, text).blocks if block.level]
    assert found == [(2, "Chapter 1"), (1, "Part One"), (2, "第十二章 风暴")]


def test_a_line_of_two_megabytes_is_cut_between_words(tmp_path: Path) -> None:
    text = "word " * 400_000
    blocks = read(tmp_path, text).blocks
    assert all(len(block.text) <= MAX_BLOCK and block.spans[0].place == LinePlace.at(1) for block in blocks)
    assert " ".join(block.text for block in blocks) == text.strip()


def test_a_long_line_without_any_space_loses_nothing(tmp_path: Path) -> None:
    text = "x" * (3 * MAX_BLOCK + 7)
    assert "".join(block.text for block in read(tmp_path, text).blocks) == text


def test_code_keeps_its_indentation(tmp_path: Path) -> None:
    (block,) = read(tmp_path, "def f():\n    return 1\n", "a.py").blocks
    assert (block.kind, block.text) == (BlockKind.CODE, "def f():\n    return 1")


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    lines = list(numbered_lines("a\r\nb\rc\fd\u2028e\n"))
    assert lines == [Line(1, "a"), Line(2, "b"), Line(3, "c d e")]


def test_east_asian_lines_are_joined_without_a_space() -> None:
    assert joint("风从", "北方来") == ""
    assert joint("from the", "north") == " "


def test_binary_and_blank_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="only white space"):
        read(tmp_path, " \n\u3000\n")
    with pytest.raises(BadInput, match="binary"):
        read(tmp_path, "\x00" * 100)


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=20), min_size=1, max_size=6))
def test_spans_give_back_the_lines(texts: list[str]) -> None:
    lines = [Line(number, text) for number, text in enumerate(texts, 1)]
    block = lines_block(lines)
    assert [block.text[span.start : span.end] for span in block.spans] == texts


def test_a_short_first_line_is_the_title_unless_it_is_all(tmp_path: Path) -> None:
    titled = read(tmp_path, "Harbour rules\n\nNo fires.\n")
    assert (titled.title, titled.blocks[0].kind, titled.blocks[0].level) == (
        "Harbour rules",
        BlockKind.HEADING,
        1,
    )
    for text in ("Harbour rules\n", "Dear Anna,\n\nthank you.\n", "It rains.\n\nStill.\n"):
        untitled = read(tmp_path, text)
        assert untitled.title is None
        assert untitled.blocks[0].kind is BlockKind.PARAGRAPH
