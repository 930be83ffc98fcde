from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.parse.pdf.document import parse_pdf


@pytest.mark.parametrize(
    ("drawn", "read"),
    [
        ("C O N T E N T S", "CONTENTS"),
        ("A N N U A L   R E P O R T", "ANNUAL REPORT"),
        ("C H A P T E R   1 2", "CHAPTER 1 2"),
        ("Ü b e r s i c h t", "Übersicht"),
        ("A B C D E F", "A B C D E F"),
        ("À Â Ä Ç É È Ê", "À Â Ä Ç É È Ê"),
        ("N N Y N Y Y N", "N N Y N Y Y N"),
        ("Let a b c d be given", "Let a b c d be given"),
    ],
)
def test_letters_set_apart_are_words_again(tmp_path: Path, drawn: str, read: str) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica", 14)
    canvas.drawString(60, 780, drawn)
    canvas.save()
    assert parse_pdf(tmp_path / "a.pdf", "a.pdf").text == read


def test_letters_far_apart_are_cells(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for place, letter in enumerate("SMTWTFS"):
        canvas.drawString(60 + 20 * place, 780, letter)
    canvas.save()
    assert parse_pdf(tmp_path / "a.pdf", "a.pdf").text == "S M T W T F S"
