from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth

from ingest.parse.pdf.document import parse_pdf
from tests.ingest.raw_pdf import lines_of, raw_pdf, stream

TEXT = """The officers of the company offered a different figure for the final effect of their efforts, and
the five affiliates were satisfied with the first results. Sufficient cash is one of the benefits of
the staff, whose efficiency is difficult to define without a specific classification of traffic and
a change in tariff rates; the firm filed its findings, and a small cliff of deficits stood behind
the identified risks of its offices. The chief financial officer confirmed the offer of certificates."""

_CODES = {1: "ff", 3: "fi", 5: "ffi"}


def _font(names: str, entries: str = "") -> str:
    """A font with three ligatures, as wide as their letters, at the codes 1, 3 and 5, which have ``names``."""
    widths = [
        round(stringWidth(chr(code), "Helvetica", 1000)) if 32 <= code < 127 else 500 for code in range(256)
    ]
    for code, letters in _CODES.items():
        widths[code] = sum(widths[ord(letter)] for letter in letters)
    return (
        "<</Type/Font/Subtype/Type1/BaseFont/ABCDEF+Helvetica/FirstChar 0/LastChar 255"
        f"/Widths[{' '.join(map(str, widths))}]"
        f"/Encoding<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[1{names}]>>{entries}>>"
    )


def _map(codes: dict[int, str]) -> bytes:
    """A map to Unicode with ASCII and ``codes``."""
    extra = " ".join(f"<{code:02X}> <{to}>" for code, to in codes.items())
    return stream(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
            "1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <20> <7E> <0020> endbfrange "
            f"{len(codes)} beginbfchar {extra} endbfchar endcmap end end"
        ).encode()
    )


def _read(path: Path, font: str, extra: tuple[bytes, ...] = (), text: str = TEXT) -> str:
    coded = text
    for code in (5, 1, 3):
        coded = coded.replace(_CODES[code], chr(code))
    lines = [line.encode("latin-1") for line in coded.split("\n")]
    raw_pdf(path, [lines_of(lines)], fonts={"F1": font}, extra=extra)
    return parse_pdf(path, path.name).text.replace("\n", " ")


@pytest.mark.parametrize("names", ["/ff/x/fi/x/ffi", "/f_f/x/f_i/x/f_f_i.liga", "/uni00660066/x/f_i/x/f_f_i"])
def test_names_of_ligatures_are_read(tmp_path: Path, names: str) -> None:
    assert _read(tmp_path / "a.pdf", _font(names)) == TEXT.replace("\n", " ")


def test_one_ligature_with_a_name_that_is_put_together_needs_no_other_words(tmp_path: Path) -> None:
    assert _read(tmp_path / "a.pdf", _font("/f_f/x/f_i/x/f_f_i"), text="An offer of one office.") == (
        "An offer of one office."
    )


def test_ligatures_without_a_name_are_told_by_their_width_and_their_words(tmp_path: Path) -> None:
    assert _read(tmp_path / "a.pdf", _font("/g1/x/g3/x/g5")) == TEXT.replace("\n", " ")


@pytest.mark.parametrize(
    "codes",
    [
        {1: "E001", 3: "E003", 5: "E005"},
        {1: "0000", 3: "0000", 5: "0000"},
        {1: "FFFD", 3: "FFFD", 5: "FFFD"},
        {1: "0066", 3: "0066", 5: "0066"},
        {1: "00660020", 3: "00660069", 5: "006600660069"},
        {1: "00660000", 3: "00660069", 5: "006600660069"},
    ],
    ids=[
        "private use",
        "nul",
        "unknown",
        "only the first letter",
        "a letter and a space",
        "a letter and nul",
    ],
)
def test_a_map_that_does_not_tell_a_ligature_is_made_up_for(tmp_path: Path, codes: dict[int, str]) -> None:
    font = _font("/ff/x/fi/x/ffi", "/ToUnicode 100 0 R")
    assert _read(tmp_path / "a.pdf", font, (_map(codes),)) == TEXT.replace("\n", " ")


def test_a_ligature_that_is_called_a_space_joins_its_word(tmp_path: Path) -> None:
    font = _font("/ff/x/fi/x/ffi", "/ToUnicode 100 0 R")
    text = _read(tmp_path / "a.pdf", font, (_map({1: "0020", 3: "00660069", 5: "006600660069"}),))
    assert "offered a different figure for the final effect of their efforts" in text


def test_text_whose_map_is_whole_stays_as_it_is(tmp_path: Path) -> None:
    font = _font("/ff/x/fi/x/ffi", "/ToUnicode 100 0 R")
    whole = {1: "00660066", 3: "FB01", 5: "006600660069"}
    assert _read(tmp_path / "a.pdf", font, (_map(whole),)) == TEXT.replace("\n", " ")
