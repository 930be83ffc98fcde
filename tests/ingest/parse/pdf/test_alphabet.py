from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.parse.pdf.alphabet import in_own_alphabet, with_tex_ligatures
from ingest.parse.pdf.document import parse_pdf
from tests.ingest import pdf_samples as samples

RUSSIAN = "Смотритель маяка записывал каждый корабль, который проходил мимо северного мыса ночью."
GREEK = "Ο φύλακας του φάρου κατέγραφε κάθε πλοίο που περνούσε από το βόρειο ακρωτήριο."
THAI = "ผู้ดูแลประภาคารบันทึกเรือทุกลำที่แล่นผ่านแหลมทางเหนือในเวลากลางคืนไม่มีหยุด สารบัญ"


@pytest.mark.parametrize(
    ("text", "encoding"), [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (GREEK, "cp1253"), (THAI, "cp874")]
)
def test_letters_in_the_places_of_latin_ones_are_read(text: str, encoding: str) -> None:
    shown = text.encode(encoding).decode("latin-1")
    assert in_own_alphabet(shown) == text
    assert len(in_own_alphabet(shown)) == len(shown)


def test_a_russian_font_without_names_in_a_pdf(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        canvas.drawString(samples.LEFT, samples.TOP, RUSSIAN.encode("cp1251").decode("latin-1"))
        canvas.drawString(samples.LEFT, samples.TOP - 40, "The café and the lighthouse keeper.")

    document = parse_pdf(samples.write(tmp_path / "a.pdf", page), "a.pdf")
    assert [block.text for block in document.blocks] == [RUSSIAN, "The café and the lighthouse keeper."]


def test_the_quotation_marks_of_tex_fonts() -> None:
    shown = f"¾{RUSSIAN.encode('cp1251').decode('latin-1')}¿ îò÷¼ò"
    assert in_own_alphabet(shown) == f"«{RUSSIAN}» отчёт"


@pytest.mark.parametrize(
    "text",
    [
        "Der Bürgermeister grüßt alle Gäste aus Österreich, die größten Söhne und Töchter der Stadt. " * 3,
        "Þetta er íslenska: það á að skilja ráðhúsið óáreitt, æðstu menn þjóðarinnar sögðu já við því. " * 3,
        "ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ ÉÉÉÉ drawn with accents",
    ],
)
def test_latin_text_and_drawings_stay(text: str) -> None:
    assert in_own_alphabet(text) == text


def test_ligatures_that_tex_does_not_name() -> None:
    shown = "A su\x1ecient o\x1ber of \x10\x1cles\x11, and a \x1dood\r\nof x\x15y"
    read = with_tex_ligatures(shown)
    assert read == "A suﬃcient oﬀer of “ﬁles”, and a ﬂood\r\nof x–y"
    assert len(read) == len(shown)
    assert with_tex_ligatures("(\x10n\x11 \x1c 3)") == "(\x10n\x11 \x1c 3)"


def test_a_bitmap_font_of_tex_in_a_pdf(tmp_path: Path) -> None:
    assert (
        parse_pdf(samples.type3(tmp_path / "a.pdf", "di\\033erent \\034les"), "a.pdf").text
        == "different files"
    )
