"""Which type of answer a question asks for, and whether a sentence holds something of that type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from itertools import takewhile

from kb.text.content_words import root, stop_words
from kb.text.figures import Figure, figures
from kb.text.language import in_latin_script
from kb.text.mentions import names
from kb.text.scripts import HAN
from kb.text.word_lists import word_lists
from kb.text.words import words

_ADDRESS = re.compile(r"\w@\w|https?://|\bwww\.")
"""Of the web or of mail: where something is or goes, in any language."""
_HAN = re.compile(f"[{HAN}]")
_YEAR = re.compile(r"1\d{3}|20\d\d")


_NEAR = 40
"""Characters behind a number in which what it counts is named."""
_WORDS_BEHIND = 3


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
    """Returns whether ``sentence`` holds something of ``kind`` that ``question`` does not; None where nothing tells.

    A person and a place are names, too, in a language and a script that write names alone with a capital. An amount of
    something that is measured has one of its units, or none that is known.
    """
    if kind is AnswerType.PLACE and _ADDRESS.search(sentence):
        return True
    lists = word_lists(code)
    pattern = lists.answer_forms.get(kind)
    if pattern is not None:
        asked = question.casefold()
        found = [match for match in pattern.finditer(sentence) if match.group().casefold() not in asked]
        if kind is AnswerType.AMOUNT:
            return _holds_amount(sentence, found, _asked_units(question, code))
        if found:
            return True
    if kind in (AnswerType.PERSON, AnswerType.PLACE):
        tells = lists.answer_forms and not lists.capitalises_nouns and in_latin_script(question)
        return _holds_name(sentence, question) if tells else None
    return None if pattern is None else False


def holds_counted(sentence: str, question: str, code: str) -> bool | None:
    """Returns whether ``sentence`` counts what ``question`` asks the number of ("nine countries", "九个国家").

    None where nothing is asked the number of, or it is measured.
    """
    counted = _counted(question, code)
    if not counted or _asked_units(question, code):
        return None
    written = unicodedata.normalize("NFKC", sentence)
    return any(
        not frozenset(map(root, words(written[figure.end : figure.end + _NEAR])[:_WORDS_BEHIND])).isdisjoint(
            counted
        )
        for figure in figures(written)
        if not _is_year(written, figure)
    )


def _counted(question: str, code: str) -> frozenset[str]:
    """Returns the words behind "how many": what is counted, up to the first word that says nothing."""
    lists = word_lists(code)
    pattern = lists.answer_types.get(AnswerType.AMOUNT)
    asks = pattern.search(question) if pattern else None
    if asks is None:
        return frozenset()
    behind = words(question[asks.end() : asks.end() + _NEAR])[: _WORDS_BEHIND if lists.stop_words else 1]
    return frozenset(root(word) for word in takewhile(lambda word: word not in stop_words(), behind))


def holds_asked_unit(sentence: str, question: str, code: str) -> bool | None:
    """Returns whether ``sentence`` holds a figure with a unit that is asked for; None where none is."""
    units = _asked_units(question, code)
    if not units:
        return None
    return any(each.units & units for each in figures(unicodedata.normalize("NFKC", sentence)))


def _asked_units(question: str, code: str) -> frozenset[str]:
    """Returns the units that what is asked for is measured in; none where it is counted, or nothing tells."""
    measures = word_lists(code).measures
    return next(
        (frozenset(units.split()) for units, asks in measures.items() if asks.search(question)), frozenset()
    )


def _holds_amount(sentence: str, found: Sequence[re.Match[str]], units: frozenset[str]) -> bool:
    """Returns whether one of ``found`` is no year and, if ``units`` are asked for, no number of anything else."""
    if not found:
        return False
    written = unicodedata.normalize("NFKC", sentence)
    known = figures(written) if len(written) == len(sentence) else []
    for match in found:
        figure = next((each for each in known if each.start <= match.start() < each.end), None)
        if figure is None:
            if not units or not known:
                return True
        elif not _is_year(written, figure) and (not units or _may_be_in(units, written, figure)):
            return True
    return False


def _may_be_in(units: frozenset[str], sentence: str, figure: Figure) -> bool:
    """Returns whether ``figure`` is in one of ``units``, or in none and counts nothing: "412", not "412 sheep"."""
    if figure.units:
        return bool(figure.units & units)
    return not _counts_something(sentence, figure)


def _counts_something(sentence: str, figure: Figure) -> bool:
    """Returns whether a word that says something follows ``figure``: "14 stops", "15本"."""
    behind = sentence[figure.end : figure.end + 1]
    if _HAN.match(behind):
        return True
    following = sentence[figure.end :].split(maxsplit=1)[:1]
    return bool(
        behind.isspace()
        and following
        and (following[0][0].islower() or _HAN.match(following[0]))
        and not frozenset(words(following[0])) <= stop_words()
    )


def _is_year(sentence: str, figure: Figure) -> bool:
    """Returns whether ``figure`` is a year by what follows it: "in 1932 the", "1932年"; not "1500 people"."""
    if not _YEAR.fullmatch(figure.written):
        return False
    if figure.units:
        return figure.units == {"year"}
    return in_latin_script(sentence) and not _counts_something(sentence, figure)


def _holds_name(sentence: str, question: str) -> bool | None:
    """Returns whether ``sentence`` names what ``question`` does not; None where only its first word may be a name."""
    asked = frozenset(map(root, words(question)))
    if any(not frozenset(map(root, words(name))) <= asked for name in names(sentence)):
        return True
    first = next(iter(words(sentence)), "")
    may_be_name = sentence[:1].isupper() and first not in stop_words() and root(first) not in asked
    return None if may_be_name else False
