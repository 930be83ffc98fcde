"""Letters of another alphabet that a PDF shows in the places of Latin ones: fonts from the time before Unicode.

A Russian font of that time holds П where Latin-1 holds Ï, and does not say so. On paper it looks right;
PDFium, and whoever copies from a viewer, gets ``Ïðèâåò``. The bytes are those of a code page, and the letters
tell which, as they do in a text file.
"""

from __future__ import annotations

import re
from functools import cache

from ingest.parse.encoding import guess_alphabet

_NOT_LATIN = re.compile("[\u00a1-\u00ff]{3,}")
"""Accents and signs without a plain letter among them: no language written in Latin letters has many."""
_TOKEN = re.compile("(?<!\\S)[^\\s\u00a1-\u00ff]*+[\u00a1-\u00ff]\\S*")
_LEAST, _LEAST_SHARE = 40, 0.05
"""Characters in such runs, and their share of the page's letters, from which on the page is looked at."""
_T2A = {
    0x80: "Ґ",
    0x88: "Ї",
    0x99: "Є",
    0x9C: "Ё",
    0x9D: "№",
    0xA0: "ґ",
    0xA8: "ї",
    0xB9: "є",
    0xBC: "ё",
    0xBD: "„",
    0xBE: "«",
    0xBF: "»",
}
"""Where TeX's Cyrillic fonts differ from the Windows code page; https://ctan.org/pkg/cyrillic, file t2aenc.def."""
_ONLY_T2A, _ONLY_WINDOWS = re.compile("[¨¹¼¾¿]"), re.compile("[³º¸«»]")
_BREAKS = (0x02, 0xFFFE)
"""What PDFium makes of a soft hyphen, which is a letter in Thai."""


_LETTER = r"[^\W\d_]"
_TEX_LIGATURE = re.compile(f"[\x1b-\x1f](?={_LETTER})|(?<={_LETTER})[\x1b-\x1f]")
_TEX_LIGATURES = dict(zip("\x1b\x1c\x1d\x1e\x1f", "ﬀﬁﬂﬃﬄ", strict=True))
_TEX_MARKS = str.maketrans("\x10\x11\x12\x13\x14\x15\x16", "“”„«»–—")
"""What TeX's fonts of eight bits hold in place of controls; https://ctan.org/pkg/fontenc, encoding T1."""


def with_tex_ligatures(text: str) -> str:
    r"""Returns ``text``, as long as before, with the ligatures and quotation marks that TeX's bitmap fonts do not name.

    PDFium hands out the codes, which are controls: ``di\x1berent``. Other fonts of TeX hold brackets there, so
    the marks are only believed on a page with ligatures.
    """
    if not _TEX_LIGATURE.search(text):
        return text
    return _TEX_LIGATURE.sub(lambda found: _TEX_LIGATURES[found[0]], text).translate(_TEX_MARKS)


def in_own_alphabet(text: str) -> str:
    """Returns ``text``, as long as before, with the letters that the page shows."""
    runs = _NOT_LATIN.findall(text)
    strange = sum(map(len, runs))
    if strange < _LEAST or strange < _LEAST_SHARE * sum(map(str.isalpha, text)):
        return text
    encoding = guess_alphabet(" ".join(runs).encode("latin-1"))
    if encoding is None:
        return text
    tex = encoding == "cp1251" and bool(_ONLY_T2A.search(text)) and not _ONLY_WINDOWS.search(text)
    table = _table(encoding) | (_T2A if tex else {})
    return _TOKEN.sub(lambda token: _translate(token[0], table), text)


def _translate(token: str, table: dict[int, str]) -> str:
    """Returns a word in the other alphabet; one that is mostly plain Latin letters, like café, stays."""
    high = sum("\u00a1" <= char <= "\u00ff" for char in token)
    plain = sum(char.isascii() and char.isalpha() for char in token)
    return token if high < plain else token.translate(table)


@cache
def _table(encoding: str) -> dict[int, str]:
    """Returns the character of ``encoding`` for each character of Latin-1 and its Windows code page."""
    table: dict[int, str] = {}
    for code in range(0x80, 0x100):
        letter = bytes([code]).decode(encoding, "ignore")
        if letter:
            table[code] = letter
            table[ord(bytes([code]).decode("cp1252", "ignore") or chr(code))] = letter
    if table.get(0xAD, "\xad") != "\xad":
        table |= dict.fromkeys(_BREAKS, table[0xAD])
    return table
