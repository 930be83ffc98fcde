"""What of a claim its passages say otherwise, or not at all: a figure, a name, a comparison, a negation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from kb.answer.verify.alignment import exchanged, replaced_fact, turned_round
from kb.answer.verify.fault import Fault
from kb.answer.verify.features import Source, coordinate_parts, root
from kb.text.content_words import stem, stems, stop_words
from kb.text.dates import dates
from kb.text.figures import Figure, figures, in_digits, normal_form
from kb.text.language import in_latin_script, language
from kb.text.mentions import names, negated, numbers_said
from kb.text.sentences import is_question, sentences
from kb.text.words import fold, words
from kb.types import DENIED, AttributionThresholds, Difference

SHORT = 12
"""Words of an answer that its question may outweigh."""
_CLAUSE = re.compile(r"[,;:，；：、()（）—–]|\s-\s")
_LEAST_SPELT = 2
"""The least number in words that is a fact: "one" is an article or a pronoun more often."""
_NOUNS = 2
"""Words behind a figure that say what it counts: its unit, and of what."""
_BEHIND = 24
"""Characters behind a figure in which its noun stands."""
_FIRST_YEAR, _LAST_YEAR = 1000, 2199
"""Figures without a unit between them are taken for years, which count nothing."""


@dataclass(frozen=True)
class Comparison:
    """A claim and the sentences of its passages."""

    claim: str
    sources: Sequence[Source]
    nearest: Source
    """The sentence that comes nearest to the claim."""
    about: str
    """What stands above the passages: headings, names of documents."""
    share: float
    """Of the claim's words that the nearest sentence holds."""

    @cached_property
    def whole(self) -> str:
        return " ".join(source.text for source in self.sources)

    @cached_property
    def languages(self) -> tuple[str, str]:
        """Those of the claim and of its passages."""
        written = language(self.whole)
        return language(self.claim, likely=(written,)), written

    @property
    def in_one_language(self) -> bool:
        return self.languages[0] == self.languages[1]

    @cached_property
    def figures(self) -> list[Figure]:
        """Those of the claim that are facts."""
        found = figures(normal_form(self.claim))
        return [each for each in found if not each.is_spelt or _is_fact(each)]

    @cached_property
    def figures_held(self) -> list[list[Figure]]:
        """Those of each sentence."""
        return [figures(normal_form(source.text)) for source in self.sources]

    @cached_property
    def said(self) -> frozenset[str]:
        """Every number of the passages and of what stands above them, months among them."""
        spelt = frozenset[str]().union(*(each.forms for found in self.figures_held for each in found))
        return numbers_said(f"{self.about} {self.whole}") | spelt


def fault_of(compared: Comparison, thresholds: AttributionThresholds) -> Fault | None:
    """Returns what the passages say otherwise, else what they lack; None when there is neither."""
    otherwise = (
        Fault.where(_other_date(compared) or _other_unit(compared), Difference.OTHER_VALUE)
        or Fault.where(_denial(compared, thresholds), Difference.DENIED)
        or (_in_other_words(compared, thresholds) if compared.in_one_language else None)
    )
    if otherwise:
        return replace(otherwise, reason=_as_written(otherwise.reason, compared.claim))
    return Fault.where(_missing_figure(compared) or _missing_name(compared), Difference.MISSING)


def _as_written(reason: str, claim: str) -> str:
    """Returns a folded word as ``claim`` has it."""
    written = re.search(re.escape(reason), claim, re.IGNORECASE) if reason != DENIED else None
    return written.group() if written else reason


def _in_other_words(compared: Comparison, thresholds: AttributionThresholds) -> Fault | None:
    """Returns what only a sentence of the same language shows: words can be laid beside each other."""
    beside = _beside_another_noun(compared) or _of_something_else(compared)
    return (
        Fault.where(unsaid_answer(compared.claim, compared.whole), Difference.OTHER_VALUE)
        or Fault.where(_noun_for_unit(compared), Difference.OTHER_SUBJECT)
        or _replaced(compared, thresholds)
        or Fault.where(beside, Difference.OTHER_SUBJECT)
        or Fault.where(_turned_round(compared, thresholds), Difference.OPPOSITE)
        or Fault.where(_unknown_word(compared, thresholds), Difference.OTHER_VALUE)
    )


