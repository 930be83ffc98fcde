"""Tables that are drawn as a grid, whose cells are of several lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from ingest.parse.pdf.document import parse_pdf
from kb.types import Block, BlockKind, PdfPlace

_SIZE, _STEP = 10, 12
_LEFT, _TOP = 60.0, 740.0

Cells = tuple[tuple[str, ...], ...]
"""Rows of cells; the lines of a cell have ``/`` between them."""

SIGNS: Cells = (
    ("Code", "What it means", "What to do"),
    (
        "E1",
        "The water tank is empty or is/not in its place.",
        "Fill the tank and push it in/until it clicks.",
    ),
    ("E2", "The pump is blocked.", "Run the programme twice, then/rinse with fresh water and dry/the tank."),
    ("E3", "The lid is open.", "Close it."),
)
WIDTHS = (40, 145, 145)


def draw(
    canvas: Canvas, cells: Cells, widths: Sequence[float], *, top: float = _TOP, level: bool = True
) -> float:
    """Draws the cells with lines around them, level ones too unless told otherwise; returns where they end."""
    canvas.setFont("Helvetica", _SIZE)
    edges = list(accumulate(widths, initial=_LEFT))
    heights = [6 + _STEP * max(cell.count("/") + 1 for cell in row) for row in cells]
    tops = list(accumulate((-height for height in heights), initial=top))
    for row, y in zip(cells, tops, strict=False):
        for x, cell in zip(edges, row, strict=False):
            for number, text in enumerate(cell.split("/")):
                canvas.drawString(x + 3, y - _STEP * (number + 1), text)
    for x in edges:
        canvas.line(x, top, x, tops[-1])
    for y in tops if level else (tops[0], tops[1], tops[-1]):
        canvas.line(edges[0], y, edges[-1], y)
    return tops[-1]


def read(path: Path) -> list[Block]:
    return list(parse_pdf(path, path.name).blocks)


def as_text(cells: Cells) -> str:
    return "\n".join(" | ".join(cell.replace("/", " ") for cell in row) for row in cells)


def test_a_cell_of_several_lines_is_one_cell_and_each_line_keeps_its_place(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(_LEFT, 760, "Signs on the display.")
    foot = draw(canvas, SIGNS, WIDTHS)
    canvas.drawString(_LEFT, foot - 20, "Keep this page with the machine.")
    canvas.save()
    before, table, after = read(tmp_path / "a.pdf")
    assert table.kind is BlockKind.TABLE
    assert table.text == as_text(SIGNS)
    assert table.header_rows == 1
    assert [before.text, after.text] == ["Signs on the display.", "Keep this page with the machine."]
    places = {table.text[span.start : span.end]: span.place for span in table.spans}
    upper, lower = places["Fill the tank and push it in"], places["until it clicks."]
    assert isinstance(upper, PdfPlace)
    assert isinstance(lower, PdfPlace)
    assert 0 < lower.rects[0].y0 - upper.rects[0].y0 < 1.5 * _STEP


def test_lines_below_each_row_are_enough(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica", _SIZE)
    canvas.drawString(_LEFT, 770, "Signs on the display.")
    y = _TOP
    for row in SIGNS:
        for x, cell in zip(accumulate(WIDTHS, initial=_LEFT), row, strict=False):
            for number, text in enumerate(cell.split("/")):
                canvas.drawString(x + 3, y - _STEP * (number + 1), text)
        y -= 6 + _STEP * max(cell.count("/") + 1 for cell in row)
        canvas.line(_LEFT, y, _LEFT + sum(WIDTHS), y)
    canvas.drawString(_LEFT, y - 30, "Keep this page with the machine.")
    canvas.save()
    _, table, _ = read(tmp_path / "a.pdf")
    assert table.kind is BlockKind.TABLE
    assert table.text == as_text(SIGNS)
    assert table.header_rows == 1


def test_rules_between_the_parts_of_a_text_make_no_table(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica", _SIZE)
    for number in range(4):
        canvas.line(60, 700 - 60 * number, 390, 700 - 60 * number)
        canvas.drawString(
            60, 680 - 60 * number, f"Part {number + 1}: the ferry leaves at seven and returns at nine."
        )
        canvas.drawString(60, 668 - 60 * number, "It carries cars.")
    canvas.save()
    assert BlockKind.TABLE not in {block.kind for block in read(tmp_path / "a.pdf")}


def test_a_table_that_goes_on_over_the_page_is_one(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    draw(canvas, SIGNS[:3], WIDTHS, top=200)
    canvas.showPage()
    draw(canvas, SIGNS[3:] * 2, WIDTHS)
    canvas.save()
    (table,) = read(tmp_path / "a.pdf")
    assert table.text == as_text((*SIGNS, SIGNS[3]))


def test_a_cell_over_two_columns_is_in_both(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica", _SIZE)
    xs, ys = (60, 130, 200, 270), (740, 722, 704, 686, 668)
    rows = (("Plan", "", ""), ("", "small", "large"), ("Data", "3 GB", "9 GB"), ("Minutes", "100", "400"))
    for row, y in zip(rows, ys, strict=False):
        for x, cell in zip(xs, row, strict=False):
            canvas.drawString(x + 4, y - 13, cell)
    canvas.drawCentredString(200, ys[0] - 13, "Price per month")
    for y in ys:
        canvas.line(xs[0], y, xs[-1], y)
    for x in xs:
        canvas.line(x, ys[1] if x == 200 else ys[0], x, ys[-1])
    canvas.save()
    (table,) = read(tmp_path / "a.pdf")
    assert table.text.split("\n")[0] == "Plan | Price per month | Price per month"
    assert table.text.split("\n")[2:] == ["Data | 3 GB | 9 GB", "Minutes | 100 | 400"]


def test_rows_without_lines_between_them_stay_rows(tmp_path: Path) -> None:
    rows = (("Year", "Sold", "Lent"), ("2022", "140", "17"), ("2023", "155", "21"), ("2024", "161", "30"))
    canvas = Canvas(str(tmp_path / "a.pdf"))
    draw(canvas, rows, (60, 60, 60), level=False)
    canvas.save()
    (table,) = read(tmp_path / "a.pdf")
    assert table.text == as_text(rows)


def test_ruled_columns_of_a_page_are_no_table(tmp_path: Path) -> None:
    text = "/".join(["The ferry leaves at seven and returns", "again at nine. It carries many bicycles."] * 4)
    canvas = Canvas(str(tmp_path / "a.pdf"))
    draw(canvas, ((text, f"{text}/Lorries wait."), (text, f"{text}/Lorries wait.")), (190, 190))
    canvas.save()
    assert BlockKind.TABLE not in {block.kind for block in read(tmp_path / "a.pdf")}


def test_boxes_that_are_joined_by_lines_are_no_table(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica", _SIZE)
    xs, ys = (60, 220, 380), (700, 600)
    for x in xs:
        for y in ys:
            canvas.rect(x, y, 90, 40)
            canvas.drawString(x + 6, y + 26, f"Step {x // 10} {y // 10}")
    for y in ys:
        for left, right in pairwise(xs):
            canvas.line(left + 90, y + 20, right, y + 20)
    for x in xs:
        canvas.line(x + 45, ys[0], x + 45, ys[1] + 40)
    canvas.save()
    assert BlockKind.TABLE not in {block.kind for block in read(tmp_path / "a.pdf")}
