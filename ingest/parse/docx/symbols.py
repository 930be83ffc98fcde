"""Characters of symbol fonts, by the codes that Word gives them: ticks, arrows, Greek letters, signs of mathematics."""

from __future__ import annotations

import re

from ingest.parse.look.formatting import EMPTY, TICKED

_PRIVATE = 0xF000
"""Word moves the codes of symbol fonts there, into Unicode's area for private use."""

_WINGDINGS = {
    0x6F: EMPTY,
    0x71: EMPTY,
    0x72: EMPTY,
    0xA8: EMPTY,
    0xFE: TICKED,
    0xFD: TICKED,
    0x78: TICKED,
    0xFC: "✓",
    0xFB: "✗",
    0xE0: "→",
    0xE8: "→",
    0xDF: "←",
    0xE1: "↑",
    0xE2: "↓",
    0xF0: "⇒",
    0x6C: "●",
    0xA1: "○",
    0xA4: "◉",
    0x6E: "■",
    0xA7: "▪",
    0x28: "☎",
    0x2A: "✉",
}
_WINGDINGS_2 = {
    0x50: "✓",
    0x4F: "✗",
    0x52: TICKED,
    0x53: TICKED,
    0x54: TICKED,
    0x51: TICKED,
    0xA3: EMPTY,
    0x2A: EMPTY,
    0x30: EMPTY,
}
_UPPER, _LOWER = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
_SYMBOL = {
    **dict(enumerate(_UPPER, 0x41)),
    **dict(enumerate(_LOWER, 0x61)),
    **{code: chr(code) for code in range(0x30, 0x3A)},
    0x20: " ",
    0x28: "(",
    0x29: ")",
    0x2B: "+",
    0x2C: ",",
    0x2D: "−",
    0x2E: ".",
    0x2F: "/",
    0x3D: "=",
    0xA3: "≤",
    0xB3: "≥",
    0xB1: "±",
    0xB4: "×",
    0xB8: "÷",
    0xB9: "≠",
    0xBA: "≡",
    0xBB: "≈",
    0xA5: "∞",
    0xB0: "°",
    0xB7: "•",
    0xD7: "⋅",
    0xD6: "√",
    0xE5: "∑",
    0xF2: "∫",
    0xB6: "∂",
    0xD1: "∇",
    0xCE: "∈",
    0xAB: "↔",
    0xAC: "←",
    0xAD: "↑",
    0xAE: "→",
    0xAF: "↓",
    0xDE: "⇒",
    0xDB: "⇔",
    0xA2: "′",
    0xB2: "″",
    0x3C: "<",
    0x3E: ">",
    0x25: "%",
    0xB5: "∝",
    0xC7: "∩",
    0xC8: "∪",
    0x22: "∀",
    0x24: "∃",
    0xD0: "∠",
}
_FONTS = {"wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "symbol": _SYMBOL}
_IN_PRIVATE = re.compile("[\uf020-\uf0ff]")


def symbol(font: str, code: int) -> str:
    """Returns the character of ``font`` (lower case) with this code; "" for one that means nothing elsewhere."""
    if code < _PRIVATE and font not in _FONTS:
        return chr(code) if 0x20 <= code < 0xD800 else ""
    return _FONTS.get(font, {}).get(code - _PRIVATE if code >= _PRIVATE else code, "")


def translated(font: str, text: str) -> str:
    """Returns ordinary text with the codes of a symbol font in it replaced."""
    if font not in _FONTS:
        return text
    return _IN_PRIVATE.sub(lambda found: symbol(font, ord(found[0])), text)
