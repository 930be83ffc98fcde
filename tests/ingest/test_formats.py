"""A file is what its content says; a name that lies is said so, and what cannot be read is refused clearly."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ingest import formats
from kb.errors import BadInput
from tests.data.make_samples import SOURCES

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def zipped(*names: str, mimetype: str | None = None) -> bytes:
    """A ZIP with tiny entries of these names; always the same bytes, which are part of the names of tests."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if mimetype:
            archive.writestr(zipfile.ZipInfo("mimetype"), mimetype)
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "x")
    return buffer.getvalue()


def stored(folder: Path, content: bytes) -> Path:
    """A blob: its name says nothing, as in the data folder."""
    path = folder / "blob"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"%PDF-1.7\n", "a.pdf", "pdf"),
        (b"%PDF-1.7\n", "a.txt", "pdf"),
        (b"junk\x00before %PDF-1.4\n", "a.pdf", "pdf"),
        (b"A note on %PDF-1.4 headers", "a.txt", "text"),
        (zipped("[Content_Types].xml", "word/document.xml"), "a.docx", "docx"),
        (zipped("word/document.xml"), "a.pdf", "docx"),
        (b"# Title", "a.md", "markdown"),
        (b"# Title", "A.MARKDOWN", "markdown"),
        (b"<p>x", "a.htm", "html"),
        (b"\xef\xbb\xbf <!DOCTYPE html><p>x", "page", "html"),
        (b"a,b\n1,2", "a.csv", "delimited"),
        (b"a\tb\n1\t2", "a.TSV", "delimited"),
        (b"anything", "README", "text"),
        (b"PKI and MZ are names", "a.txt", "text"),
        (b"RIFF RAFF, a story", "a.txt", "text"),
        ("风从北方来".encode("utf-16"), "a.txt", "text"),
    ],
)
def test_detects_by_content_then_suffix(content: bytes, name: str, expected: str, tmp_path: Path) -> None:
    assert formats.detect(stored(tmp_path, content), name).name == expected


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.pdf", r"a\.pdf is empty \(0 bytes\)"),
        (b" \n\t\r\n", "a.txt", "only white space"),
        ("\u3000\n".encode("utf-16"), "a.txt", "only white space"),
        (b"a line of text", "a.pdf", "not a PDF"),
        (b"a line of text", "a.docx", "not a Word document"),
        (bytes(50_000), "a.txt", "binary data"),
        (bytes(range(256)) * 40, "a.txt", "binary data"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", "password"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.docx", r"\.doc.*save it as DOCX"),
        (OLE, "a.doc", "old Office file"),
        (zipped("xl/workbook.xml"), "a.xlsx", "Excel.*reads PDF, DOCX"),
        (zipped("ppt/presentation.xml"), "a.pptx", "PowerPoint.*reads PDF, DOCX"),
        (zipped("content.xml", mimetype="application/vnd.oasis.opendocument.text"), "a.odt", "OpenDocument"),
        (zipped("x.opf", mimetype="application/epub+zip"), "a.epub", "EPUB"),
        (zipped("holiday.jpg"), "a.zip", "unpack it"),
        (zipped("word/document.xml")[:40], "a.docx", "damaged.*download it again"),
        (b"From: a@example.org\nSubject: x\n\nHello", "a.eml", "an e-mail.*reads PDF"),
        (b"{\\rtf1 x}", "a.rtf", "Rich Text.*save it as DOCX"),
        (b"\x89PNG\r\n\x1a\n....", "a.png", "picture"),
        (b"\x89PNG\r\n\x1a\n....", "a.pdf", "picture"),
        (b"<html><body><script>only()</script></body></html>", "a.html", "holds no text"),
    ],
)
def test_refuses_with_a_sentence(content: bytes, name: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=sentence):
        formats.parse(stored(tmp_path, content), name)


def test_a_lying_name_is_read_and_reported(tmp_path: Path) -> None:
    document = formats.parse(SOURCES / "word.docx", "word.txt")
    assert "The Footbridge" in document.text
    assert "Word document" in document.warnings[0]
    assert ".txt" in document.warnings[0]


def test_suffixes_are_lower_case_and_lead_to_one_format() -> None:
    assert {".pdf", ".docx", ".txt", ".md", ".html"} <= set(formats.SUPPORTED_SUFFIXES)
    assert len(set(formats.SUPPORTED_SUFFIXES)) == len(formats.SUPPORTED_SUFFIXES)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in formats.SUPPORTED_SUFFIXES)


def test_importing_formats_imports_no_parser() -> None:
    code = "import sys, ingest.formats; print([m for m in sys.modules if m.split('.')[0] in {'lxml', 'chardet'}])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
