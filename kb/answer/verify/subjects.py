"""Who does what: a claim that gives the deed of one to another that its passages name, or exchanges the two."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from functools import cache
from itertools import combinations

from kb.answer.verify.comparison import Comparison
from kb.answer.verify.features import coordinate_parts
from kb.answer.verify.features import root as root_of_name
from kb.text.content_words import root, roots, stem, stop_words
from kb.text.language import in_latin_script
from kb.text.word_lists import all_word_lists
from kb.text.words import fold, words

_TOKEN = re.compile(r"\w+(?:['’]s)?")
_FEWEST = 3
"""Words of a deed, without who did it: fewer are said of many."""
_SAME_DEED = 0.8
"""The share of a deed's words that a clause has which tells of it."""
_MOST_EXCHANGED = 40
"""Words of a sentence in which two are looked for that changed places."""
_SCORE = re.compile(r"(?<![\w.,:/–-])(\d{1,3}) ?(?:[-–:]|比|to) ?(\d{1,3})(?![\w.,:/–-]*\d)")


def deed_of_another(compared: Comparison, always_capital: Container[str]) -> str | None:
    """Returns the name with which a claim begins where each clause that tells the rest of it begins with another.

    ``always_capital``: the folded words that the passages write with a capital only. A clause that begins otherwise
    may speak of anybody: "he", "the club". None in scripts without capitals.
    """
    claim = compared.claim
    if not in_latin_script(claim):
        return None
    doer = next((token for token in _TOKEN.findall(claim) if fold(token) not in stop_words()), "")
    if not doer or fold(_bare(doer)) not in always_capital:
        return None
    deed = roots(claim) - roots(doer)
    if len(deed) < _FEWEST:
        return None
    others: list[str] = []
    for source in compared.sources:
        for clause in coordinate_parts(source.text):
            if len(deed & roots(clause)) < _SAME_DEED * len(deed):
                continue
            other = _doer(clause, deed, always_capital)
            if other is None or root_of_name(doer) in fold(clause) or _mentions(claim, other):
                return None
            others.append(other)
    return doer if others else None


def exchanged_roles(compared: Comparison, names: Container[str]) -> str | None:
    """Returns a name of a claim that has changed places with another of the nearest sentence, around the same words.

    "Moss beat Halden 3-1" where Halden beat Moss 3-1 at home. What else stands between the two may differ, but not
    what turns it round again: "was beaten by". ``names`` are folded; in scripts without capitals any word may be one.
    """
    ours, theirs = _telling_order(compared.claim), _telling_order(compared.nearest.text)
    if max(len(ours), len(theirs)) > _MOST_EXCHANGED:
        return None
    latin = in_latin_script(compared.claim)
    both = [
        word
        for word in dict.fromkeys(ours)
        if ours.count(word) == theirs.count(word) == 1
        and (word in names if latin else len(word) > 1 and not word.isdecimal())
        and word not in stop_words()
    ]
    for first, second in combinations(both, 2):
        if theirs.index(first) < theirs.index(second):
            continue
        here = ours[ours.index(first) + 1 : ours.index(second)]
        there = theirs[theirs.index(second) + 1 : theirs.index(first)]
        if _same_between(here, there):
            return first
    return None


def turned_score(compared: Comparison) -> str | None:
    """Returns a result such as "1-3" where the passages have "3-1" of the same two, in the same order."""
    claim, source = compared.claim, compared.nearest.text
    held = {found.groups() for found in _SCORE.finditer(compared.whole)}
    for found in _SCORE.finditer(claim):
        pair = found.groups()
        if pair in held or pair[::-1] not in held or pair[0] == pair[1]:
            continue
        ours, theirs = (
            [word for word in _telling_order(text) if not word.isdecimal()] for text in (claim, source)
        )
        shared = [
            word for word in ours if ours.count(word) == theirs.count(word) == 1 and word not in stop_words()
        ]
        if len(shared) > 1 and shared == sorted(shared, key=theirs.index):
            return found.group()
    return None


def _doer(clause: str, deed: Container[str], always_capital: Container[str]) -> str | None:
    """Returns the name that a clause begins with, right before a word of the deed; None where it begins otherwise."""
    tokens = _TOKEN.findall(clause)
    while tokens and fold(tokens[0]) in stop_words() and fold(tokens[0]) not in _auxiliaries():
        tokens = tokens[1:]
    name = list(_leading_name(tokens, always_capital))
    rest = tokens[len(name) :]
    while rest and fold(rest[0]) in _auxiliaries():
        rest = rest[1:]
    return " ".join(name) if name and rest and root(fold(rest[0])) in deed else None


def _leading_name(tokens: Sequence[str], always_capital: Container[str]) -> Iterator[str]:
    for token in tokens:
        if fold(_bare(token)) not in always_capital:
            return
        yield token


def _mentions(claim: str, name: str) -> bool:
    folded = fold(claim)
    return any(root_of_name(part) in folded for part in name.split())


def _bare(token: str) -> str:
    return re.sub(r"['’]s$", "", token)


def _same_between(here: Sequence[str], there: Sequence[str]) -> bool:
    """Returns whether what stands between two is the same on both sides, but for words that one of them adds."""
    ours, theirs = frozenset(map(stem, here)), frozenset(map(stem, there))
    added = ours ^ theirs
    says = {word for word in ours & theirs if word not in _orderless()} - (
        stop_words() if _spaced(here) else set()
    )
    return bool(says) and (ours <= theirs or theirs <= ours) and not added & _turning()


def _spaced(tokens: Sequence[str]) -> bool:
    return all(token.isascii() for token in tokens)


def _telling_order(text: str) -> list[str]:
    """Returns the words of a text in order, Han text in its longest words."""
    return [word for word in words(text) if word.strip()]


@cache
def _auxiliaries() -> frozenset[str]:
    return frozenset(word for each in all_word_lists() for word in each.auxiliaries)


@cache
def _orderless() -> frozenset[str]:
    return frozenset(stem(word) for each in all_word_lists() for word in each.orderless)


@cache
def _turning() -> frozenset[str]:
    return frozenset(word for each in all_word_lists() for word in each.turning)
