"""Financial statements: years and units in every part, over pages, and no heading that is not theirs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from ingest.chunk import chunk_document
from ingest.formats import parse
from kb.text.tables import column_names, row_cells
from kb.types import BlockKind, Chunk, ParsedDocument
from tests.doubles.hash_embedder import HashEmbedder

WIDTH, HEIGHT = A4
Rows = Sequence[Sequence[str]]
INCOME = [(f"Line item {n}", f"{n}1,200", f"({n}2,300)") for n in range(10, 22)]


def centred(canvas: Canvas, y: float, text: str, font: str = "Helvetica", size: float = 10) -> float:
    canvas.setFont(font, size)
    canvas.drawCentredString(WIDTH / 2, y, text)
    return y - 1.3 * size


def figures(canvas: Canvas, y: float, rows: Rows, *, font: str = "Helvetica") -> float:
    canvas.setFont(font, 9)
    for label, *values in rows:
        canvas.drawString(72, y, label)
        for column, value in enumerate(values):
            sign, _, number = value.rpartition("$")
            canvas.drawRightString(420 + 80 * column, y, number)
            if sign or value != number:
                canvas.drawString(420 + 80 * column - 60, y, "$")
        y -= 13
    return y


def read(path: Path) -> tuple[ParsedDocument, list[Chunk]]:
    document = parse(path, path.name)
    return document, chunk_document(document, HashEmbedder(), max_tokens=60)


def test_every_row_knows_its_years_its_unit_and_its_group(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    y = centred(canvas, HEIGHT - 80, "STATEMENTS OF INCOME", "Helvetica-Bold", 14)
    y = centred(canvas, y, "(in thousands)")
    canvas.setFont("Helvetica", 9)
    canvas.drawCentredString(450, y - 6, "Year ended May 31,")
    y = figures(canvas, y - 18, [("", "2024", "2023")], font="Helvetica-Bold")
    y = figures(
        canvas,
        y,
        [("Operations:",), *INCOME[:6], ("Financing:",), *INCOME[6:], ("Total", "$9,100", "$8,100")],
    )
    canvas.save()
    document, chunks = read(tmp_path / "a.pdf")
    (table,) = (block for block in document.blocks if block.kind is BlockKind.TABLE)
    assert table.text.split("\n")[:3] == [
        " | Year ended May 31, | Year ended May 31,",
        " | 2024 | 2023",
        "Operations:",
    ]
    assert table.text.split("\n")[-1] == "Total | $ 9,100 | $ 8,100"
    for label, new, old in INCOME:
        (chunk,) = (chunk for chunk in chunks if f"{label} |" in chunk.text)
        group = "Operations" if label < INCOME[6][0] else "Financing"
        assert f"{group} > {label}; 2024: {new}; 2023: {old}" in chunk.embedded_text
        assert "(in thousands)" in chunk.embedded_text
        assert "Year ended May 31" in chunk.embedded_text
        assert " | 2024 | 2023" in chunk.text


def test_a_table_that_goes_on_over_the_page_keeps_its_columns(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    y = figures(canvas, 260, [("", "Q1 2024", "Q1 2023"), *INCOME])
    canvas.showPage()
    figures(
        canvas,
        HEIGHT - 72,
        [("Carried over:",), *((f"Later {label}", new, old) for label, new, old in INCOME)],
    )
    canvas.save()
    assert y > 60
    _, chunks = read(tmp_path / "a.pdf")
    for label, new, old in INCOME:
        (chunk,) = (chunk for chunk in chunks if f"Later {label} |" in chunk.text)
        assert f"Carried over > Later {label}; Q1 2024: {new}; Q1 2023: {old}" in chunk.embedded_text
        assert chunk.anchor.page == 2


def test_a_heading_ends_with_a_page_that_was_left_early(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    y = centred(canvas, HEIGHT - 80, "Mill reports a good quarter", "Helvetica-Bold", 16)
    y = centred(canvas, y - 10, "Net sales of the mill rose by seven percent against the year before.")
    y = centred(canvas, y - 10, "Contacts", "Helvetica-Bold", 12)
    centred(canvas, y, "Jane Doe answers questions of investors by telephone until Friday.")
    canvas.showPage()
    y = centred(canvas, HEIGHT - 80, "Condensed income, in millions")
    figures(canvas, y - 8, [("", "2024", "2023"), *INCOME])
    canvas.showPage()
    y = centred(canvas, HEIGHT - 80, "Outlook", "Helvetica-Bold", 11)
    centred(canvas, y, "The year will be like the last one, as far as anybody can tell today.")
    canvas.save()
    _, chunks = read(tmp_path / "a.pdf")
    for chunk in chunks:
        if chunk.anchor.page != 1:
            assert "Contacts" not in chunk.embedded_text
    assert any("Contacts" in chunk.embedded_text and "Jane" in chunk.text for chunk in chunks)


def test_a_section_goes_on_over_a_full_page_to_its_table(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    y = centred(canvas, HEIGHT - 60, "Results of the mill", "Helvetica-Bold", 16)
    y = centred(canvas, y, "By region", "Helvetica-Bold", 12)
    for _ in range(48):
        y = centred(
            canvas, y, "The mill sold as much flour in each of its regions as it had the year before, it says"
        )
    canvas.showPage()
    figures(canvas, HEIGHT - 72, [("", "2024", "2023"), *INCOME])
    canvas.save()
    _, chunks = read(tmp_path / "a.pdf")
    (chunk,) = (chunk for chunk in chunks if f"{INCOME[5][0]} |" in chunk.text)
    assert chunk.heading_path[-1] == "By region"


def test_columns_a_narrow_gap_apart_are_told_by_the_rows_that_are_wider_apart(tmp_path: Path) -> None:
    """As reportlab sets a table: the longest label stands 12 points before its figure, and so do the two years."""
    rows = [
        ["", "Q1 2025", "Q2 2025"],
        ["Revenue", "4,120", "4,480"],
        ["Cost of goods", "2,900", "3,010"],
        ["Operating profit", "610", "702"],
    ]
    path = tmp_path / "narrow.pdf"
    SimpleDocTemplate(str(path)).build([Table(rows), Paragraph("In thousand kroner.")])
    document, _ = read(path)
    (table,) = [block for block in document.blocks if block.kind is BlockKind.TABLE]
    assert table.text.splitlines() == [" | ".join(row) for row in rows]


@pytest.mark.parametrize("dy", [0, -7, -13])
def test_a_year_over_several_columns_is_in_each_wherever_it_stands(tmp_path: Path, dy: float) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.setFont("Helvetica", 9)
    y = HEIGHT - 100
    canvas.drawString(72, y + dy, "Pier")
    for place, year in ((200, "2023"), (380, "2024")):
        canvas.drawString(place, y, year)
    for column, name in enumerate(("Berths", "Boats", "Guests") * 2):
        canvas.drawString(200 + 60 * column, y - 13, name)
    for row, pier in enumerate(("North", "South", "West", "Old", "New")):
        canvas.drawString(72, y - 26 - 13 * row, pier)
        for column in range(6):
            canvas.drawString(200 + 60 * column, y - 26 - 13 * row, f"{row + 1}{column}7")
    canvas.save()
    document, _ = read(tmp_path / "a.pdf")
    (table,) = document.blocks
    names = column_names([row_cells(line) for line in table.text.split("\n")[: table.header_rows]])
    assert names == [
        "Pier",
        *(f"{year} {name}" for year in (2023, 2024) for name in ("Berths", "Boats", "Guests")),
    ]
