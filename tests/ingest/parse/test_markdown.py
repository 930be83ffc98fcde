"""Markdown is read for its words: marks go, structure and lines stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.parse.markdown import parse_markdown
from kb.types import BlockKind, LinePlace, ParsedDocument


def read(folder: Path, text: str) -> ParsedDocument:
    path = folder / "blob"
    path.write_bytes(text.encode())
    return parse_markdown(path, "a.md")


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("a **bold** _word_ and ~~old~~", "a bold word and"),
        (
            "see [the map](https://example.org/x) <https://example.org>",
            "see the map (https://example.org/x) https://example.org",
        ),
        ("![a chart](x.png) here", "a chart here"),
        ("tea &amp; milk \\*star\\*", "tea & milk *star*"),
        ("`x_i * y` stays", "x_i * y stays"),
        ("$a_1 * b_2 * c$ stays", "$a_1 * b_2 * c$ stays"),
        ("costs $5 and *not* $10", "costs $5 and not $10"),
        ("one<br>two <b>three</b>", "one two three"),
        ("first  \nsecond", "first\nsecond"),
        ("中文断\n行", "中文断行"),
        ("a <!-- hidden --> b", "a b"),
        (
            "Rate ~~78~~ <del>85</del> <s>86</s> <span style='text-decoration:line-through'>87</span> 92",
            "Rate 92",
        ),
        ("10<sup>2</sup> m<sup>2</sup> H<sub>2</sub>O", "10^2 m² H2O"),
        (
            "[form][f] and [mail](mailto:a@b.example)\n\n[f]: /forms/17b.pdf",
            "form (/forms/17b.pdf) and mail (a@b.example)",
        ),
        ("[up](#top), [https://a.example](https://a.example/)", "up, https://a.example"),
        ("<a href='https://a.example/x'>here</a>", "here (https://a.example/x)"),
        (
            "see [[Onboarding checklist|the checklist]], [[Tides]] and ![[plan.png]]",
            "see the checklist (Onboarding checklist), Tides and plan.png",
        ),
        ("log in as <your-name>, a list<T> of <em>x</em>", "log in as <your-name>, a list<T> of x"),
    ],
)
def test_inline(markdown: str, words: str, tmp_path: Path) -> None:
    (block,) = read(tmp_path, markdown).blocks
    assert block.text.replace("one\ntwo", "one two") == words


def test_a_line_longer_than_anybody_wraps_is_a_paragraph(tmp_path: Path) -> None:
    long, short = "a sentence of some length. " * 8, "and a short one"
    document = read(tmp_path, f"{long}\n{short}\n{short}\n{long}\n")
    assert [block.text for block in document.blocks] == [
        long.strip(),
        f"{short} {short} {long.strip()}",
    ]
    assert [block.spans[0].place for block in document.blocks] == [LinePlace.at(1), LinePlace.at(2)]


def test_every_span_gives_the_line_it_stands_on(tmp_path: Path) -> None:
    lines = ["# One", "", "alpha", "beta", "", "- gamma", "", "```", "delta", "", "epsilon", "```"]
    lines += ["", "|a|b|", "|-|-|", "|zeta|c|"]
    for block in read(tmp_path, "\r\n".join(lines)).blocks:
        for span in block.spans:
            assert isinstance(span.place, LinePlace)
            assert block.text[span.start : span.end].split(" | ")[0] in lines[span.place.first - 1]


def test_lists_carry_depth_and_numbers(tmp_path: Path) -> None:
    document = read(tmp_path, "3. three\n4. four\n   - below\n\n     more of it\n")
    assert [(block.kind, block.level, block.text) for block in document.blocks] == [
        (BlockKind.LIST_ITEM, 1, "3. three"),
        (BlockKind.LIST_ITEM, 1, "4. four"),
        (BlockKind.LIST_ITEM, 2, "below"),
        (BlockKind.LIST_ITEM, 2, "more of it"),
    ]


def test_boxes_of_tasks_have_their_state_and_struck_items_go(tmp_path: Path) -> None:
    document = read(
        tmp_path, "- [x] doors\n- [ ] windows\n- ~~[x] roof~~\n1. ~~gone~~\n\n[x] is a variable\n"
    )
    assert [block.text for block in document.blocks] == ["☒ doors", "☐ windows", "[x] is a variable"]
    assert document.warnings == ("Struck-out text was left out (2 passages).",)


def test_footnotes_are_apart_from_the_text(tmp_path: Path) -> None:
    document = read(tmp_path, "deep[^a] water\n\n[^a]: at low tide\n")
    assert [(block.kind, block.text) for block in document.blocks] == [
        (BlockKind.PARAGRAPH, "deep water"),
        (BlockKind.FOOTNOTE, "at low tide"),
    ]


def test_html_within_is_read_as_html(tmp_path: Path) -> None:
    document = read(
        tmp_path, "x\n\n<table><tr><td>a</td><td>b</td></tr></table>\n\n<script>evil()</script>\n"
    )
    assert [block.text for block in document.blocks] == ["x", "a | b"]
    assert document.blocks[1].spans[0].place == LinePlace.at(3)


def test_front_matter_gives_the_title(tmp_path: Path) -> None:
    document = read(tmp_path, "---\ntitle: 'The Book'\ntags: sea\n---\n# Other\n")
    assert document.title == "The Book"
    assert document.blocks[0].text == "title: 'The Book'\ntags: sea"


def test_displayed_formulas_are_kept(tmp_path: Path) -> None:
    assert read(tmp_path, "$$\n\\frac{a}{b}\n$$\n").blocks[0].text == "$$\\frac{a}{b}$$"


def test_a_second_row_that_names_columns_is_one_and_a_name_over_several_is_in_each(tmp_path: Path) -> None:
    names = "| Visitor | Residents | | Others | |\n|-|-|-|-|-|\n| | Full | Half | Full | Half |\n"
    (block,) = read(tmp_path, names + "| Adult | 8 | 5 | 11 | 7 |\n| Child | 4 | 2 | 6 | 3 |\n").blocks
    assert block.header_rows == 2
    assert block.text.splitlines()[0] == "Visitor | Residents | Residents | Others | Others"
    (plain,) = read(tmp_path, "| Year | What |\n|-|-|\n| 1990 | founded |\n| 1991 | moved |\n").blocks
    assert plain.header_rows == 1
