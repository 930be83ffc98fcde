"""A claim that is nearly a copy of a sentence, laid beside it: what stands in whose place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from kb.answer.verify.fault import Fault
from kb.answer.verify.features import root
from kb.text.content_words import stem, stop_words
from kb.text.figures import Figure, figures
from kb.text.language import in_latin_script
from kb.text.mentions import month_names
from kb.text.word_lists import all_word_lists
from kb.text.words import fold, in_order, words
from kb.types import Difference

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*%?|[^\W_]+(?:['’-][^\W_]+)*")
_MOST_TOKENS = 160
"""Of either side: what is longer is no sentence, and comparing takes the product of both."""
_MOST_REPLACED = 5
"""Words that one replacement may have on a side; what is longer is said in other words."""
_MOST_REPLACED_PARTS = 14
"""The same in scripts without spaces, where a word counts with the shorter ones inside it."""
_MOST_EXCHANGED = 12
"""Words, or characters of Han text, of each of two names that changed places."""


@dataclass(frozen=True, slots=True)
class _Token:
    key: str
    text: str
    start: int


def replaced_fact(
    claim: str, source: str, *, least_alike: float, known_names: frozenset[str]
) -> Fault | None:
    """Returns what stands in ``claim`` in the place of something else of ``source``; None where nothing does.

    The two must share ``least_alike`` of the claim's tokens in their order. In scripts with capitals a name in the
    place of a name, a figure in that of a figure and a noun beside the same figure count; elsewhere, where nothing
    shows what is a name, any word that says something. Both texts are in the form of ``in_digits``;
    ``known_names`` are the folded words that are names where they do not begin a sentence.
    """
    latin = in_latin_script(claim)
    ours, theirs = _tokens(claim, latin=latin), _tokens(source, latin=latin)
    if not ours or max(len(ours), len(theirs)) > _MOST_TOKENS:
        return None
    matcher = SequenceMatcher(
        None, [each.key for each in ours], [each.key for each in theirs], autojunk=False
    )
    same = sum(block.size for block in matcher.get_matching_blocks())
    if same < least_alike * len(ours):
        return None
    return next(_replacements(matcher, ours, theirs, known_names, latin=latin), None)


def _replacements(
    matcher: SequenceMatcher[str],
    ours: Sequence[_Token],
    theirs: Sequence[_Token],
    known_names: frozenset[str],
    *,
    latin: bool,
) -> Iterator[Fault]:
    for kind, start, end, first, last in matcher.get_opcodes():
        most = _MOST_REPLACED if latin else _MOST_REPLACED_PARTS
        if kind != "replace" or max(end - start, last - first) > most:
            continue
        mine, other = ours[start:end], theirs[first:last]
        yield from _faults(Difference.OPPOSITE, turned_round(_keys(mine), _keys(other)))
        if not latin:
            instead = frozenset("".join(item.key for item in other)) | stop_words()
            words = [each.key for each in mine if not frozenset(each.key) <= instead]
            if words and any(each.key not in {item.key for item in mine} for each in other):
                yield Fault(words[0], Difference.OTHER_VALUE)
            continue
        before = ours[start - 1].text if start else ""
        yield from _faults(Difference.OTHER_VALUE, _other_figure(mine, other, theirs))
        yield from _faults(Difference.OTHER_SUBJECT, _other_noun(before, mine, other))
        yield from _faults(Difference.OTHER_VALUE, _other_name(mine, other, known_names))


def _faults(difference: Difference, reason: str | None) -> Iterator[Fault]:
    if reason:
        yield Fault(reason, difference)


def turned_round(ours: frozenset[str], theirs: frozenset[str]) -> str | None:
    """Returns a word of ``ours`` of which ``theirs`` has the opposite instead: more for less, first for last."""
    for left, right in _opposites():
        for mine, opposite in ((left, right), (right, left)):
            if (said := mine & ours - theirs) and opposite & theirs - ours and not mine & theirs:
                return min(said)
    return None


@cache
def _opposites() -> list[tuple[frozenset[str], frozenset[str]]]:
    pairs = (pair.split(" / ") for each in all_word_lists() for pair in each.opposites)
    return [(_stemmed(left), _stemmed(right)) for left, right in pairs]


def _stemmed(text: str) -> frozenset[str]:
    return frozenset(word for each in words(text) for word in (each, stem(each)))


def _keys(tokens: Sequence[_Token]) -> frozenset[str]:
    return frozenset(each.key for each in tokens)


def exchanged(claim: str, source: str) -> str | None:
    """Returns what changed places in ``claim`` with something else of ``source``: A beat B, B beat A.

    None where the two are not the same but for that, and where nothing that says something stands between them: of
    "A and B" the order does not matter.
    """
    ours, theirs = in_order(claim), in_order(source)
    if len(ours) != len(theirs) or ours == theirs or len(ours) > _MOST_TOKENS:
        return None
    same = [left == right for left, right in zip(ours, theirs, strict=True)]
    start, end = same.index(False), len(same) - same[::-1].index(False)
    left, right = ours[start:end], theirs[start:end]
    most = min(_MOST_EXCHANGED, len(left) - 2)
    for first in range(1, most + 1):
        if left[:first] != right[-first:]:
            continue
        for last in range(1, min(most, len(left) - first - 1) + 1):
            between = left[first:-last]
            if left[-last:] == right[:last] and between == right[last:-first] and _says(between):
                return " ".join(left[:first]) if in_latin_script(claim) else "".join(left[:first])
    return None


def _says(tokens: Sequence[str]) -> bool:
    joining = {word for each in all_word_lists() for word in (*each.conjunctions, *each.coordinators)}
    silent = stop_words() | joining
    return any(token not in silent for token in tokens)


def _tokens(text: str, *, latin: bool) -> list[_Token]:
    if not latin:
        silent = stop_words()
        telling = [word for word in words(text) if word.isalnum() and word not in silent]
        return [_Token(_number(stem(word)), word, at) for at, word in enumerate(telling)]
    return [
        _Token(_number(stem(fold(match.group()))), match.group(), match.start())
        for match in _TOKEN.finditer(text)
    ]


def _number(word: str) -> str:
    return str(int(word)) if word.isdecimal() else word


def _figures_of(tokens: Sequence[_Token]) -> list[Figure]:
    return figures(" ".join(each.text for each in tokens))


def _other_figure(mine: Sequence[_Token], other: Sequence[_Token], theirs: Sequence[_Token]) -> str | None:
    """Returns a figure in the place of another, unless the sentence gives it as well: half of them (50 %)."""
    ours, instead, all_of_them = _figures_of(mine), _figures_of(other), _figures_of(theirs)
    for each in ours:
        said = any(each.equals(item) and each.units & item.units for item in all_of_them)
        if instead and not said and not any(each.equals(item) for item in instead):
            return each.written
    return None


def _other_noun(before: str, mine: Sequence[_Token], other: Sequence[_Token]) -> str | None:
    """Returns the word that stands behind the same figure in the place of another."""
    if not before or not figures(before) or not mine or not other:
        return None
    word, instead = mine[0], other[0]
    silent = stop_words()
    if word.key in silent or instead.key in silent or word.key in {each.key for each in other}:
        return None
    return None if _units(before, word) & _units(before, instead) else f"{before} {word.text}"


def _units(figure: str, word: _Token) -> frozenset[str]:
    found = figures(f"{figure} {word.text}")
    return found[-1].units if found else frozenset()


def _other_name(mine: Sequence[_Token], other: Sequence[_Token], known_names: frozenset[str]) -> str | None:
    ours = [each for each in mine if _is_name(each, known_names)]
    theirs = [each for each in other if _is_name(each, known_names)]
    held = " ".join(fold(each.text) for each in other)
    if not theirs or any(root(each.text) in held for each in ours):
        return None
    return next((each.text for each in ours), None)


def _is_name(token: _Token, known_names: frozenset[str]) -> bool:
    folded = fold(token.text)
    capital = token.text[:1].isupper() and (folded not in stop_words() or folded in month_names())
    return capital and (token.start > 0 or fold(token.text) in known_names)
