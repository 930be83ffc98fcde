from __future__ import annotations

from pathlib import Path

from ingest.parse.pdf.document import parse_pdf
from kb.types import BlockKind
from tests.ingest.raw_pdf import lines_of, raw_pdf, stream

_LINES = [
    b"The rent is due on the first day of each month.",
    b"The deposit is two thousand francs.",
    b"Keys are handed over at noon.",
]


def test_remarks_are_read_in_their_place(tmp_path: Path) -> None:
    note = b"<</Type/Annot/Subtype/Text/Rect[300 760 320 780]/Contents(Ask the landlord about the boiler)>>"
    mark = (
        b"<</Type/Annot/Subtype/Highlight/Rect[60 750 200 762]/QuadPoints[60 762 200 762 60 750 200 750]"
        b"/Contents(\xfe\xff\x91\xd1\x98\x9d)>>"
    )
    path = raw_pdf(
        tmp_path / "a.pdf", [lines_of(_LINES)], page="/Annots[100 0 R 101 0 R]", extra=[note, mark]
    )
    document = parse_pdf(path, path.name)
    notes = [block for block in document.blocks if block.kind is BlockKind.FOOTNOTE]
    assert [block.text for block in notes] == ["Ask the landlord about the boiler", "金额"]
    assert all(block.spans for block in notes)
    assert "The deposit is two thousand francs." in document.text


def test_text_that_a_mark_strikes_out_is_left_out_and_said(tmp_path: Path) -> None:
    strike = (
        b"<</Type/Annot/Subtype/StrikeOut/Rect[55 752 400 766]/QuadPoints[55 766 400 766 55 752 400 752]>>"
    )
    path = raw_pdf(tmp_path / "a.pdf", [lines_of(_LINES)], page="/Annots[100 0 R]", extra=[strike])
    document = parse_pdf(path, path.name)
    assert "two thousand" not in document.text
    assert "first day" in document.text
    assert "at noon" in document.text
    assert any(warning.startswith("Struck-out text was left out") for warning in document.warnings)


def test_attached_files_are_named_with_their_sizes(tmp_path: Path) -> None:
    file = stream(b"name,price\nlamp,12\n", "/Type/EmbeddedFile/Params<</Size 19>>")
    spec = b"<</Type/Filespec/F(prices.csv)/UF(prices.csv)/EF<</F 100 0 R>>>>"
    names = "/Names<</EmbeddedFiles<</Names[(prices.csv) 101 0 R]>>>>"
    path = raw_pdf(tmp_path / "a.pdf", [lines_of(_LINES)], catalog=names, extra=[file, spec])
    (warning,) = parse_pdf(path, path.name).warnings
    assert warning.startswith("A file is attached to it and not read: prices.csv (19 bytes).")


def test_marks_on_a_page_with_text_boxes_are_read_as_well(tmp_path: Path) -> None:
    note = b"<</Type/Annot/Subtype/Text/Rect[300 760 320 780]/Contents(The landlord said no)>>"
    strike = (
        b"<</Type/Annot/Subtype/StrikeOut/Rect[55 752 400 766]/QuadPoints[55 766 400 766 55 752 400 752]>>"
    )
    box = b"<</Type/Annot/Subtype/FreeText/Rect[60 600 300 640]/DA(/Helv 11 Tf)/Contents(Ring twice)>>"
    annotations = "/Annots[100 0 R 101 0 R 102 0 R]"
    path = raw_pdf(tmp_path / "a.pdf", [lines_of(_LINES)], page=annotations, extra=[note, strike, box])
    document = parse_pdf(path, path.name)
    notes = [block.text for block in document.blocks if block.kind is BlockKind.FOOTNOTE]
    assert notes == ["The landlord said no", "Ring twice"]
    assert "two thousand" not in document.text
