"""Which type of answer a question asks for, and whether a sentence holds something of that type."""

from __future__ import annotations

from enum import StrEnum

from kb.text.mentions import names
from kb.text.word_lists import word_lists
from kb.text.words import words


class AnswerType(StrEnum):
    """What can be told of an answer before it is known."""

    AMOUNT = "amount"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"


def expected_type(question: str, code: str) -> AnswerType | None:
    """Returns the type that ``question``, in the language ``code``, asks for; None where its words say none.

    The first type whose pattern fits decides, in the order of the language's list: "how old was he when" is an amount.
    """
    patterns = word_lists(code).answer_types
    return next((AnswerType(kind) for kind, pattern in patterns.items() if pattern.search(question)), None)


def holds_type(sentence: str, kind: AnswerType, question: str, code: str) -> bool | None:
    """Returns whether ``sentence`` holds something of ``kind`` that ``question`` does not; None without a list.

    A person and a place are names, where the language ``code`` writes names with a capital.
    """
    lists = word_lists(code)
    pattern = lists.answer_forms.get(kind)
    if pattern is not None:
        asked = question.casefold()
        return any(match.group().casefold() not in asked for match in pattern.finditer(sentence))
    if kind in (AnswerType.PERSON, AnswerType.PLACE) and lists.answer_forms and not lists.capitalises_nouns:
        asked_words = frozenset(words(question))
        return any(not frozenset(words(name)) <= asked_words for name in names(sentence))
    return None
