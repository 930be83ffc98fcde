"""Where sentences end, in any script: for chunks, footnotes and quoted answers alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from kb.text.language import language
from kb.text.numerals import from_roman
from kb.text.scripts import HAN
from kb.text.word_lists import all_word_lists, word_lists

_GREEK = "\u0370-\u03ff\u1f00-\u1fff"
_THAI_LAO = "\u0e01-\u0e2e\u0e30-\u0e45\u0e47-\u0e4e\u0e81-\u0eae\u0eb0-\u0ebd\u0ec0-\u0ec4\u0ec8-\u0ece"
"""Letters and their marks; not ๆ and ฯ, behind which a space is written within a sentence."""
_ALPHABETS = "A-Za-zÀ-\u024f\u1e00-\u1eff\u0370-\u03ff\u0400-\u052f\u0531-\u0586\u05d0-\u05ea\u0621-\u064a"
"""The scripts in which a single letter with a full stop shortens a word."""
_CLOSING = r"(?:[”’“»›」』）)\]\"']|[\u00a0\u202f ][»›]|\[[^\[\]\n]{1,24}\])*"
"""What belongs to the sentence before it: quotes, brackets, and a note right behind it, [12] or [citation needed]."""
_OPENING_BRACKETS = "（([【〔《〈「『"
_BRACKET = re.compile(r"[（(\[【〔《〈「『）)\]】〕》〉」』]")
_LONGEST_BRACKET = 300
"""Characters within which a bracket is closed; behind more of them, it was forgotten."""

_MARKS = "。｡！？!?…‼⁇-⁉؟۔।॥։።፧፨။។៕།༎"
"""What ends a sentence wherever it stands."""

_SENTENCE_END = re.compile(
    rf"[{_MARKS}]+{_CLOSING}"
    rf"|．(?!\d){_CLOSING}"
    rf"|(?<!\.)\.{_CLOSING}(?=\s|$)"
    rf"|(?<=[{_GREEK}])[;\u037e]{_CLOSING}(?=\s|$)"
    rf"|[；;](?=\s*(?:[{HAN}]|[（(](?:\d{{1,2}}|[{HAN}]{{1,3}})[）)]|\d{{1,2}}[.、．）]|[①-⑳]))"
    r"|\n+"
)
_GREEK_QUESTION = re.compile(rf"(?<=[{_GREEK}])[;\u037e]$")
_WHOLE = re.compile(rf"(?:[{_MARKS}.．]|(?<=[{_GREEK}])[;\u037e]|[{_THAI_LAO}ๆฯ]){_CLOSING}$")
_HAN_LETTER = re.compile(f"[{HAN}]")
_WITHIN = re.compile(r"[),.;:、，。；：）]")
"""What stands within a sentence and begins none."""

_ADDRESS_LOOK_BACK = 300
"""Characters within which an address began; longer ones are not written down."""

_BETWEEN_CLAUSES = re.compile(rf"(?<=[{_THAI_LAO}])[ \u00a0]+(?=[{_THAI_LAO}])")
_CLAUSE = 80
"""Characters, about those of a sentence, from which on Thai and Lao end one at the next space: they write no full
stop, and part clauses and sentences alike by a space."""

_BEGINS = r"(?:^|[\s(\[/„“«‚–—-])"
_LOOK_BACK = 16
"""Characters within which an abbreviation stands."""
_SMALL_NUMBER = re.compile(r"(?:^|[^\w.,:/])\d{1,2}$")
_ITEM_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3})*")
_MOST_ITEMS = 100
"""Items of a list with Roman numerals: larger ones are words more often, such as "mix"."""
_LEADS = 400
"""Characters that tell the language of a paragraph."""
_CAPITALS_ONLY_IN_TITLES = re.compile("[\u10d0-\u10ff]")
"""Georgian letters count as small ones and begin sentences."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Returns the sentences of ``text`` as (start, end), ascending, without surrounding white space.

    A full stop after an abbreviation or an ordinal, or before a lower-case letter, does not end a
    sentence; the marks of other scripts always do. Thai and Lao, which have none, end at a space.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for mark in _SENTENCE_END.finditer(text):
        if mark.group().startswith(".") and not _ends_sentence(text, mark.start(), mark.end()):
            continue
        if mark.group()[0] in ".．" and _is_item_number(text, start, mark.start(), mark.end()):
            continue
        if not mark.group().startswith("\n") and _is_within_brackets(text, start, mark.end()):
            continue
        if mark.group() in ("?", "!") and _is_within_address(text, mark.start(), mark.end()):
            continue
        _append_trimmed(found, text, start, mark.end())
        start = mark.end()
    _append_trimmed(found, text, start, len(text))
    return [part for span in found for part in _clauses(text, *span)]


