"""Sentences about nothing in particular: the background that the similarity of a question is measured against."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from kb.text.word_lists import all_word_lists, word_lists

BACKGROUND_LANGUAGES = ("en", "zh")
"""Of ``background_sentences``, in this order."""


@cache
def generic_questions() -> Mapping[str, tuple[str, ...]]:
    """Returns language code -> the same eight questions about nothing in particular, in the same order for all.

    What their vectors have in common is the language, and their words are those that all questions share. Eight did
    as well as the mean of 612 real questions; one did half as well.
    """
    return MappingProxyType(
        {each.language: each.generic_questions for each in all_word_lists() if each.generic_questions}
    )


@cache
def background_sentences() -> tuple[tuple[str, ...], ...]:
    """Returns sentences about nothing in particular, each in ``BACKGROUND_LANGUAGES``.

    A question's similarity to them is its similarity to anything: a background that does not depend on what the
    library holds, or how much.
    """
    return tuple(zip(*(word_lists(code).background_sentences for code in BACKGROUND_LANGUAGES), strict=True))
