from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from ingest.parse.pdf.document import parse_pdf
from ingest.parse.pdf.rescue import rescued
from kb.errors import BadInput
from tests.ingest.raw_pdf import lines_of, raw_pdf, stream

_PAGES = [lines_of([b"Page %d tells of the harbour and its lamps." % number] * 3) for number in range(1, 9)]


def _cut(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    return path


def test_a_file_without_its_end_is_read_whole_and_says_so(tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "a.pdf", _PAGES)
    path.write_bytes(path.read_bytes().partition(b"xref")[0])
    document = parse_pdf(path, path.name)
    assert all(f"Page {number} tells" in document.text for number in range(1, 9))
    assert any(warning.startswith("The file is cut off or damaged") for warning in document.warnings)


def test_a_file_cut_in_the_middle_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = _cut(raw_pdf(tmp_path / "a.pdf", _PAGES), 0.5)
    document = parse_pdf(path, path.name)
    assert "Page 2 tells of the harbour" in document.text
    assert "Page 8" not in document.text
    assert document.warnings


def test_pages_in_object_streams_are_found(tmp_path: Path) -> None:
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    page = b"<</Type/Page/MediaBox[0 0 595 842]/Resources<</Font<</F1 4 0 R>>>>/Contents 7 0 R>>"
    inner = b"3 0 4 %d " % (len(page) + 1)
    packed = zlib.compress(inner + page + b" " + font)
    body = stream(packed, f"/Type/ObjStm/N 2/First {len(inner)}/Filter/FlateDecode")
    path = tmp_path / "a.pdf"
    path.write_bytes(
        b"%PDF-1.7\n7 0 obj\n"
        + stream(_PAGES[0])
        + b"\nendobj\n6 0 obj\n"
        + body
        + b"\nendobj\n8 0 obj\n<</Ty"
    )
    assert "Page 1 tells of the harbour" in parse_pdf(path, path.name).text


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"no PDF at all", b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"]
)
def test_a_file_without_pages_is_refused_as_before(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    assert rescued(path) is None
    with pytest.raises(BadInput, match="damaged beyond repair"):
        parse_pdf(path, path.name)
