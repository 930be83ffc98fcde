"""Which parser reads a file: decided by its content first, and by its suffix only between kinds of text.

Importing this module imports no parser, so that the page and the command line can ask for
``SUPPORTED_SUFFIXES`` at no cost.
"""

from __future__ import annotations

import mmap
import zipfile
import zlib
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kb.errors import BadInput
from kb.types import ParsedDocument

if TYPE_CHECKING:
    from kb.ports import Parser


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that Footnote reads."""

    name: str
    label: str
    """With its article, for sentences: ``a Word document (DOCX)``."""
    suffixes: tuple[str, ...]
    """In lower case, with the dot; the first is the usual one."""
    parser: str
    """``module:function``, imported when the first such file is parsed."""


_PLAIN = (".txt", ".text", ".log", ".rst", ".adoc", ".org", ".tex", ".srt", ".vtt")
_DATA = (".json", ".jsonl", ".yaml", ".yml", ".toml", ".ini", ".xml")
_SOURCE = (".py", ".js", ".ts", ".java", ".c", ".h", ".cpp", ".go", ".rs", ".sh", ".sql")

FORMATS = {
    form.name: form
    for form in (
        Format("pdf", "a PDF", (".pdf",), "ingest.parse.pdf.document:parse_pdf"),
        Format("docx", "a Word document (DOCX)", (".docx", ".docm"), "ingest.parse.docx.document:parse_docx"),
        Format(
            "markdown",
            "Markdown",
            (".md", ".markdown", ".mdx", ".qmd"),
            "ingest.parse.markdown:parse_markdown",
        ),
        Format("notebook", "a Jupyter notebook", (".ipynb",), "ingest.parse.notebook:parse_notebook"),
        Format("html", "a web page (HTML)", (".html", ".htm", ".xhtml"), "ingest.parse.html:parse_html"),
        Format(
            "delimited", "a table (CSV)", (".csv", ".tsv", ".tab"), "ingest.parse.delimited:parse_delimited"
        ),
        Format(
            "text",
            "plain text",
            (*_PLAIN, *_DATA, *_SOURCE),
            "ingest.parse.text:parse_text",
        ),
    )
}

SUPPORTED_SUFFIXES: tuple[str, ...] = tuple(suffix for form in FORMATS.values() for suffix in form.suffixes)
"""What the page's drop zone accepts, and the command line picks out of a folder without a look into the file."""

_READS = "Footnote reads PDF, DOCX, TXT, Markdown, HTML and Jupyter notebooks"

# Text by their bytes, but text that only their own program makes sense of.
_REFUSED_SUFFIXES = {
    ".eml": "an e-mail",
    ".mht": "a saved web archive",
    ".mhtml": "a saved web archive",
    ".ps": "PostScript",
    ".svg": "a drawing",
}

_TEXT_MAGIC = (
    (b"{\\rtf", "a Rich Text (RTF) document: save it as DOCX or PDF"),
    (b"%!PS", "PostScript: print it to a PDF"),
)

# Only believed of binary data: a text may begin with MZ or RIFF.
_BINARY_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"RIFF", "a picture, sound or film (RIFF)"),
    (b"\x1f\x8b", "a compressed archive (gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed archive (7z)"),
    (b"Rar!\x1a\x07", "a compressed archive (RAR)"),
    (b"\xfd7zXZ\x00", "a compressed archive (xz)"),
    (b"BZh", "a compressed archive (bzip2)"),
    (b"ID3", "a sound file (MP3)"),
    (b"OggS", "a sound file (Ogg)"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\x00", "a database (SQLite)"),
)

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# Names of streams in an OLE container's folder, as they are stored, and what they give away.
_OLE_STREAMS = (
    ("WordDocument", "an old Word document (.doc): open it in Word or LibreOffice and save it as DOCX"),
    ("Workbook", "an old Excel workbook (.xls): save the sheet as CSV or PDF"),
    ("PowerPoint Document", "an old PowerPoint presentation (.ppt): save it as PDF"),
    ("__properties_version1.0", "an Outlook message (.msg): save it as text or HTML"),
)

_ZIP_PARTS = (
    ("word/", "docx", ""),
    ("xl/", "", "an Excel workbook: save the sheet as CSV or PDF"),
    ("ppt/", "", "a PowerPoint presentation: save it as PDF"),
)

_HEAD_BYTES = 4096


def detect(path: Path, name: str) -> Format:
    """Returns the format of the file at ``path``; ``name`` is what the person called it.

    Raises:
        BadInput: the file is empty, protected, damaged, or of a kind that Footnote does not read.
    """
    size = path.stat().st_size
    if size == 0:
        raise BadInput(f"{name} is empty (0 bytes).")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    suffix = Path(name).suffix.lower()
    if head.lstrip().startswith(b"%PDF-"):
        return FORMATS["pdf"]
    if head.startswith(_ZIP):
        return _zip_format(path, name)
    if head.startswith(_OLE):
        raise BadInput(_ole_refusal(path, name))
    _refuse_known(head, name)
    if b"%PDF-" in head[:1024] and (suffix == ".pdf" or b"\x00" in head):
        return FORMATS["pdf"]
    return _text_format(head, name, suffix)


