"""Text of a PDF page that is not painted.

Text recognition lays its words over the picture of a page in this way, and there they are the text. Beside text that
is shown they are something else: words for search engines, an older version, the same words once more.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parse.pdf.characters import Characters

_MOST = 5_000
"""Objects of a page that are looked at."""
_UNPAINTED = (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP)
_FEWEST = 3
"""Words of what is left out at least: forms have codes of one or two that programs look for."""
_PICTURE = 0.5
"""Share of the page from which on a picture may be the page itself."""


def not_shown(page: pdfium.PdfPage, reader: Characters) -> list[range]:
    """Returns the runs of characters that are not painted, where the page shows other text instead."""
    if not _has_unpainted(page):
        return []
    runs: list[range] = []
    hidden = shown = 0
    for index, char in enumerate(reader.text):
        if char.isspace():
            continue
        if not _is_unpainted(reader.text_object(index)):
            shown += char.isalnum()
            continue
        hidden += char.isalnum()
        if runs and not reader.text[runs[-1].stop : index].strip():
            runs[-1] = range(runs[-1].start, index + 1)
        else:
            runs.append(range(index, index + 1))
    if not shown or (shown < hidden and _is_pictured(page)):
        return []  # recognised text, with a stamp or a page number on it at most
    return [run for run in runs if len(reader.text[run.start : run.stop].split()) >= _FEWEST]


def _has_unpainted(page: pdfium.PdfPage) -> bool:
    return any(
        pdfium_c.FPDFPageObj_GetType(item) == pdfium_c.FPDF_PAGEOBJ_TEXT and _is_unpainted(item)
        for item in _objects(page)
    )


def _is_unpainted(item: pdfium_c.FPDF_PAGEOBJECT) -> bool:
    mode: int = pdfium_c.FPDFTextObj_GetTextRenderMode(item) if item else -1
    return mode in _UNPAINTED


def _is_pictured(page: pdfium.PdfPage) -> bool:
    """Returns whether pictures cover much of a page."""
    width, height = page.get_size()
    covered = 0.0
    for item in _objects(page):
        if pdfium_c.FPDFPageObj_GetType(item) == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = (ctypes.c_float() for _ in range(4))
            if pdfium_c.FPDFPageObj_GetBounds(item, left, bottom, right, top):
                covered += (right.value - left.value) * (top.value - bottom.value)
    return bool(covered >= _PICTURE * width * height)


def _objects(page: pdfium.PdfPage) -> Iterator[pdfium_c.FPDF_PAGEOBJECT]:
    for index in range(min(pdfium_c.FPDFPage_CountObjects(page), _MOST)):
        yield pdfium_c.FPDFPage_GetObject(page, index)
