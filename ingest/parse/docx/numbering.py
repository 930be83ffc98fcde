"""The numbers that Word shows before headings and list items, which are nowhere in the text.

"What does 4.2 say?" can only be answered when the 4.2 is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from ingest.parse.docx.names import value, w

LEVELS = 9
"""Word has no more."""

_PLACE = re.compile(r"%(\d)")
_UNNUMBERED = frozenset({"bullet", "none"})
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_HAN_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class _Level:
    format: str
    text: str
    """With ``%1`` where the number of the first level goes."""
    start: int
    legal: bool
    """All numbers in Arabic digits, whatever the levels above use."""


class Numbering:
    """Counts the numbered paragraphs of one document; ask for them in document order."""

    def __init__(self, root: etree._Element | None) -> None:
        self._lists: dict[str, dict[int, _Level]] = {}
        self._level_of_style: dict[tuple[str, str], int] = {}
        self._list_of: dict[str, str] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, list[int | None]] = {}
        if root is not None:
            self._read_lists(root)
            self._read_uses(root)

    def level(self, number_id: str, styles: list[str]) -> int | None:
        """Returns the level of a list that belongs to one of these styles, as heading styles do; 0-based."""
        name = self._list_of.get(number_id, "")
        found = (self._level_of_style.get((name, style)) for style in styles)
        return next((level for level in found if level is not None), None)

    def label(self, number_id: str, level: int) -> str:
        """Returns the number of the next paragraph at this level, such as ``4.2`` or ``(c)``; "" for bullets."""
        name = self._list_of.get(number_id, "")
        levels = self._lists.get(name, {})
        if level not in levels:
            return ""
        counts = self._counts.setdefault(name, [None] * LEVELS)
        for place, start in self._restarts.pop(number_id, {}).items():
            counts[place] = start - 1
        self._step(counts, levels, level)
        shown = levels[level]
        if shown.format in _UNNUMBERED:
            return ""
        return _PLACE.sub(
            lambda found: _shown(int(found[1]) - 1, counts, levels, legal=shown.legal), shown.text
        )

    @staticmethod
    def _step(counts: list[int | None], levels: dict[int, _Level], level: int) -> None:
        """Counts one up at ``level``; the levels below begin anew, those above have begun."""
        for above in range(level):
            if counts[above] is None and above in levels:
                counts[above] = levels[above].start
        count = counts[level]
        counts[level] = levels[level].start if count is None else count + 1
        counts[level + 1 :] = [None] * (LEVELS - level - 1)

    def _read_lists(self, root: etree._Element) -> None:
        linked: dict[str, str] = {}
        for node in root.findall(w("abstractNum")):
            name = node.get(w("abstractNumId"), "")
            self._lists[name] = dict(_level(child) for child in node.findall(w("lvl")))
            for child in node.findall(w("lvl")):
                if style := value(child, w("pStyle")):
                    self._level_of_style[name, style] = _level(child)[0]
            if style := value(node, w("styleLink")):
                linked[style] = name
        for node in root.findall(w("abstractNum")):
            target = linked.get(value(node, w("numStyleLink")) or "")
            if target is not None:
                self._lists[node.get(w("abstractNumId"), "")] = self._lists[target]

    def _read_uses(self, root: etree._Element) -> None:
        for node in root.findall(w("num")):
            number_id = node.get(w("numId"), "")
            self._list_of[number_id] = value(node, w("abstractNumId")) or ""
            restarts = {
                _integer(one.get(w("ilvl")), 0): _integer(value(one, w("startOverride")), 1)
                for one in node.findall(w("lvlOverride"))
                if one.find(w("startOverride")) is not None
            }
            self._restarts[number_id] = {level: at for level, at in restarts.items() if level < LEVELS}


def _level(node: etree._Element) -> tuple[int, _Level]:
    return min(_integer(node.get(w("ilvl")), 0), LEVELS - 1), _Level(
        format=value(node, w("numFmt")) or "decimal",
        text=value(node, w("lvlText")) or "",
        start=_integer(value(node, w("start")), 1),
        legal=node.find(w("isLgl")) is not None,
    )


def _shown(place: int, counts: list[int | None], levels: dict[int, _Level], *, legal: bool) -> str:
    """Returns the count of one level as that level writes it."""
    if not 0 <= place < LEVELS or counts[place] is None:
        return ""
    count = counts[place] or 0
    return str(count) if legal or place not in levels else _written(count, levels[place].format)


def _written(count: int, format_name: str) -> str:
    if count < 1:
        return str(count)
    if format_name in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letters if format_name == "lowerLetter" else letters.upper()
    if format_name in ("lowerRoman", "upperRoman") and count < 4000:
        return _roman(count) if format_name == "lowerRoman" else _roman(count).upper()
    if format_name == "decimalZero":
        return f"{count:02}"
    if format_name.startswith(("chinese", "japaneseCounting", "ideographDigital")) and count < 100:
        return _han(count)
    return str(count)


def _roman(count: int) -> str:
    text = ""
    for number, letters in _ROMAN:
        text += letters * (count // number)
        count %= number
    return text


def _han(count: int) -> str:
    """Returns 1 to 99 in Chinese: 十一, 二十."""
    tens, ones = divmod(count, 10)
    if not tens:
        return _HAN_DIGITS[ones]
    return ("" if tens == 1 else _HAN_DIGITS[tens]) + "十" + (_HAN_DIGITS[ones] if ones else "")


def _integer(text: str | None, default: int) -> int:
    return (
        int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 10 else default
    )
