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
from kb.text.word_lists import all_word_lists, word_lists
from kb.text.words import fold, in_order, words
from kb.types import Difference

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*%?|[^\W_]+(?:['’-][^\W_]+)*")
_MOST_TOKENS = 160
"""Of either side: what is longer is no sentence, and comparing takes the product of both."""
_MOST_REPLACED = 5
"""Words that one replacement may have on a side; what is longer is said in other words."""
_MOST_REPLACED_PARTS = 14
"""The same in scripts without spaces, where a word counts with the shorter ones inside it."""
_LEAST_REST = 4
"""Letters of a word behind a negative beginning."""
_MOST_EXCHANGED = 12
"""Words, or characters of Han text, of each of two names that changed places."""


@dataclass(frozen=True, slots=True)
class _Token:
    key: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What of the folded words of a claim and its passages is a name where it begins a sentence, too."""

    sure: frozenset[str]
    """Names within a sentence."""
    perhaps: frozenset[str]
    """Words that occur with a capital only: names where a name replaces them."""


def replaced_fact(
    claim: str,
    source: str,
    *,
    least_alike: float,
    known: KnownNames,
) -> Fault | None:
    """Returns what stands in ``claim`` in the place of something else of ``source``; None where nothing does.

    The two must share ``least_alike`` of the claim's tokens in their order. In scripts with capitals a name in the
    place of a name, a figure in that of a figure and a noun beside the same figure count; elsewhere, where nothing
    shows what is a name, any word that says something. Both texts are in the form of ``in_digits``;
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
    return next(_replacements(matcher, ours, theirs, known, latin=latin), None)


def _replacements(
    matcher: SequenceMatcher[str],
    ours: Sequence[_Token],
    theirs: Sequence[_Token],
    known: KnownNames,
    *,
    latin: bool,
) -> Iterator[Fault]:
    moved: frozenset[str] = frozenset()
    """What the source has earlier: "In May it opened", "It opened in May"."""
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "insert":
            moved |= _keys(theirs[first:last])
        most = _MOST_REPLACED if latin else _MOST_REPLACED_PARTS
        if kind != "replace" or max(end - start, last - first) > most:
            continue
        mine, other = ours[start:end], theirs[first:last]
        yield from _faults(Difference.OPPOSITE, turned_round(_keys(mine), _keys(other)))
        yield from _faults(Difference.OPPOSITE, _opposite(_replaced_opposites(), _keys(mine), _keys(other)))
        yield from _faults(Difference.OPPOSITE, _negative_form(mine, other))
        if not latin:
            instead = frozenset("".join(item.key for item in other)) | stop_words()
            said = frozenset(each.text for each in theirs)
            words = [
                each.key
                for each in mine
                if not frozenset(each.key) <= instead and not says_nothing_new(each.text, said)
            ]
            if words and any(each.key not in {item.key for item in mine} for each in other):
                yield Fault(words[0], Difference.OTHER_VALUE)
            continue
        before = _word_before(ours, start)
        yield from _faults(Difference.OTHER_VALUE, _other_figure(mine, other, theirs))
        yield from _faults(Difference.OTHER_SUBJECT, _other_noun(before, mine, other))
        here = [each for each in mine if each.key not in moved]
        yield from _faults(Difference.OTHER_VALUE, _other_name(here, other, theirs, known))


def _word_before(tokens: Sequence[_Token], at: int) -> str:
    """Returns the word before a token; "" where there is none between them and a space: 5th is one word."""
    before = tokens[at - 1] if at else None
    return before.text if before and before.start + len(before.text) < tokens[at].start else ""


def _faults(difference: Difference, reason: str | None) -> Iterator[Fault]:
    if reason:
        yield Fault(reason, difference)


def turned_round(ours: frozenset[str], theirs: frozenset[str]) -> str | None:
    """Returns a word of ``ours`` of which ``theirs`` has the opposite instead: more for less, first for last."""
    return _opposite(_opposites(), ours, theirs)


def says_nothing_new(word: str, theirs: frozenset[str]) -> bool:
    """Returns whether ``theirs`` has a word that has the same opposite, or ``word`` only stands before a verb."""
    sides = (side for pair in _opposites() for side in pair)
    return word in _auxiliaries() or any(word in side and side & theirs for side in sides)


@cache
def _auxiliaries() -> frozenset[str]:
    return frozenset(word for each in all_word_lists() for word in each.auxiliaries)


def _opposite(
    pairs: Sequence[tuple[frozenset[str], frozenset[str]]], ours: frozenset[str], theirs: frozenset[str]
) -> str | None:
    for left, right in pairs:
        for mine, opposite in ((left, right), (right, left)):
            said, instead = mine & ours - theirs, opposite & theirs - ours
            # whether "never" turns "always" round is for whoever counts the negations of both
            if said and instead and not mine & theirs and not any(map(_denies, said | instead)):
                return min(said)
    return None


def _denies(word: str) -> bool:
    return any(each.negation is not None and each.negation.search(word) for each in all_word_lists())


@cache
def _opposites() -> list[tuple[frozenset[str], frozenset[str]]]:
    pairs = (pair.split(" / ") for each in all_word_lists() for pair in each.opposites)
    return [(_stemmed(left), _stemmed(right)) for left, right in pairs]


@cache
def _replaced_opposites() -> list[tuple[frozenset[str], frozenset[str]]]:
    pairs = (pair.split(" / ") for each in all_word_lists() for pair in each.replaced_opposites)
    return [(_stemmed(left), _stemmed(right)) for left, right in pairs]


def _negative_form(mine: Sequence[_Token], other: Sequence[_Token]) -> str | None:
    """Returns a word that is one of the other side's with a negative beginning, or without it: ineffective."""
    ours, theirs = {fold(each.text) for each in mine}, {fold(each.text) for each in other}
    for word in sorted(ours - theirs):
        for prefix in _negative_prefixes():
            rest = word.removeprefix(prefix)
            if f"{prefix}{word}" in theirs or (len(rest) >= _LEAST_REST and rest != word and rest in theirs):
                return word
    return None


@cache
def _negative_prefixes() -> tuple[str, ...]:
    return tuple(prefix for each in all_word_lists() for prefix in each.negative_prefixes)


def is_converse(claim: str, source: str) -> bool:
    """Returns whether the two compare the same things by opposite words: A is longer than B, B is shorter than A."""
    ours, theirs = in_order(claim), in_order(source)
    silent = stop_words()
    for left, right in _opposites():
        for mine, opposite in ((left, right), (right, left)):
            here = [at for at, word in enumerate(ours) if word in mine]
            there = [at for at, word in enumerate(theirs) if word in opposite]
            if len(here) != 1 or len(there) != 1:
                continue
            before, behind = frozenset(ours[: here[0]]) - silent, frozenset(ours[here[0] + 1 :]) - silent
            first, last = frozenset(theirs[: there[0]]) - silent, frozenset(theirs[there[0] + 1 :]) - silent
            if before & last and behind & first and not before & first and not behind & last:
                return True
    return False


def _stemmed(text: str) -> frozenset[str]:
    return frozenset(word for each in words(text) for word in (each, stem(each)))


def _keys(tokens: Sequence[_Token]) -> frozenset[str]:
    return frozenset(each.key for each in tokens)


def exchanged(claim: str, source: str, code: str) -> str | None:
    """Returns what changed places in ``claim`` with something else of ``source``: A beat B, B beat A.

    ``code`` is the language of both.

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
            if left[-last:] == right[:last] and between == right[last:-first] and _says(between, code):
                return " ".join(left[:first]) if in_latin_script(claim) else "".join(left[:first])
    return None


def _says(tokens: Sequence[str], code: str) -> bool:
    silent = frozenset(word_lists(code).orderless)
    if not silent:
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


def _other_name(
    mine: Sequence[_Token],
    other: Sequence[_Token],
    sentence: Sequence[_Token],
    known: KnownNames,
) -> str | None:
    """Returns a name in the place of another; what begins a claim may stand further on: "and Otto in 1960"."""
    said = _keys(sentence)
    ours = [each for each in mine if _is_name(each, known.sure) and (each.start or each.key not in said)]
    theirs = [each for each in other if _is_name(each, known.sure | known.perhaps)]
    held = [fold(each.text) for each in other]
    if not theirs or any(word.startswith(root(each.text)) for each in ours for word in held):
        return None
    return next((each.text for each in ours), None)


def _is_name(token: _Token, known_names: frozenset[str]) -> bool:
    folded = fold(token.text)
    capital = token.text[:1].isupper() and (folded not in stop_words() or folded in month_names())
    bare = folded.removesuffix("'s").removesuffix("’s")
    return capital and (token.start > 0 or bare in known_names or folded in known_names)