def _is_fact(figure: Figure) -> bool:
    return any(float(form) >= _LEAST_SPELT for form in figure.forms)


def _missing_figure(compared: Comparison) -> str | None:
    return next((each.written for each in compared.figures if not each.forms & compared.said), None)


def _missing_name(compared: Comparison) -> str | None:
    """Returns a name that stands nowhere; names that were transliterated cannot be compared."""
    if not compared.in_one_language and in_latin_script(compared.claim):
        return None
    vocabulary = fold(f"{compared.about} {compared.whole}")
    return next((name for name in names(compared.claim) if root(name) not in vocabulary), None)


def _other_date(compared: Comparison) -> str | None:
    """Returns a date of the claim, as it is written, where the passages have other dates only."""
    claim, held = normal_form(compared.claim), dates(normal_form(f"{compared.about} {compared.whole}"))
    said = {form for each in held for day in each.readings for form in day.forms}
    for each in dates(claim) if held else ():
        if not any(form in said for day in each.readings for form in day.forms):
            return claim[each.start : each.end]
    return None


def _other_unit(compared: Comparison) -> str | None:
    """Returns a figure with its unit where the passages give the same number in other units only."""
    held = [each for found in compared.figures_held for each in found]
    for figure in compared.figures:
        same = [each for each in held if figure.equals(each)]
        if figure.units and same and all(each.units and not each.units & figure.units for each in same):
            return figure.written
    return None


def _noun_for_unit(compared: Comparison) -> str | None:
    """Returns a figure with the word behind it, where the passages give a unit there and have no such word nearby."""
    text = normal_form(compared.claim)
    for figure in compared.figures:
        if figure.units or _is_year(figure):
            continue
        following = words(text[figure.end : figure.end + _BEHIND])
        noun = next((stem(word) for word in following if word not in stop_words()), None)
        own = [
            (source, each)
            for source, held in zip(compared.sources, compared.figures_held, strict=True)
            for each in held
            if figure.equals(each)
        ]
        only_units = bool(own) and all(each.units for _, each in own)
        if only_units and noun and not any(noun in source.stems for source, _ in own):
            return f"{figure.written} {noun}"
    return None


def _denial(compared: Comparison, thresholds: AttributionThresholds) -> str | None:
    """Returns ``DENIED`` where one of the two denies what the other says.

    A question does not: it may ask for what is not so. Nor is it known where one of the languages has no list of how
    it denies.
    """
    claim = compared.claim
    if compared.share < thresholds.near_copy or claim != stated(claim):
        return None
    ours, theirs = _CLAUSE.split(claim), _CLAUSE.split(compared.nearest.text)
    asked = stems(claim)
    near = " ".join(part for part in ours if _shares_half(stems(part), compared.nearest.stems))
    beside = " ".join(part for part in theirs if asked & stems(part))
    spoken, written = compared.languages
    sides = negated(near, spoken), negated(beside, written)
    return DENIED if None not in sides and sides[0] != sides[1] else None


def _shares_half(part: frozenset[str], held: frozenset[str]) -> bool:
    return 2 * len(part & held) >= len(part)


def _replaced(compared: Comparison, thresholds: AttributionThresholds) -> Fault | None:
    claim, source = in_digits(stated(compared.claim)), in_digits(compared.nearest.text)
    known = frozenset(fold(name) for name in names(f"{compared.whole} {compared.claim}"))
    return Fault.where(exchanged(claim, source), Difference.EXCHANGED) or replaced_fact(
        claim, source, least_alike=thresholds.copy, known_names=known
    )


def _beside_another_noun(compared: Comparison) -> str | None:
    """Returns a figure whose noun stands behind another figure of the passages, and nowhere near its own.

    "2.35 metres of fuel" of a ship that draws 2.35 metres and carries 800 litres of fuel.
    """
    text = normal_form(compared.claim)
    for figure in compared.figures:
        if _is_year(figure):
            continue
        nouns = _nouns_behind(text, figure, compared.figures)
        pairs = list(zip(compared.sources, compared.figures_held, strict=True))
        own = [source.stems for source, held in pairs if any(figure.equals(each) for each in held)]
        unsaid = nouns - frozenset().union(*own)
        if own and unsaid and any(_counts(source, held, unsaid, compared.figures) for source, held in pairs):
            return figure.written
    return None


