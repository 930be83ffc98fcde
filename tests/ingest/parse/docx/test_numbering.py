"""The numbers that Word shows are there to be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.parse.docx.document import parse_docx
from tests.data.make_samples import paragraph, write_docx


def level(number: int, form: str, text: str, *, start: int = 1, extra: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>'
        f'{extra}<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(*levels: str, uses: str = '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>') -> str:
    return f'<w:abstractNum w:abstractNumId="7">{"".join(levels)}</w:abstractNum>{uses}'


def item(text: str, depth: int = 0, number_id: int = 1) -> str:
    listed = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number_id}"/></w:numPr>'
    return paragraph(text, properties=listed)


def lines(folder: Path, body: str, numbers: str, styles: str = "") -> list[str]:
    path = write_docx(folder / "x.docx", body, {"numbering": numbers, "styles": styles})
    return parse_docx(path, "x.docx").text.split("\n")


def test_levels_count_within_each_other(tmp_path: Path) -> None:
    numbers = numbering(
        level(0, "decimal", "%1."), level(1, "decimal", "%1.%2"), level(2, "lowerLetter", "(%3)")
    )
    body = item("a") + item("b", 1) + item("c", 2) + item("d", 2) + item("e", 1) + item("f") + item("g", 1)
    assert lines(tmp_path, body, numbers) == ["1. a", "1.1 b", "(a) c", "(b) d", "1.2 e", "2. f", "2.1 g"]


@pytest.mark.parametrize(
    ("form", "text", "start", "labels"),
    [
        ("upperRoman", "%1.", 3, ["III.", "IV."]),
        ("lowerLetter", "%1)", 26, ["z)", "aa)"]),
        ("chineseCountingThousand", "第%1条", 10, ["第十条", "第十一条"]),
        ("decimalZero", "%1", 9, ["09", "10"]),
        ("bullet", "•", 1, ["", ""]),
    ],
)
def test_number_formats(form: str, text: str, start: int, labels: list[str], tmp_path: Path) -> None:
    found = lines(tmp_path, item("x") + item("x"), numbering(level(0, form, text, start=start)))
    assert found == [f"{label} x".strip() for label in labels]


def test_two_lists_of_one_kind_go_on_counting_unless_restarted(tmp_path: Path) -> None:
    uses = "".join(
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="7"/>{override}</w:num>'
        for number, override in (
            (1, ""),
            (2, ""),
            (3, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'),
        )
    )
    numbers = numbering(level(0, "decimal", "%1."), uses=uses)
    body = item("a") + item("b", number_id=2) + item("c", number_id=3) + item("d", number_id=3)
    assert lines(tmp_path, body, numbers) == ["1. a", "2. b", "5. c", "6. d"]


def test_headings_are_numbered_by_the_level_tied_to_their_style(tmp_path: Path) -> None:
    tied = '<w:pStyle w:val="H2"/>'
    numbers = numbering(level(0, "decimal", "%1"), level(1, "decimal", "%1.%2", extra=tied))
    styles = "".join(
        f'<w:style w:styleId="H{n}"><w:name w:val="heading {n}"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        for n in (1, 2)
    )
    body = paragraph("Scope", style="H1") + paragraph("Terms", style="H2")
    assert lines(tmp_path, body, numbers, styles) == ["1 Scope", "1.1 Terms"]


def test_what_numbering_does_not_know_stays_without_a_number(tmp_path: Path) -> None:
    body = item("no such list", number_id=99) + item("no such level", 8) + item("absurd", 99)
    assert lines(tmp_path, body, numbering(level(0, "decimal", "%1.%9"))) == [
        "no such list",
        "no such level",
        "absurd",
    ]
