"""How an answer says that there is none, and whether one does."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from kb.text.language import in_latin_script, language
from kb.text.word_lists import all_word_lists, recogniser, word_lists
from kb.text.words import is_traditional, words

_REFUSAL_WORDS = 30
"""A longer answer says something besides."""


def refusal_text(question: str, *, likely: Collection[str] = ()) -> str:
    """Returns the sentence that nothing answers ``question``, in its language, and in its script where there are two.

    ``likely`` are the languages of the documents: they decide for a question too short to tell.
    """
    texts = word_lists(language(question, likely=likely)).nothing_found
    return next((text for text in texts if _script(text) == _script(question)), texts[0])


def is_refusal(answer: str) -> bool:
    """Returns whether ``answer``, a model's or ours, only says that the passages do not hold one."""
    if answer.strip() in _own_texts():
        return True
    return len(words(answer)) <= _REFUSAL_WORDS and recogniser("refusal").search(answer) is not None


@cache
def _own_texts() -> frozenset[str]:
    return frozenset(text for each in all_word_lists() for text in each.nothing_found)


def _script(text: str) -> tuple[bool, bool]:
    return in_latin_script(text), is_traditional(text)
