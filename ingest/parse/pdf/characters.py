"""The characters of one PDF page as PDFium gives them: which they are, where they stand, how they are set."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Mapping, Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parse.pdf.alphabet import in_own_alphabet, with_tex_ligatures
from ingest.parse.pdf.direction import in_reading_direction
from ingest.parse.pdf.letters import JOINED, Box, with_accents
from kb.types import Rect

MAX_CHARACTERS = 200_000
"""Of one page; a page of small print has 10,000."""

RTL_LETTERS = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]{2,}")

_BOLD = re.compile("bold|black|heavy|-bd|cmbx|medi(?!um)")
"""In the names of fonts; Medi is what URW calls bold, Medium is the weight of much running text."""

_SAMPLE = 150
"""Characters of a page that are asked whether PDFium had to guess them."""

_FIXED_PITCH, _FORCE_BOLD = 1 << 0, 1 << 18
"""Font descriptor flags, ISO 32000-1 table 123."""


class View:
    """Turns PDF coordinates into those of the page as it is shown: cropped, rotated, origin top left."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self.left, self.bottom, self.right, self.top = page.get_bbox()
        self.rotation: int = page.get_rotation()
        self.width, self.height = page.get_size()

    def shows(self, rect: Rect) -> bool:
        """Returns whether any of a rectangle lies on the page: what was cropped away is no part of the document."""
        return rect.x1 > 0 and rect.y1 > 0 and rect.x0 < self.width and rect.y0 < self.height

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Returns the same rectangle on the page as it is shown."""
        if self.rotation == 0:
            return left - self.left, self.top - top, right - self.left, self.top - bottom
        if self.rotation == 90:
            return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
        if self.rotation == 180:
            return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
        return self.top - top, self.right - right, self.top - bottom, self.right - left


class Characters:
    """PDFium's characters of one page."""

    def __init__(self, textpage: pdfium.PdfTextPage, view: View) -> None:
        self.raw = textpage.raw
        self.view = view
        count = max(0, pdfium_c.FPDFText_CountChars(self.raw))
        self.cut = count > MAX_CHARACTERS
        self.text = in_own_alphabet(with_tex_ligatures(self._read(min(count, MAX_CHARACTERS))))
        self._box = pdfium_c.FS_RECTF()
        self._matrix = pdfium_c.FS_MATRIX()
        self._fonts: dict[int, tuple[bool, bool]] = {}
        self._names: dict[int, str] = {}
        self.rtl = bool(RTL_LETTERS.search(self.text))
        self._order: Sequence[int] = range(len(self.text))
        self._placed: Mapping[int, Box] = {}
        if self.rtl:
            self.text, self._order = in_reading_direction(self.text, self.box)
        self.text = with_accents(self.text, self.box)

    def _read(self, count: int) -> str:
        """Returns the page's text, in which ``text[i]`` is PDFium's character number i."""
        buffer = (ctypes.c_ushort * (count + 1))()
        units = pdfium_c.FPDFText_GetText(self.raw, 0, count, buffer) - 1
        text = bytes(buffer)[: 2 * max(0, units)].decode("utf-16-le", "replace")
        if len(text) == count:
            return text
        # Characters outside the basic plane, or some that PDFium leaves out of its text: ask for each.
        codes = (pdfium_c.FPDFText_GetUnicode(self.raw, i) for i in range(count))
        return "".join(chr(code) if 0 < code < 0x110000 else "\ufffd" for code in codes)

    def box(self, index: int) -> Box:
        """Returns the place of a character, as high as its font."""
        if index in self._placed:
            return self._placed[index]
        box = self._box
        pdfium_c.FPDFText_GetLooseCharBox(self.raw, self._order[index], box)
        return self.view.box(box.left, box.bottom, box.right, box.top)

    def _drawn(self, index: int) -> int:
        """Returns PDFium's number of a character, or of the next that is not part of another: spaces have no font."""
        while self.text[index] == JOINED and index + 1 < len(self.text):
            index += 1
        return self._order[index]

    def leave_out(self, boxes: Sequence[Box]) -> None:
        """Drops the characters whose middle lies in one of ``boxes``."""
        letters = list(self.text)
        for index, letter in enumerate(letters):
            if letter.isspace():
                continue
            left, top, right, foot = self.box(index)
            x, y = (left + right) / 2, (top + foot) / 2
            if any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in boxes):
                letters[index] = JOINED
        self.text = "".join(letters)

    def blank(self, runs: Sequence[range]) -> None:
        """Puts spaces in the place of characters that are not to be read."""
        letters = list(self.text)
        for run in runs:
            letters[run.start : run.stop] = " " * len(run)
        self.text = "".join(letters)

    def text_object(self, index: int) -> pdfium_c.FPDF_PAGEOBJECT:
        """Returns the object of the page that draws a character; a null pointer for one that PDFium put in."""
        return pdfium_c.FPDFText_GetTextObject(self.raw, self._order[index])

    def rearrange(self, text: str, numbers: Sequence[int], placed: Mapping[int, Box]) -> None:
        """Makes ``text`` the text: each character is, or looks like, the one that had its number of ``numbers``.

        ``placed`` says where those stand that no character of the page shows.
        """
        self._order = [self._order[number] for number in numbers]
        self.text, self._placed = text, placed

    def size(self, index: int) -> float:
        """Returns the font size of a character in points, as shown."""
        matrix, index = self._matrix, self._drawn(index)
        size: float = pdfium_c.FPDFText_GetFontSize(self.raw, index)
        if pdfium_c.FPDFText_GetMatrix(self.raw, index, matrix):
            size *= (matrix.c**2 + matrix.d**2) ** 0.5
        return abs(size) if math.isfinite(size) else 0.0  # a damaged file may hold no number there

    def font(self, index: int) -> tuple[bool, bool]:
        """Returns whether a character is bold, and whether its font is of fixed width."""
        index = self._drawn(index)
        font = pdfium_c.FPDFTextObj_GetFont(pdfium_c.FPDFText_GetTextObject(self.raw, index))
        key = ctypes.cast(font, ctypes.c_void_p).value or 0
        if key not in self._fonts:
            self._fonts[key] = self._font(index)
        return self._fonts[key]

    def font_name(self, index: int) -> str:
        """Returns the name of a character's font."""
        index = self._drawn(index)
        font = pdfium_c.FPDFTextObj_GetFont(pdfium_c.FPDFText_GetTextObject(self.raw, index))
        key = ctypes.cast(font, ctypes.c_void_p).value or 0
        if key not in self._names:
            name, flags = ctypes.create_string_buffer(256), ctypes.c_int()
            pdfium_c.FPDFText_GetFontInfo(self.raw, index, name, len(name), flags)
            self._names[key] = name.value.decode("utf-8", "replace")
        return self._names[key]

    def is_hyphen(self, index: int) -> bool:
        """Returns whether PDFium took a character for the hyphen of a line end."""
        return bool(pdfium_c.FPDFText_IsHyphen(self.raw, self._order[index]) == 1)

    def is_turned(self, index: int) -> bool:
        """Returns whether a character does not stand upright."""
        return abs(math.sin(pdfium_c.FPDFText_GetCharAngle(self.raw, self._order[index]))) > 0.1

    def is_made_up(self, index: int) -> bool:
        """Returns whether PDFium put a space where the file has none, only room."""
        return bool(pdfium_c.FPDFText_IsGenerated(self.raw, self._order[index]) == 1)

    def _font(self, index: int) -> tuple[bool, bool]:
        name, flags = ctypes.create_string_buffer(256), ctypes.c_int()
        pdfium_c.FPDFText_GetFontInfo(self.raw, index, name, len(name), flags)
        family = name.value.decode("utf-8", "replace").lower()
        bold = _BOLD.search(family) is not None
        mono = any(word in family for word in ("mono", "courier", "consol", "cmtt", "menlo", "typewriter"))
        return bold or bool(flags.value & _FORCE_BOLD), mono or bool(flags.value & _FIXED_PITCH)

    def doubtful(self) -> float:
        """Returns the share of the characters whose letter PDFium had to guess, from a sample of them."""
        step = max(1, len(self.text) // _SAMPLE)
        sample = [i for i in range(0, len(self.text), step) if not self.text[i].isspace()]
        unsure = sum(
            self.text[i] == "\ufffd"
            or "\ue000" <= self.text[i] <= "\uf8ff"
            or pdfium_c.FPDFText_HasUnicodeMapError(self.raw, self._order[i]) == 1
            for i in sample
        )
        return unsure / len(sample) if sample else 0.0
