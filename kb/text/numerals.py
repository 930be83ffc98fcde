"""Numbers of places as documents write them: in digits, Roman, Chinese, or as a letter."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {character: value for value, characters in enumerate(
    ("零〇○", "一壹", "二两兩贰貳", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
) for character in characters}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
CHINESE_NUMERAL = "".join((*_DIGITS, *_UNITS))
"""Characters of Chinese numerals below ten thousand, for a class of a pattern."""
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_IS_ROMAN = re.compile("[IVXLCDM]{1,15}")


def from_chinese(numeral: str) -> int | None:
    """Returns the value of 十二, 二十一, 一百零三 or, digit by digit, 二〇二三; None for what is no such numeral."""
    if not numeral or any(character not in _DIGITS and character not in _UNITS for character in numeral):
        return None
    if all(character in _DIGITS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral))
    total, digit = 0, None
    for character in numeral:
        if character in _DIGITS:
            digit = _DIGITS[character]
        else:
            total += (1 if digit is None else digit) * _UNITS[character]
            digit = None
    return total + (digit or 0)


def in_chinese(number: int) -> str:
    """Returns ``number``, from 1 to 99, in Chinese numerals as articles are counted: 二十一, and 十 without 一."""
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")


def from_roman(numeral: str) -> int | None:
    """Returns the value of a Roman numeral in capitals or small letters, written in the one usual way; else None."""
    capital = numeral.upper()
    if not _IS_ROMAN.fullmatch(capital):
        return None
    total, rest = 0, capital
    for value, letters in _ROMAN:
        while rest.startswith(letters):
            total += value
            rest = rest[len(letters) :]
    return total if not rest and in_roman(total) == capital else None


def in_roman(number: int) -> str:
    """Returns a positive ``number`` in Roman numerals."""
    written = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        written += letters * count
    return written


def number_forms(written: str) -> frozenset[str]:
    """Returns what the number of a place may be meant as: ``xii``, ``XII``, ``12`` and ``十二`` all hold ``12``.

    A single letter may be a Roman numeral or a letter, so that it has two forms.
    """
    plain = unicodedata.normalize("NFKC", written).strip().casefold()
    forms = {plain}
    for value in (from_chinese(plain), from_roman(plain)):
        if value is not None:
            forms.add(str(value))
    if plain.isdecimal():
        forms.add(str(int(plain)))
    return frozenset(forms)


def plain_number(word: str) -> str:
    """Returns ``word`` in digits where it is a number in other digits or in Chinese numerals, else as it is."""
    value = from_chinese(word)
    return word if value is None else str(value)
