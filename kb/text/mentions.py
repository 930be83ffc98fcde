"""What a sentence names: numbers, names, negations."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from kb.text.content_words import stop_words
from kb.text.language import in_latin_script, language
from kb.text.numbers import numbers as written_numbers
from kb.text.numbers import plain_numbers
from kb.text.scripts import HAN
from kb.text.sentences import sentences
from kb.text.word_lists import all_word_lists, word_lists
from kb.text.words import fold

_NAME = re.compile(r"(?<![A-Za-zÀ-ɏ0-9'’-])[A-Z][A-Za-zÀ-ɏ0-9'’-]*[A-Za-zÀ-ɏ0-9](?:\.[A-Z])*")
"""Han text writes no space behind a Latin name: its characters must not be taken for more of the name."""


def numbers(text: str) -> list[tuple[str, frozenset[str]]]:
    """Returns each number written in digits, and the forms it may have elsewhere."""
    return written_numbers(_with_years(unicodedata.normalize("NFKC", text)))


def numbers_said(text: str) -> frozenset[str]:
    """Returns every number of ``text``, in digits or spelt out, with and without its ``million``."""
    said = set(plain_numbers(_with_years(text)))
    folded = fold(text)
    spelt, months = _spelt_numbers(), month_names()
    for match in _spelt_word().finditer(folded):
        said.update(filter(None, (spelt.get(match.group()), months.get(match.group()))))
    return frozenset(said)


@cache
def _spelt_numbers() -> dict[str, str]:
    """Returns word -> the number in digits, in any language."""
    return {
        word: str(value)
        for each in all_word_lists()
        for value, words in enumerate(each.numbers)
        for word in words.split()
    }


@cache
def month_names() -> dict[str, str]:
    """Returns month, folded -> its number in digits, in any language."""
    return {
        name: str(number) for each in all_word_lists() for number, name in enumerate(each.months, start=1)
    }


@cache
def _spelt_word() -> re.Pattern[str]:
    """Returns the pattern of what may be a spelt number: a word of letters, or a run of Han numerals."""
    numerals = "".join(sorted(set(re.findall(f"[{HAN}]", "".join(_spelt_numbers())))))
    return re.compile(rf"\b[a-z]+\b|[{numerals}]+")


def _with_years(text: str) -> str:
    """Returns ``text`` with decades as English counts them: 20世纪50年代 is 1950."""
    for each in all_word_lists():
        if each.decade is not None:
            text = each.decade.sub(lambda match: f"{100 * (int(match[1]) - 1) + int(match[2])}", text)
    return text


def names(text: str) -> list[str]:
    """Returns the capitalised words that do not begin a sentence; in other scripts every Latin word with a capital.

    None in German, where every noun has one.
    """
    if word_lists(language(text)).capitalises_nouns:
        return []
    begins = {start for start, _ in sentences(text)} if in_latin_script(text) else set()
    return [
        match.group()
        for match in _NAME.finditer(text)
        if match.start() not in begins
        and fold(match.group()) not in stop_words()
        and fold(match.group()) not in month_names()
    ]


def negated(text: str, code: str, *, unless: bool = False) -> bool | None:
    """Returns whether ``text``, in the language ``code``, denies something; None without a list of negations.

    ``unless``: whether words that undo a negation count: "not without consent" is "with consent alone".
    """
    negation = word_lists(code).negation
    if negation is None:
        return None
    count = len(negation.findall(text))
    return (count + (exceptions(text, code) if unless and count else 0)) % 2 == 1


def exceptions(text: str, code: str) -> int:
    """Returns how many words of ``text`` undo a negation before them."""
    exceptive = word_lists(code).exceptive
    return len(exceptive.findall(text)) if exceptive is not None else 0
