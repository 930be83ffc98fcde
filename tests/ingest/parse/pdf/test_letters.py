from __future__ import annotations

from pathlib import Path

import pytest

from ingest.parse.pdf.document import parse_pdf
from ingest.parse.pdf.letters import JOINED, with_accents, with_ligatures
from tests.ingest import pdf_samples as samples


def box(column: float, *, raised: float = 0.0) -> tuple[float, float, float, float]:
    """A cell ten points wide and twelve high."""
    return 10 * column, 0.0 - raised, 10 * column + 10, 12.0 - raised


def test_accents_drawn_apart_are_read_with_their_letters(tmp_path: Path) -> None:
    path = samples.accents_apart(
        tmp_path / "a.pdf",
        [
            "A reuni˜ao come¸cou `as nove, e o secret´ario leu a declara¸c˜ao.".replace("˜a", "a˜")
            .replace("¸c", "c¸")
            .replace("`a", "a`")
            .replace("´a", "a´"),
            "Der Bu¨rgermeister von U¨berlingen kam mit dem Coˆte´-Orchester.",
        ],
    )
    text = " ".join(block.text for block in parse_pdf(path, "a.pdf").blocks)
    assert text == (
        "A reunião começou às nove, e o secretário leu a declaração. "
        "Der Bürgermeister von Überlingen kam mit dem Côté-Orchester."
    )


def test_an_accent_that_pdfium_puts_elsewhere_goes_home() -> None:
    text = "a word ´\r\ntresc"  # the accent stands over the s of the next line
    places = {i: box(i) for i in range(8)} | {i: box(i - 10, raised=-20) for i in range(10, 15)}
    places[7] = box(3, raised=-18)
    assert "".join(with_accents(text, places.__getitem__).split("\r\n")[1]) == "treśc"


def test_words_around_an_accent_stay_words() -> None:
    text = "le ´ e"  # l, e, then é: drawn close to the e of "le", or a space away
    close = {0: box(0), 1: box(1), 2: box(2), 3: box(2), 4: box(3), 5: box(2)}
    apart = {**close, 3: box(2.5), 5: box(2.5)}
    assert with_accents(text, close.__getitem__).replace(JOINED, "") == "leé"
    assert with_accents(text, apart.__getitem__).replace(JOINED, "").split() == ["le", "é"]


@pytest.mark.parametrize("text", ["a `b` c", "x´y", "5¨ 6"])
def test_an_accent_in_a_cell_of_its_own_stays(text: str) -> None:
    assert with_accents(text, box) == text


def test_ligatures_of_arabic_are_read_as_unicode_spells_them() -> None:
    first, second = box(1), box(0)
    lam_alef, alef_lam = "\u0644\u0623", "\u0623\u0644"
    assert with_ligatures(lam_alef, [first, first]) == lam_alef
    assert with_ligatures(alef_lam, [first, first]) == lam_alef
    assert with_ligatures(alef_lam, [first, second]) == alef_lam  # two glyphs: the article


def test_an_ogonek_hangs_at_the_foot_of_its_letter() -> None:
    places = [box(0), box(1), box(2), box(2.4), box(2), box(3)]
    assert with_accents("zł ˛ac", places.__getitem__).replace(JOINED, "") == "złąc"
    assert with_accents("zł ´ac", places.__getitem__) == "zł ´ac"