def unread_kind(path: Path) -> str | None:
    """What a file is that nobody named and that should be left out, as in "a picture (PNG)"; None for one to read.

    Judged by its first bytes, which are nothing to a file that was written to be misread: ``detect`` decides later.

    Raises:
        OSError: it cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    suffix = path.suffix.lower()
    if suffix in SUPPORTED_SUFFIXES or b"%PDF-" in head[:1024]:
        return None
    if head.startswith(_ZIP):
        return None if b"word/" in head else "a ZIP container"
    if head.startswith(_OLE):
        return "an old Office file"
    if suffix in _REFUSED_SUFFIXES:
        return _REFUSED_SUFFIXES[suffix]
    for magic, label in (*_TEXT_MAGIC, *(_BINARY_MAGIC if _looks_binary(head) else ())):
        if head.startswith(magic):
            return str(label).partition(":")[0]
    return None if _holds_text(head) else "binary data"


def parse(path: Path, name: str) -> ParsedDocument:
    """Returns the content of the file at ``path``; ``name`` is what the person called it, for messages only.

    Raises:
        BadInput: the file cannot be read, or holds no text; the message says which and what to do.
    """
    form = detect(path, name)
    document = _parser(form)(path, name)
    if not any(block.text.strip() for block in document.blocks):
        raise BadInput(f"{name} holds no text.")
    suffix = Path(name).suffix.lower()
    if suffix in SUPPORTED_SUFFIXES and suffix not in form.suffixes:
        note = f"The file is {form.label}, though its name ends in {suffix}; it was read as {form.label}."
        document = replace(document, warnings=(note, *document.warnings))
    return document


def _parser(form: Format) -> Parser:
    module, _, function = form.parser.partition(":")
    return cast("Parser", getattr(import_module(module), function))


def _zip_format(path: Path, name: str) -> Format:
    """Returns the format of a ZIP container, by the names of its entries."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [entry.lstrip("/").lower() for entry in archive.namelist()]
            kind = _mimetype(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise BadInput(
            f"{name} is damaged: its ZIP container cannot be read ({error}). "
            "It may have been cut short: copy or download it again."
        ) from error
    for folder, known, refusal in _ZIP_PARTS:
        if any(entry.startswith(folder) for entry in names):
            if known:
                return FORMATS[known]
            raise BadInput(f"{name} is {refusal}. {_READS}.")
    if "epub" in kind:
        raise BadInput(f"{name} is an e-book (EPUB). {_READS}.")
    if "opendocument" in kind:
        raise BadInput(f"{name} is an OpenDocument file: save it as DOCX or PDF. {_READS}.")
    raise BadInput(f"{name} is a ZIP archive: unpack it and add the files in it. {_READS}.")


def _mimetype(archive: zipfile.ZipFile) -> str:
    """Returns the type that EPUB and OpenDocument state; "" where there is no such entry."""
    if "mimetype" not in archive.namelist():
        return ""
    with archive.open("mimetype") as stream:
        return stream.read(80).decode("ascii", "replace")


def _ole_refusal(path: Path, name: str) -> str:
    """Returns why an OLE container is refused: encrypted, or older than DOCX."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            return f"{name} is protected by a password. Open it in Office, save a copy without one, and add that."
        for stream, what in _OLE_STREAMS:
            if content.find(stream.encode("utf-16-le")) >= 0:
                return f"{name} is {what}."
    return f"{name} is an old Office file (OLE container). {_READS}."


def _refuse_known(head: bytes, name: str) -> None:
    """Raises BadInput for formats that are known and not read."""
    binary = _looks_binary(head)
    for magic, label in (*_TEXT_MAGIC, *(_BINARY_MAGIC if binary else ())):
        if head.startswith(magic):
            raise BadInput(f"{name} is {label}. {_READS}.")


def _looks_binary(head: bytes) -> bool:
    from ingest.parse.encoding import looks_binary  # not at the top: it brings chardet along

    return looks_binary(head)


def _holds_text(head: bytes) -> bool:
    from ingest.parse.encoding import decode  # as above

    return decode(head) is not None


def _text_format(head: bytes, name: str, suffix: str) -> Format:
    """Returns the kind of text that the file holds; its suffix decides where the content does not."""
    if suffix in FORMATS["pdf"].suffixes:
        if _looks_binary(head) or b" obj" in head:
            return FORMATS["pdf"]
        raise BadInput(f"{name} is not a PDF: it holds plain text. Rename it to .txt to add it as text.")
    if suffix in FORMATS["docx"].suffixes:
        raise BadInput(f"{name} is not a Word document: it is no ZIP container. Open it and save it as DOCX.")
    if suffix in _REFUSED_SUFFIXES:
        raise BadInput(f"{name} is {_REFUSED_SUFFIXES[suffix]}. {_READS}.")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower().startswith((b"<!doctype html", b"<html")):
        return FORMATS["html"]
    for form in FORMATS.values():
        if suffix in form.suffixes:
            return form
    return FORMATS["text"]
