from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ingest.parse.pdf.document import parse_pdf


def _line(canvas: Canvas, y: float, text: str, *, mode: int = 0, x: float = 60) -> None:
    shown = canvas.beginText(x, y)
    shown.setFont("Helvetica", 11)
    shown.setTextRenderMode(mode)
    shown.textOut(text)
    shown.setTextRenderMode(0)
    canvas.drawText(shown)


def _scan(canvas: Canvas) -> None:
    canvas.drawImage(ImageReader(Image.new("L", (8, 8), 200)), 0, 0, *A4)


@pytest.mark.parametrize("mode", [3, 7])
def test_text_that_is_not_painted_is_left_out_beside_text_that_is(tmp_path: Path, mode: int) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    _line(canvas, 780, "The rent is 450 euros.")
    _line(canvas, 760, "cheap flats bargain best price in town and many more words than are shown", mode=mode)
    _line(canvas, 740, "It is paid on the first.")
    canvas.save()
    document = parse_pdf(tmp_path / "a.pdf", "a.pdf")
    assert " ".join(document.text.split()) == "The rent is 450 euros. It is paid on the first."
    assert any(warning.startswith("Hidden text was left out (1 passage") for warning in document.warnings)


def test_the_text_of_a_scanned_page_is_read_with_the_stamp_on_it(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    _scan(canvas)
    _line(canvas, 780, "The rent that was agreed upon is 450 euros.", mode=3)
    _line(canvas, 760, "It is to be paid on the first day of each month.", mode=3)
    _line(canvas, 400, "COPY 0017", x=400)
    canvas.showPage()
    _line(canvas, 780, "A page with nothing but recognised text on it.", mode=3)
    canvas.save()
    document = parse_pdf(tmp_path / "a.pdf", "a.pdf")
    for sentence in ("agreed upon is 450 euros.", "first day of each month.", "COPY 0017", "recognised text"):
        assert sentence in document.text
    assert not document.warnings


def test_text_outside_of_the_page_is_no_part_of_it(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    _line(canvas, 780, "The rent is 450 euros.")
    _line(canvas, 900, "Above the page.")
    _line(canvas, 700, "Right of the page.", x=700)
    canvas.save()
    assert parse_pdf(tmp_path / "a.pdf", "a.pdf").text == "The rent is 450 euros."
