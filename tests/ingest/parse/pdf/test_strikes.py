from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from ingest.parse.pdf.document import parse_pdf
from kb.types import ParsedDocument
from tests.ingest.raw_pdf import HELVETICA, raw_pdf, stream

_CHINESE = "STSong-Light"
_BEFORE, _STRUCK, _AFTER = "The fee is", "980 euros, payable at once", "450 euros."


def _draw(
    path: Path, *, height: float, font: str = "Helvetica", size: float = 11, rect: bool = False
) -> Path:
    """Draws a sentence whose middle has a line over its width, ``height`` above the feet, in units of the size."""
    canvas = Canvas(str(path))
    canvas.setFont(font, size)
    x, y = 60.0, 700.0
    for text in (_BEFORE, _STRUCK, _AFTER):
        canvas.drawString(x, y, text)
        end = x + stringWidth(text, font, size)
        if text == _STRUCK and rect:
            canvas.rect(x, y + height * size - 0.3, end - x, 0.6, stroke=0, fill=1)
        elif text == _STRUCK:
            canvas.line(x, y + height * size, end, y + height * size)
        x = end + stringWidth(" ", font, size)
    canvas.save()
    return path


def _said(document: ParsedDocument) -> bool:
    return any(warning.startswith("Struck-out text was left out (1 passage") for warning in document.warnings)


@pytest.mark.parametrize("rect", [True, False])
@pytest.mark.parametrize("font", ["Helvetica", "Times-Roman", "Courier-Bold"])
@pytest.mark.parametrize("height", [0.22, 0.28, 0.34])
def test_text_under_a_line_is_left_out_and_said(
    tmp_path: Path, font: str, height: float, *, rect: bool
) -> None:
    document = parse_pdf(_draw(tmp_path / "a.pdf", height=height, font=font, rect=rect), "a.pdf")
    assert document.text == f"{_BEFORE} {_AFTER}"
    assert _said(document)


def test_a_full_stop_is_struck_with_its_sentence(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica", 11)
    for y, text in (
        (700, "The locker is 42 pounds."),
        (680, "The locker is 35 pounds."),
        (660, "It is dry."),
    ):
        canvas.drawString(60, y, text)
    canvas.line(60, 683.2, 60 + stringWidth("The locker is 35 pounds.", "Helvetica", 11), 683.2)
    canvas.save()
    assert parse_pdf(tmp_path / "a.pdf", "a.pdf").text.split() == [
        "The",
        "locker",
        "is",
        "42",
        "pounds.",
        "It",
        "is",
        "dry.",
    ]


@pytest.mark.parametrize("height", [-0.3, -0.12, 0.0, 0.8, 1.1])
def test_lines_under_and_over_letters_strike_nothing(tmp_path: Path, height: float) -> None:
    document = parse_pdf(_draw(tmp_path / "a.pdf", height=height), "a.pdf")
    assert document.text == f"{_BEFORE} {_STRUCK} {_AFTER}"
    assert not document.warnings


def test_chinese_under_a_line_is_left_out(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont(_CHINESE, 12)
    canvas.drawString(60, 700, "押金为八千元整，租金为三千元。")
    canvas.line(60 + 3 * 12, 704.2, 60 + 7 * 12, 704.2)
    canvas.save()
    document = parse_pdf(tmp_path / "a.pdf", "a.pdf")
    assert document.text == "押金为，租金为三千元。"
    assert _said(document)


def test_lines_that_go_on_beyond_the_letters_strike_nothing(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(100, 700, "A label on a line of a diagram")
    canvas.line(60, 703, 500, 703)
    canvas.drawString(100, 650, "-")
    canvas.line(100, 653, 104, 653)
    canvas.save()
    document = parse_pdf(tmp_path / "a.pdf", "a.pdf")
    assert document.text.startswith("A label on a line of a diagram")
    assert not document.warnings


def test_a_line_within_a_drawing_that_is_placed_strikes_as_well(tmp_path: Path) -> None:
    drawing = stream(
        b"BT /F1 11 Tf 10 10 Td (not any more) Tj ET 10 12.8 64 0.7 re f",
        f"/Type/XObject/Subtype/Form/BBox[0 0 300 100]/Resources<</Font<</F1 {HELVETICA}>>>>",
    )
    path = raw_pdf(
        tmp_path / "a.pdf",
        [b"BT /F1 11 Tf 60 770 Td (This is valid) Tj ET q 1 0 0 1 60 700 cm /X Do Q"],
        page=f"/Resources<</Font<</F1 {HELVETICA}>>/XObject<</X 100 0 R>>>>",
        extra=[drawing],
    )
    document = parse_pdf(path, path.name)
    assert document.text == "This is valid"
    assert _said(document)


def test_a_strike_is_found_behind_a_drawing_of_many_corners(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    path = canvas.beginPath()
    path.moveTo(60, 300)
    for number in range(6_000):
        path.lineTo(60 + number % 400, 300 + number % 7)
    canvas.drawPath(path)
    canvas.setFont("Helvetica", 11)
    canvas.drawString(60, 700, "The fee is 980 euros.")
    width = stringWidth("The fee is 980 euros.", "Helvetica", 11)
    canvas.line(60, 703, 60 + width, 703)
    canvas.drawString(60, 680, "It is paid at once.")
    canvas.save()
    assert parse_pdf(tmp_path / "a.pdf", "a.pdf").text == "It is paid at once."
