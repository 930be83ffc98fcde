"""The letters of glyphs by the names that a PDF's simple fonts give them: ``f_f_i``, ``uni00660066``, ``T_h.liga``.

PDFium knows the names of Adobe's list and no names that are put together; see https://github.com/adobe-type-tools/agl-specification.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

log = logging.getLogger(__name__)

_UNI = re.compile(r"uni((?:[0-9A-F]{4})+)|u([0-9A-F]{4,6})")
_SECONDS = 5.0
_TRIPPED = (
    PyPdfError, ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What pypdf raises in a damaged file; the widths of the glyphs remain."""
_MAX_PAGES = 50
"""Pages whose fonts are looked at: the ligatures of a document are in the fonts of its first ones."""


def names_in_fonts(path: Path) -> dict[tuple[str, str], str]:
    """Returns what glyphs are named whose names are put together, by the font's name and the code as a character."""
    names: dict[tuple[str, str], str] = {}
    end = time.monotonic() + _SECONDS
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted:
            reader.decrypt("")
        for page in reader.pages[:_MAX_PAGES]:
            if time.monotonic() > end:
                break
            for font in _fonts(page):
                names.update(_named(font))
    except _TRIPPED as error:
        log.warning("pypdf could not read the fonts", extra={"error": repr(error)})
    return names


def _fonts(page: Any) -> Iterator[Any]:
    resources = page.get("/Resources", {})
    for font in (resources.get_object().get("/Font", {}).get_object() or {}).values():
        yield font.get_object()


def _named(font: Any) -> Iterator[tuple[tuple[str, str], str]]:
    encoding = font.get("/Encoding")
    encoding = encoding.get_object() if encoding is not None else None
    if not isinstance(encoding, dict):
        return
    base = str(font.get("/BaseFont", "")).removeprefix("/")
    code = 0
    for entry in encoding.get("/Differences", ()):
        if isinstance(entry, int):
            code = int(entry)
            continue
        letters = _letters(str(entry).removeprefix("/"))
        if letters:
            for name in {base, base.partition("+")[2] or base}:
                yield (name, chr(code)), letters
        code += 1


def _letters(name: str) -> str:
    """Returns the letters of a name that is put together; "" for one that is not, or of which a part is unknown."""
    parts = [_part(part) for part in name.partition(".")[0].split("_")]
    letters = "".join(parts)
    return letters if len(letters) > 1 and all(parts) else ""


def _part(name: str) -> str:
    found = _UNI.fullmatch(name)
    if found is not None:
        codes = re.findall("....", found[1]) if found[1] else [found[2]]
        return "".join(chr(int(code, 16)) for code in codes if int(code, 16) < 0x110000)
    return name if len(name) == 1 else ""
