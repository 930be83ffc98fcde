"""The words of a sentence that carry its content, by their stems."""

from __future__ import annotations

import re
from functools import cache

from kb.text.word_lists import all_word_lists
from kb.text.words import words

_SUFFIX = re.compile(r"(?:ies|ied|ing|edly|ed|es|s|ly|al|ion|ions)$")


@cache
def stop_words() -> frozenset[str]:
    """Returns the words that say nothing by themselves, of all languages."""
    lists = all_word_lists()
    return frozenset(word for each in lists for word in (*each.stop_words, *each.stop_words_of_statements))


def stems(text: str) -> frozenset[str]:
    """Returns the words that say something, without English endings: ``opened`` and ``opens`` are one."""
    silent = stop_words()
    return frozenset(stem(word) for word in words(text) if word not in silent)


def stem(word: str) -> str:
    """Returns an English word without its ending, and any other word as it is."""
    return _SUFFIX.sub("", word) if len(word) > 4 and word.isascii() else word


def root(word: str) -> str:
    """Returns what the forms of an English word share, for comparing: leave and leaves, make and made; others as is.

    ``stem`` leaves an ``e`` to some forms and takes it from others, and lets short words keep their plural.
    """
    if not word.isascii() or not word.isalpha():
        return word
    word = _first_forms().get(word, word)
    if word.endswith("ss"):
        return word  # bass, of which basses is the plural
    return (stem(word) if len(word) > 4 else word.removesuffix("s") if len(word) > 3 else word).removesuffix(
        "e"
    )


@cache
def _first_forms() -> dict[str, str]:
    """Returns the forms of a word that no ending makes -> its first one: made -> make."""
    return {
        form: first
        for each in all_word_lists()
        for first, *others in map(str.split, each.forms_of_one_word)
        for form in others
    }


def roots(text: str) -> frozenset[str]:
    """Returns the words that say something, as their forms share them."""
    silent = stop_words()
    return frozenset(root(word) for word in words(text) if word not in silent)