def _is_item_number(text: str, start: int, stop: int, end: int) -> bool:
    """Returns whether the full stop at ``stop`` only ends the number of an item at the beginning of a line."""
    if stop - start > _LOOK_BACK or (start and text[start - 1] != "\n"):
        return False
    following = text[end : end + _LOOK_BACK].lstrip(" \t\u3000")
    number = text[start:stop].strip()
    value = from_roman(number)
    counts = _ITEM_NUMBER.fullmatch(number.partition(" ")[2] or number) is not None  # "Article 2." too
    counts = counts or (value is not None and value < _MOST_ITEMS)
    return counts and following[:1] not in ("", "\n")


def _is_within_brackets(text: str, start: int, stop: int) -> bool:
    """Returns whether a mark stands in brackets within a sentence: "（荷兰语：A；西班牙语：B）", "(ext. 4417)".

    Brackets around whole sentences hold several, and one that is closed nowhere near holds nothing.
    """
    begins = start + len(text[start:stop]) - len(text[start:stop].lstrip())
    depth = 0
    for bracket in _BRACKET.finditer(text, begins + 1, stop):
        depth = _depth(depth, bracket.group())
    if not depth:
        return False
    line_end = text.find("\n", stop)
    end = min(stop + _LONGEST_BRACKET, line_end if line_end >= 0 else len(text))
    for bracket in _BRACKET.finditer(text, stop, end):
        depth = _depth(depth, bracket.group())
        if not depth:
            return True
    return False


def _depth(depth: int, bracket: str) -> int:
    return depth + 1 if bracket in _OPENING_BRACKETS else max(0, depth - 1)


def _is_within_address(text: str, start: int, end: int) -> bool:
    """Returns whether a mark stands in an address that goes on after it: ``https://a.example/b?team=north``."""
    following = text[end : end + 1]
    if not following.isascii() or not (following.isalnum() or following in ("/", "#", "_", "%", "&")):
        return False
    words = text[max(0, start - _ADDRESS_LOOK_BACK) : start].split()
    return bool(words) and text[start - 1] == words[-1][-1] and ("://" in words[-1] or "www." in words[-1])


def is_question(sentence: str) -> bool:
    """Returns whether ``sentence`` ends with a question mark of any script."""
    stripped = sentence.rstrip()
    return stripped.endswith(("?", "？", "؟", "፧", "՞")) or _GREEK_QUESTION.search(stripped) is not None


def is_whole(sentence: str) -> bool:
    """Returns whether ``sentence`` begins and ends like one: no heading, and nothing cut off at either end."""
    if _WHOLE.search(sentence) is None or _WITHIN.match(sentence):
        return False
    return not _is_small(sentence[:1]) or _HAN_LETTER.search(sentence) is not None  # "pH值应当……" is whole


def _is_small(letter: str) -> bool:
    return letter.islower() and not _CAPITALS_ONLY_IN_TITLES.match(letter)


def _ends_sentence(text: str, stop: int, end: int) -> bool:
    following = text[end : end + 3].lstrip()[:1]
    if _is_small(following):
        return False
    begin = max(0, stop - _LOOK_BACK)
    if _abbreviation().search(text, begin, stop):
        return False
    if following.isdigit() and _before_a_number().search(text, begin, stop):
        return False
    return not (following and _SMALL_NUMBER.search(text, begin, stop) and _is_ordinal(text))


def _is_ordinal(text: str) -> bool:
    """Returns whether a small number with a full stop in ``text`` is an ordinal: "am 3. Oktober"."""
    return word_lists(language(text[:_LEADS])).ordinals_with_stop


@cache
def _abbreviation() -> re.Pattern[str]:
    """Returns the pattern of an abbreviation at the end of a text, single letters and "z.B" included."""
    known = sorted({word for each in all_word_lists() for word in each.abbreviations})
    letter = f"[{_ALPHABETS}]"
    return re.compile(rf"{_BEGINS}(?:{letter}|{letter}{{1,3}}(?:\.-?{letter}{{1,3}})+|{'|'.join(known)})$")


@cache
def _before_a_number() -> re.Pattern[str]:
    known = sorted({word for each in all_word_lists() for word in each.abbreviations_before_numbers})
    return re.compile(rf"{_BEGINS}(?:{'|'.join(known)})$")


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields a sentence, cut at spaces between Thai or Lao letters into pieces about as long as sentences."""
    for space in _BETWEEN_CLAUSES.finditer(text, start, end):
        if space.start() - start >= _CLAUSE:
            yield start, space.start()
            start = space.end()
    yield start, end


def _append_trimmed(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))


def passage_sentences(text: str) -> list[tuple[int, int]]:
    """Returns the sentences of a passage as (start, end); the whole of a passage without sentences."""
    return sentences(text) or [(0, len(text))]
