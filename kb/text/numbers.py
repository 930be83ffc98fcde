"""The numbers of a text, whatever its language writes between their digits and behind them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from kb.text.language import language
from kb.text.word_lists import all_word_lists, word_lists
from kb.text.words import fold

_NUMBER = re.compile(
    r"(?<![A-Za-z0-9.])(?:"
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)"  # 1,234,567.8
    r"|\d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\d)"  # 1.234.567,8
    r"|\d{1,3}(?:[\u00a0\u202f'’ ]\d{3})+(?:[.,]\d+)?(?!\d)"  # 1 234 567,8
    r"|\d+[.,]\d+|\d+)"
)
_ONE_GROUP = re.compile(r"\d{1,3}[.,]\d{3}")
_BETWEEN_GROUPS = re.compile(r"[\u00a0\u202f'’ ]")

_WITHOUT_SPACES = "\u0e00-\u0e7f\u3400-\u9fff\uac00-\ud7af"
_WORD_AFTER = re.compile(
    rf"\s{{0,8}}-?([^\W\d_{_WITHOUT_SPACES}][^\s\d.,;:!?)»”{_WITHOUT_SPACES}]{{0,40}}|[{_WITHOUT_SPACES}]{{1,40}})"
)


def numbers(text: str) -> list[tuple[str, frozenset[str]]]:
    """Returns each number written in digits, and the forms it may have elsewhere: ``3.6 million`` is 3600000, and
    ``1.234`` in German 1234 as well as 1.234.
    """
    text = unicodedata.normalize("NFKC", text)
    return [(text[start:end], forms) for start, end, _, forms in located_numbers(text)]


def located_numbers(text: str) -> Iterator[tuple[int, int, int, frozenset[str]]]:
    """Yields each number in digits of a text in NFKC: (start, end, end of the word that multiplies it, forms)."""
    comma = word_lists(language(text)).decimal_comma
    for match in _NUMBER.finditer(text):
        times, end = _multiplier(text, match.end())
        forms = frozenset(plain(value * times) for value in _values(match.group(), decimal_comma=comma))
        yield match.start(), match.end(), end, forms


def plain_numbers(text: str) -> frozenset[str]:
    """Returns the forms of all numbers written in digits, each with and without its ``million``."""
    text = unicodedata.normalize("NFKC", text)
    comma = word_lists(language(text)).decimal_comma
    alone = {
        plain(value)
        for match in _NUMBER.finditer(text)
        for value in _values(match.group(), decimal_comma=comma)
    }
    return frozenset(alone.union(*(forms for _, forms in numbers(text))))


def plain(value: float) -> str:
    """Returns ``value`` in digits, without zeros at the end of its fraction."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _values(written: str, *, decimal_comma: bool) -> set[float]:
    digits = _BETWEEN_GROUPS.sub("", written)
    grouped = float(re.sub("[.,]", "", digits)) if _ONE_GROUP.fullmatch(digits) else None
    mark = max(digits.rfind("."), digits.rfind(","))
    tail = len(digits) - mark - 1
    several = digits.count(".") + digits.count(",") > 1
    one_kind = len({"." in digits, "," in digits}) == 2
    if mark < 0 or (several and one_kind and tail == 3):
        return {float(re.sub("[.,]", "", digits))}
    fraction = float(re.sub("[.,]", "", digits[:mark]) + "." + digits[mark + 1 :])
    if grouped is None:
        return {fraction}
    if decimal_comma:
        return {fraction, grouped}
    return {grouped} if "," in digits else {fraction}


def _multiplier(text: str, end: int) -> tuple[float, int]:
    """Returns what the word behind a number multiplies it by, and where that ends."""
    following = _WORD_AFTER.match(text, end)
    if following is None:
        return 1.0, end
    word = fold(following[1])
    whole, beginnings, longest = _multipliers()
    if word in whole:
        return whole[word], following.start(1) + len(word)
    for length in range(min(longest, len(word)), 0, -1):
        if word[:length] in beginnings:
            times, takes_any_ending = beginnings[word[:length]]
            return times, following.start(1) + (len(word) if takes_any_ending else length)
    return 1.0, end


@cache
def _multipliers() -> tuple[dict[str, float], dict[str, tuple[float, bool]], int]:
    """Returns what words multiply the number before them by, in any language, folded.

    Whole words, then beginnings, each with whether the word may go on (``million*``; scripts without spaces write what
    follows in one), then the length of the longest beginning.
    """
    whole: dict[str, float] = {}
    beginnings: dict[str, tuple[float, bool]] = {}
    for each in all_word_lists():
        for times, words in each.multipliers.items():
            for word in map(fold, words):
                if word.endswith("*"):
                    beginnings[word[:-1]] = (times, True)
                elif re.match(f"[{_WITHOUT_SPACES}]", word):
                    beginnings[word] = (times, False)
                else:
                    whole[word] = times
    return whole, beginnings, max(map(len, beginnings), default=0)
