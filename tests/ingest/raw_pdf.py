"""PDFs written object by object, for what no library that makes PDFs lets one say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

HELVETICA = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"


def raw_pdf(
    path: Path,
    pages: Sequence[bytes],
    *,
    fonts: Mapping[str, str] | None = None,
    page: str = "",
    catalog: str = "",
    extra: Sequence[bytes] = (),
) -> Path:
    """Writes a PDF with a page for each content stream, and returns its path.

    ``page`` and ``catalog`` go into the dictionaries of those names; the objects in ``extra`` have the numbers from
    100 on, of which these may speak.
    """
    names = fonts or {"F1": HELVETICA}
    objects: dict[int, bytes] = {100 + place: body for place, body in enumerate(extra)}
    objects[1] = f"<</Type/Catalog/Pages 2 0 R {catalog}>>".encode()
    kids = " ".join(f"{10 + 2 * place} 0 R" for place in range(len(pages)))
    objects[2] = f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode()
    resources = "".join(f"/{name} {font}" for name, font in names.items())
    for place, content in enumerate(pages):
        objects[10 + 2 * place] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<<{resources}>>>>"
            f"/Contents {11 + 2 * place} 0 R {page}>>"
        ).encode()
        objects[11 + 2 * place] = stream(content)
    path.write_bytes(_file(objects))
    return path


def stream(data: bytes, entries: str = "") -> bytes:
    """Returns a stream object's body."""
    return f"<</Length {len(data)} {entries}>>stream\n".encode() + data + b"\nendstream"


def lines_of(lines: Sequence[bytes], *, size: int = 11, top: int = 770) -> bytes:
    """Returns a content stream that shows ``lines`` below each other in the font F1."""
    shown = b" ".join(b"(%s) Tj T*" % line.translate(_ESCAPED) for line in lines)
    return b"BT /F1 %d Tf 14 TL 60 %d Td %s ET" % (size, top, shown)


_ESCAPED = bytes(code if code not in b"()\\" else 0x2A for code in range(256))


def _file(objects: Mapping[int, bytes]) -> bytes:
    out = b"%PDF-1.7\n"
    places: dict[int, int] = {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start, size = len(out), max(objects) + 1
    entries = (
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
        for number in range(size)
    )
    return (
        out
        + b"xref\n0 %d\n" % size
        + b"".join(entries)
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    )
