from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from ingest.parse.pdf.document import parse_pdf

_REST = (
    "between dusk and dawn, together with the height of the waves and the wind.",
    "In the great storm he counted forty vessels, and none of them was lost, because the lamp",
    "burned without a break until the morning. A lighthouse needs a keeper.",
)


def _write(path: Path, cap: str, first: str, *, depth: int, cap_first: bool) -> Path:
    canvas = Canvas(str(path))
    size = 16.0 * depth

    def letter() -> None:
        canvas.setFont("Helvetica", size)
        canvas.drawString(60, 700 - 14 * (depth - 1), cap)

    def text() -> None:
        canvas.setFont("Helvetica", 11)
        for place, line in enumerate((first, *_REST)):
            aside = stringWidth(cap, "Helvetica", size) + 3 if place < depth else 0
            canvas.drawString(60 + aside, 700 - 14 * place, line)

    for draw in (letter, text) if cap_first else (text, letter):
        draw()
    canvas.save()
    return path


@pytest.mark.parametrize("cap_first", [True, False])
@pytest.mark.parametrize("depth", [2, 3])
def test_a_drop_cap_joins_its_word(tmp_path: Path, *, depth: int, cap_first: bool) -> None:
    first = "he keeper of the lamp wrote down every ship that passed the northern cape"
    path = _write(tmp_path / "a.pdf", "T", first, depth=depth, cap_first=cap_first)
    document = parse_pdf(path, path.name)
    assert document.text.startswith("The keeper of the lamp wrote")
    assert "T" not in document.text.split()


def test_a_drop_cap_that_is_a_word_stays_one(tmp_path: Path) -> None:
    first = "lighthouse stands on the northern cape and is seen by every ship that passes it"
    path = _write(tmp_path / "a.pdf", "A", first, depth=2, cap_first=True)
    assert parse_pdf(path, path.name).text.startswith("A lighthouse stands")
