from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.parse.pdf.document import parse_pdf
from tests.ingest.raw_pdf import raw_pdf

_ALEF, _FIRST_CODE = ord("א"), 192
_FONT = (
    "<</Type/Font/Subtype/TrueType/BaseFont/Hebrew/FirstChar 32/LastChar 218"
    f"/Widths[{'600 ' * 187}]/Encoding<</BaseEncoding/WinAnsiEncoding"
    f"/Differences[{_FIRST_CODE} {' '.join(f'/afii{57664 + place}' for place in range(27))}]>>>>"
)
_LTR = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z@._/,:%+ -]*[0-9A-Za-z%])?")

PAIRS = [
    ("שם:", "דוד כהן"),
    ("טלפון:", "03-1234567"),
    ("תאריך לידה:", "12.05.1984"),
    ("דואל:", "david@example.org"),
    ("כתובת:", "רחוב הרצל 12, תל אביב"),
    ("סכום:", "1,250 שקל"),
    ("שם באנגלית:", "David Cohen"),
    ("הערה:", "חדר 7 (קומה 2) בבית"),
]


def _visual(logical: str) -> bytes:
    """A line as most programs draw it: from left to right, in the codes of the font."""
    turned = logical[::-1].translate(str.maketrans("()", ")("))
    turned = _LTR.sub(lambda found: found[0][::-1], turned)
    codes = (ord(char) - _ALEF + _FIRST_CODE if char >= "א" else ord(char) for char in turned)
    return re.sub(rb"([()])", rb"\\\1", bytes(codes))


def _drawn(text: str, right: float, y: float) -> bytes:
    return b"BT /F1 11 Tf %.1f %.1f Td (%s) Tj ET " % (right - 6.6 * len(text), y, _visual(text))


def _read(path: Path, content: bytes) -> str:
    document = parse_pdf(raw_pdf(path, [content], fonts={"F1": _FONT}), path.name)
    return " ".join(document.text.replace("|", " ").split())


def test_a_label_comes_before_its_value_on_a_line(tmp_path: Path) -> None:
    lines = [_drawn(f"{label} {value}", 540, 780 - 20 * row) for row, (label, value) in enumerate(PAIRS)]
    assert _read(tmp_path / "a.pdf", b"".join(lines)) == " ".join(f"{a} {b}" for a, b in PAIRS)


@pytest.mark.parametrize("label_first", [True, False])
def test_a_label_comes_before_its_value_in_a_row(tmp_path: Path, *, label_first: bool) -> None:
    content = b""
    for row, (label, value) in enumerate(PAIRS):
        parts = _drawn(label, 540, 780 - 20 * row), _drawn(value, 420, 780 - 20 * row)
        content += b"".join(parts if label_first else parts[::-1])
    assert _read(tmp_path / "a.pdf", content) == " ".join(f"{a} {b}" for a, b in PAIRS)


def test_a_page_of_latin_text_keeps_its_direction(tmp_path: Path) -> None:
    text = "The word for peace is "
    shown = b"BT /F1 11 Tf 60 700 Td (%s%s) Tj ET" % (text.encode(), _visual("שלום"))
    assert _read(tmp_path / "a.pdf", shown) == f"{text}שלום"
