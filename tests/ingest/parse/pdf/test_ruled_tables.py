"""Tables whose cells stand close together and are told apart by the lines that are drawn between them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from ingest.parse.pdf.document import parse_pdf
from kb.types import Block, BlockKind

_ROWS = (
    ("Article", "Colour", "Price", "Stock"),
    ("Lamp 40K", "black", "12.50", "17"),
    ("Lamp 40L", "white", "13.90", "4"),
    ("Desk oak", "natural", "249.00", "2"),
)
_SIZE, _HEIGHT, _PADDING = 10, 18, 3
_LEFT, _TOP = 60.0, 700.0
_WIDTHS = [
    max(stringWidth(text, "Helvetica", _SIZE) for text in column) for column in zip(*_ROWS, strict=True)
]
_EDGES = list(accumulate((width + 2 * _PADDING for width in _WIDTHS), initial=_LEFT))
_FOOT = _TOP - len(_ROWS) * _HEIGHT
_LEVELS = [_TOP - _HEIGHT * number for number in range(len(_ROWS) + 1)]


def _whole_lines(canvas: Canvas) -> None:
    for x in _EDGES:
        canvas.line(x, _TOP, x, _FOOT)


def _line_by_line(canvas: Canvas) -> None:
    for x in _EDGES:
        for above, below in pairwise(_LEVELS):
            canvas.line(x, above, x, below)


def _one_path(canvas: Canvas) -> None:
    canvas.grid(_EDGES, _LEVELS)


def _boxes(canvas: Canvas) -> None:
    for left, right in pairwise(_EDGES):
        for above, below in pairwise(_LEVELS):
            canvas.rect(left, below, right - left, above - below)


def _thin_rectangles(canvas: Canvas) -> None:
    for x in _EDGES:
        for above, below in pairwise(_LEVELS):
            canvas.rect(x - 0.25, below, 0.5, above - below, stroke=0, fill=1)


def _in_a_form(canvas: Canvas) -> None:
    canvas.beginForm("rules")
    _one_path(canvas)
    canvas.endForm()
    canvas.doForm("rules")


def _nothing(canvas: Canvas) -> None:
    pass


def _a_box_around_each_word(canvas: Canvas) -> None:
    """As keys are shown in a manual: higher than the word, and lower than two rows."""
    for left, right in pairwise(_EDGES):
        for above, _ in pairwise(_LEVELS):
            canvas.rect(left + 1, above - 15, right - left - 2, 13)


def _read(path: Path, draw: Callable[[Canvas], None], *, together: bool = False) -> list[Block]:
    """Reads the rows with what ``draw`` draws; ``together``: a row is one run of text, as some programs write it."""
    canvas = Canvas(str(path))
    canvas.setFont("Helvetica", _SIZE)
    for row, above in zip(_ROWS, _LEVELS, strict=False):
        if together:
            text = canvas.beginText(_EDGES[0] + _PADDING, above - 13)
            for place, cell in enumerate(row):
                text.setXPos(_EDGES[place] - (_EDGES[place - 1] if place else _LEFT))
                text.textOut(cell)
            canvas.drawText(text)
            continue
        for left, cell in zip(_EDGES, row, strict=False):
            canvas.drawString(left + _PADDING, above - 13, cell)
    draw(canvas)
    canvas.save()
    return list(parse_pdf(path, path.name).blocks)


@pytest.mark.parametrize(
    "draw", [_whole_lines, _line_by_line, _one_path, _boxes, _thin_rectangles, _in_a_form]
)
@pytest.mark.parametrize("together", [True, False])
def test_cells_a_narrow_gap_apart_are_told_by_the_rules_between_them(
    tmp_path: Path, draw: Callable[[Canvas], None], *, together: bool
) -> None:
    (table,) = _read(tmp_path / "a.pdf", draw, together=together)
    assert table.kind is BlockKind.TABLE
    assert table.text == "\n".join(" | ".join(row) for row in _ROWS)
    assert table.header_rows == 1


@pytest.mark.parametrize("draw", [_nothing, _a_box_around_each_word])
def test_without_rules_that_go_on_they_are_words_of_a_line(
    tmp_path: Path, draw: Callable[[Canvas], None]
) -> None:
    assert BlockKind.TABLE not in [block.kind for block in _read(tmp_path / "a.pdf", draw)]


def test_a_bar_beside_a_paragraph_and_a_line_between_columns_make_no_table(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica", _SIZE)
    lines = [
        "The ferry leaves at seven and",
        "returns at nine. It carries cars",
        "and bicycles, but no lorries.",
    ]
    for number, line in enumerate(lines):
        canvas.drawString(70, 700 - 13 * number, line)
    for number, line in enumerate(lines):
        canvas.drawString(240, 700 - 13 * number, line.replace("ferry", "train"))
    for x in (64, 232):
        canvas.line(x, 715, x, 665)
    canvas.save()
    blocks = parse_pdf(tmp_path / "a.pdf", "a.pdf").blocks
    assert [block.text for block in blocks] == [
        " ".join(lines), " ".join(lines).replace("ferry", "train"),
    ]  # fmt: skip


def test_so_many_upright_lines_are_a_drawing(tmp_path: Path) -> None:
    def hatched(canvas: Canvas) -> None:
        _whole_lines(canvas)
        for number in range(400):
            canvas.line(20 + 1.6 * number, 300, 20 + 1.6 * number, 400)

    assert BlockKind.TABLE not in [block.kind for block in _read(tmp_path / "a.pdf", hatched)]
