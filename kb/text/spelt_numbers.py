"""Numbers written in words: forty-five, two hundred and ten, 四十五, 二〇二三."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from kb.text.scripts import HAN
from kb.text.word_lists import all_word_lists
from kb.text.words import fold

_WORD = re.compile(r"[a-z]+")
_BETWEEN = re.compile(r"[ \u00a0-]{1,3}(?:and[ \u00a0])?")
"""What stands between the words of one number."""
_HAN_DIGITS = {
    character: value
    for value, characters in enumerate(
        ("零〇○", "一壹", "二贰貳两兩", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
    )
    for character in characters
}
_HAN_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_HAN_GROUPS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_HAN_NUMERAL = re.compile(f"[{''.join([*_HAN_DIGITS, *_HAN_UNITS, *_HAN_GROUPS])}]+")
_AFTER_DIGITS = re.compile(r"\d[ ]?$")
_HAN_WORD = re.compile(f"[{HAN}]")


def spelt_numbers(text: str) -> Iterator[tuple[int, int, float]]:
    """Yields (start, end, value) of each number in words; the places are those in ``text``, where it is in NFKC.

    A word that may be one or not (``second``, ``一``) counts; who needs to be sure leaves out what is small.
    """
    folded = fold(text)
    lowered = folded if len(folded) == len(text) else text.casefold()
    if len(lowered) == len(text):
        yield from _in_letters(lowered)
    for match in _HAN_NUMERAL.finditer(text):
        before = text[max(0, match.start() - 2) : match.start()]
        if not _AFTER_DIGITS.search(before) and (value := han_value(match.group())) is not None:
            yield match.start(), match.end(), value


def han_value(numeral: str) -> float | None:
    """Returns the value of a numeral in Han characters; None for what is none, such as 百 alone.

    Without units it is read digit by digit: 一九三二 is 1932.
    """
    if all(character in _HAN_DIGITS for character in numeral):
        return float("".join(str(_HAN_DIGITS[character]) for character in numeral))
    total = group = digit = 0
    said = False
    for character in numeral:
        if character in _HAN_DIGITS:
            digit, said = _HAN_DIGITS[character], True
        elif character in _HAN_UNITS:
            unit = _HAN_UNITS[character]
            if unit != 10 and not digit:
                return None
            group += (digit or 1) * unit
            digit, said = 0, True
        elif not said:
            return None
        else:
            total = (total + group + digit) * _HAN_GROUPS[character]
            group = digit = 0
    return float(total + group + digit)


def _in_letters(text: str) -> Iterator[tuple[int, int, float]]:
    """Yields the numbers among the words of a folded text in letters."""
    run: list[float] = []
    start = end = 0
    for match in _WORD.finditer(text):
        value = _values().get(match.group())
        joined = bool(run) and _BETWEEN.fullmatch(text, end, match.start()) is not None
        if value is None:
            if match.group() == "and" and run and run[-1] >= 100:
                continue
            if run:
                yield start, end, _sum(run)
            run = []
            continue
        if run and not (joined and _goes_on(run, value)):
            yield start, end, _sum(run)
            run = []
        start = start if run else match.start()
        run.append(value)
        end = match.end()
    if run:
        yield start, end, _sum(run)


def _goes_on(run: Sequence[float], value: float) -> bool:
    """Returns whether a word of ``value`` belongs to the number that ``run`` has begun: twenty-five, not twenty ten."""
    last = run[-1]
    if value >= 100:
        return last < value or value > 100
    return last >= 100 or (last >= 20 and last % 10 == 0 and value < 10)


def _sum(run: Sequence[float]) -> float:
    total = group = 0.0
    for value in run:
        if value >= 1000:
            total += (group or 1) * value
            group = 0.0
        elif value == 100:
            group = (group or 1) * value
        else:
            group += value
    return total + group


@cache
def _values() -> dict[str, float]:
    """Returns word -> value: of the small numbers, the tens, and the words that multiply them, in any language."""
    found: dict[str, float] = {}
    for each in all_word_lists():
        rows = [(float(value), words) for value, words in enumerate(each.numbers)]
        rows += [(10.0 * tens, words) for tens, words in enumerate(each.tens, start=3)]
        found |= {fold(word): value for value, words in rows for word in words.split()}
    english = (each for each in all_word_lists() if each.tens)
    for each in english:
        for times, words in each.multipliers.items():
            found |= {fold(word.rstrip("*")): times for word in words}
    return {word: value for word, value in found.items() if not _HAN_WORD.search(word)}