def _of_something_else(compared: Comparison) -> str | None:
    """Returns a figure of whose clause only the words beside another figure of the same unit are found.

    "Children pay 12 euros" where adults pay 12 euros and children 7.
    """
    for part in clauses_with_figures(normal_form(compared.claim)):
        figure, said = part
        if not figure.units:
            continue
        for source in compared.sources:
            parts = clauses_with_figures(normal_form(source.text))
            own = [words for each, words in parts if each.equals(figure) and each.units & figure.units]
            others = [words for each, words in parts if not each.equals(figure) and each.units & figure.units]
            held = said & frozenset().union(*own) if own else frozenset()
            if own and any((said & words) > held for words in others):
                return figure.written
    return None


def clauses_with_figures(text: str) -> list[tuple[Figure, frozenset[str]]]:
    """Returns the clauses of a text in ``normal_form`` that hold one figure: it, and their stems but for its unit's."""
    found = []
    for part in coordinate_parts(text):
        held = [each for each in figures(part) if not _is_year(each)]
        if len(held) == 1:
            (figure,) = held
            beside = part[figure.end : figure.end + _BEHIND]
            unit = frozenset(word for word in stems(beside) if figures(f"1 {word}")[0].units)
            found.append((figure, stems(part) - unit - stems(figure.written)))
    return found


def _is_year(figure: Figure) -> bool:
    return not figure.units and any(
        form.isdigit() and _FIRST_YEAR <= int(form) <= _LAST_YEAR for form in figure.forms
    )


def _counts(source: Source, held: Sequence[Figure], nouns: frozenset[str], claimed: Sequence[Figure]) -> bool:
    """Returns whether a figure of a sentence that the claim does not name has one of ``nouns`` behind it."""
    if not nouns & source.stems:
        return False
    text = normal_form(source.text)
    return any(
        nouns & _nouns_behind(text, each, held)
        for each in held
        if not _is_year(each) and not any(each.equals(other) for other in claimed)
    )


def _nouns_behind(text: str, figure: Figure, others: Sequence[Figure]) -> frozenset[str]:
    """Returns the stems of the next words that say something, in the figure's clause and before the next figure."""
    end = min((each.start for each in others if each.start >= figure.end), default=len(text))
    behind = _CLAUSE.split(text[figure.end : end])[0]
    silent = stop_words()
    return frozenset([stem(word) for word in words(behind) if word not in silent][:_NOUNS])


def _turned_round(compared: Comparison, thresholds: AttributionThresholds) -> str | None:
    if compared.share < thresholds.near_copy:
        return None
    ours, theirs = words(stated(compared.claim)), words(compared.nearest.text)
    return turned_round(frozenset(ours), frozenset(theirs))


def stated(claim: str) -> str:
    """Returns ``claim`` without its questions, which say nothing; the whole of it where there is nothing else."""
    parts = [claim[start:end] for start, end in sentences(claim)]
    return " ".join(part for part in parts if not is_question(part)) or claim


def unsaid_answer(claim: str, passages: str) -> str | None:
    """Returns a word that no passage holds, of a short answer behind its question: "Who won? Newton".

    The words of the question, which agree, would outweigh those of the answer.
    """
    parts = [claim[start:end] for start, end in sentences(claim)]
    answers = [part for asked, part in pairwise(parts) if is_question(asked) and len(words(part)) <= SHORT]
    if not answers:
        return None
    held, said = stems(passages) | frozenset(words(passages)), numbers_said(passages)
    for word in words(" ".join(answers)):
        if word not in stop_words() and stem(word) not in held and not numbers_said(word) & said:
            return word
    return None


def _unknown_word(compared: Comparison, thresholds: AttributionThresholds) -> str | None:
    """Returns a word that replaces another in a sentence that is copied otherwise; None in scripts with capitals.

    There a name shows by its capital, and another word is more often a synonym.
    """
    claim = compared.claim
    if in_latin_script(claim) or compared.share < thresholds.copy:
        return None
    asked = stems(claim)
    if len(asked & compared.nearest.stems) < thresholds.copy * len(compared.nearest.stems):
        return None
    said = in_digits(stated(claim))
    lacking = stems(said) - stems(in_digits(compared.whole)) - compared.said
    held = frozenset(fold(compared.nearest.text)) | stop_words()
    return next(
        (word for word in words(said) if word in lacking and word.isalnum() and not frozenset(word) <= held),
        None,
    )
