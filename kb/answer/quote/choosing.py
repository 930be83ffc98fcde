"""Which units are quoted: the best, those that are nearly as good, and what they do not make sense without."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.answer.quote.lines import UnitKind
from kb.answer.quote.scoring import Scored
from kb.ports import Similarity
from kb.text.figures import figures, normal_form
from kb.text.identifiers import exact_terms, is_made_like
from kb.text.language import language
from kb.text.word_lists import languages_with, word_lists
from kb.text.words import words

MOST_UNITS = 5
_FEW_WORDS = 4
"""A part of a question with no more of them does not say by itself what it is about."""
_NEXT_MARK = r"[?？;；]\s*(?=\S)"
_SAME = 0.8
"""From this share of the shorter one's words in the other on, two units say the same."""


def chosen_units(question: str, ranked: Sequence[Scored], similarity: Similarity) -> list[Scored]:
    """Returns at most five of ``ranked``, best first.

    The best for each part of the question, and those nearly as good as the best of all: what adds to it.
    """
    best = ranked[0]
    value = similarity.thresholds.quoting
    named = _named(question, best)
    of_parts = [_best_for(part, ranked, similarity) for part in parts(question)]
    chosen: list[Scored] = []
    for candidate in (*of_parts, *ranked):
        is_for_part = any(candidate is one for one in of_parts)
        if len(chosen) == MOST_UNITS or (
            not is_for_part and candidate.score < best.score - value.nearly_as_good
        ):
            break
        if any(_says_the_same(candidate.text, other.text) for other in chosen):
            continue
        if not is_for_part and not _adds(candidate, chosen, best, similarity):
            continue
        if _is_of_another(candidate, named):
            continue
        chosen.append(candidate)
    return chosen


def _adds(candidate: Scored, chosen: Sequence[Scored], best: Scored, similarity: Similarity) -> bool:
    """Returns whether ``candidate`` says something that ``chosen`` do not.

    Rows, lines and numbered clauses are alike in meaning: a further one must hold as many words of the question as the
    best, or others.
    """
    value = similarity.thresholds.quoting
    said = frozenset().union(*(one.held | one.held_above for one in chosen))
    is_new = not candidate.held <= said
    below = best.score - candidate.score
    if _is_listed(candidate) or (_is_listed(best) and not _is_first_line(best)):
        same = candidate.unit.kind is best.unit.kind and candidate.words >= best.words
        return below <= value.nearly_as_good_line and (is_new or same)
    return candidate.hit == best.hit or below <= value.another_passage


def _named(question: str, best: Scored) -> frozenset[str]:
    """Returns the identifiers of ``question`` that ``best`` holds: 8号 of 8号楼, 40k, ppr-9087."""
    return frozenset(_identifiers(question)) & frozenset(_identifiers(best.text))


def _is_of_another(candidate: Scored, named: frozenset[str]) -> bool:
    """Returns whether ``candidate`` is about what is called nearly as what is ``named``, and not about this."""
    held = frozenset(_identifiers(candidate.text)) if named else frozenset[str]()
    return held.isdisjoint(named) and any(is_made_like(name, other) for name in named for other in held)


def _identifiers(text: str) -> list[str]:
    written = normal_form(text)
    return exact_terms(written, figures(written))


def _is_listed(one: Scored) -> bool:
    return one.unit.kind is not UnitKind.SENTENCE or one.unit.is_clause


def _is_first_line(one: Scored) -> bool:
    """Returns whether ``one`` is a line at the head of a passage, as its title would be."""
    return one.unit.kind is UnitKind.LINE and not one.index and not one.unit.above


def parts(question: str) -> list[str]:
    """Returns the parts of a ``question`` that asks two things or more; empty where it asks one.

    A part begins behind a comma, an "and" or a question mark, and has a question word of its own. A language without
    a list of those has no parts.
    """
    lists = word_lists(language(question, likely=languages_with("question_word")))
    if lists.question_word is None or lists.next_question is None:
        return []
    next_part = re.compile(f"{_NEXT_MARK}|{lists.next_question.pattern}", re.IGNORECASE)
    found = [part.strip(" \t\n,，、;；?？") for part in next_part.split(question)]
    return found if len(found) > 1 and all(lists.question_word.search(part) for part in found) else []


def _best_for(part: str, candidates: Sequence[Scored], similarity: Similarity) -> Scored:
    """Returns the best unit for one part of a question; for "and how long is it" the whole counts too."""
    cosines = similarity.to_question(part, [candidate.text for candidate in candidates])
    asked = frozenset(words(part))
    weights = similarity.thresholds.quoting
    whole = weights.whole_question if len(asked) <= _FEW_WORDS or _has_pronoun(part) else 0.0
    scores = [
        (1 - whole) * (cosine + weights.sentence_words * _share(asked, candidate.text))
        + whole * candidate.score
        for candidate, cosine in zip(candidates, cosines, strict=True)
    ]
    return candidates[max(range(len(scores)), key=scores.__getitem__)]


def _has_pronoun(part: str) -> bool:
    pronoun = word_lists(language(part, likely=languages_with("pronoun"))).pronoun
    return pronoun is not None and pronoun.search(part) is not None


def leans_on_the_one_before(sentence: str) -> bool:
    """Returns whether ``sentence`` opens with a pronoun that refers to the sentence before."""
    code = language(sentence, likely=languages_with("opening_pronoun"))
    pronoun = word_lists(code).opening_pronoun
    return pronoun is not None and pronoun.match(sentence) is not None


def _share(asked: frozenset[str], text: str) -> float:
    return len(asked & frozenset(words(text))) / max(1, len(asked))


def _says_the_same(text: str, other: str) -> bool:
    left, right = frozenset(words(text)), frozenset(words(other))
    return len(left & right) >= _SAME * min(len(left), len(right))
