"""What is counted of a claim and the sentences that may support it: the input of the weighted sum in ``support``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from kb.text.content_words import stems
from kb.text.figures import figures, normal_form
from kb.text.mentions import names
from kb.text.word_lists import all_word_lists
from kb.text.words import fold

FEATURES = ("covered", "missing", "nearby", "names", "figures", "least_clause", "cosine")
"""Their names, in the order of the weights in ``thresholds.toml``."""
_LEAST_COSINE = 0.75
"""Of sentences of one language that have nothing in common: what is below says no more."""
_USUAL_COSINE = 0.88
"""Of a claim and the nearest sentence of its passage: stands for one that there was no time for, and says nothing."""
CLAUSE = re.compile(r"[,;:，；：、()（）—–]|\s-\s")
"""What stands between clauses by itself, without a word."""
_AROUND = 1
"""Sentences on each side of the nearest two in which names and figures are looked for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence of a passage, with what is compared of it."""

    text: str
    passage: int
    place: tuple[int, int]
    stems: frozenset[str]
    cosine: float
    """Of it and the claim; 0 where it is not known."""

    @classmethod
    def of(cls, text: str, passage: int, place: tuple[int, int], cosine: float) -> Source:
        return cls(text, passage, place, stems(text), cosine)


def clauses(text: str) -> list[str]:
    """Returns the parts of a sentence that say something of their own, those without content words left out."""
    return [part for part in _joint().split(text) if part.strip() and stems(part)]


def coordinate_parts(text: str) -> list[str]:
    """Returns the parts of a sentence that stand side by side: "12 euros for adults", "7 for children"."""
    return _coordination().split(text)


def features(claim: str, sources: Sequence[Source]) -> list[float]:
    """Returns the values of ``FEATURES`` for a claim and the sentences of its passages, at least one of them.

    All but ``missing``, which grows with the number of words, lie between 0 and 1.
    """
    asked = sorted(stems(claim))
    held = np.array([[word in source.stems for word in asked] for source in sources], bool)
    if not asked:
        held = np.ones((len(sources), 1), bool)
    joined = held | held[_following(sources)]
    nearest = int(np.argmax(joined.mean(axis=1)))
    around = _neighbourhood(sources, nearest)
    whole = held.any(axis=0)
    return [
        float(whole.mean()),
        math.log1p(float((~whole).sum())),
        float(joined[nearest].mean()),
        _share_of_names(claim, around),
        _share_of_figures(claim, around),
        _least_clause(claim, sources),
        max(_LEAST_COSINE, max(source.cosine for source in sources) or _USUAL_COSINE),
    ]


def _following(sources: Sequence[Source]) -> list[int]:
    """Returns for each sentence the index of the next one of its passage, or its own at the end."""
    following = [
        index + 1 if source.passage == after.passage else index
        for index, (source, after) in enumerate(pairwise(sources))
    ]
    return [*following, len(sources) - 1]


def _neighbourhood(sources: Sequence[Source], nearest: int) -> str:
    near = range(max(0, nearest - _AROUND), min(len(sources), nearest + 2 + _AROUND))
    return " ".join(
        sources[index].text for index in near if sources[index].passage == sources[nearest].passage
    )


def _share_of_names(claim: str, around: str) -> float:
    found = names(claim)
    vocabulary = fold(around)
    return sum(root(name) in vocabulary for name in found) / len(found) if found else 1.0


def root(name: str) -> str:
    """Returns a name without its ending, so that ``German`` is found in ``Germany`` and ``Luther's`` in ``Luther``.

    One with digits has no ending but a plural: ``DVB-S7`` is not ``DVB-S2``.
    """
    folded = fold(name).removesuffix("'s").removesuffix("’s")
    if any(character.isdigit() for character in folded):
        return folded.removesuffix("s")
    return folded[: max(4, len(folded) - 3)]


def _share_of_figures(claim: str, around: str) -> float:
    found = figures(normal_form(claim))
    held = frozenset[str]().union(*(each.forms for each in figures(normal_form(around))))
    return sum(bool(each.forms & held) for each in found) / len(found) if found else 1.0


def _least_clause(claim: str, sources: Sequence[Source]) -> float:
    """Returns the share of the words of the clause that is supported least in the sentence that holds most of them."""
    parts = [stems(part) for part in clauses(claim)]
    shares = [max(len(part & source.stems) for source in sources) / len(part) for part in parts]
    return min(shares, default=1.0)


@cache
def _joint() -> re.Pattern[str]:
    """Returns the pattern of what stands between the clauses of a sentence, in any language."""
    return _between({word for each in all_word_lists() for word in (*each.conjunctions, *each.coordinators)})


@cache
def _coordination() -> re.Pattern[str]:
    return _between({word for each in all_word_lists() for word in each.coordinators})


def _between(joining: set[str]) -> re.Pattern[str]:
    letters = "|".join(sorted(word for word in joining if word.isascii()))
    others = "|".join(sorted(word for word in joining if not word.isascii()))
    marks = r"[,:](?!\d)|(?<!\d)[,:]|[;，；：、()（）—–]|(?<!\s)\s-\s"  # not those of 1,149 and 17:00
    return re.compile(rf"{marks}|\b(?:{letters})\b|{others}", re.IGNORECASE)
