"""What of a claim its passages say otherwise, or not at all: a figure, a name, a comparison, a negation."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from kb.answer.verify.alignment import (
    KnownNames,
    exchanged,
    is_converse,
    replaced_fact,
    says_nothing_new,
    turned_round,
)
from kb.answer.verify.comparison import Comparison
from kb.answer.verify.counted import beside_another_noun, noun_for_unit, of_something_else
from kb.answer.verify.fault import Fault
from kb.answer.verify.features import CLAUSE, root
from kb.answer.verify.same_value import other_clock_time, periods
from kb.answer.verify.subjects import deed_of_another, exchanged_roles, turned_score
from kb.text.content_words import stem, stems, stop_words
from kb.text.dates import dates
from kb.text.figures import Figure, in_digits, normal_form
from kb.text.language import in_latin_script
from kb.text.mentions import exceptions, names, negated, numbers_said
from kb.text.sentences import is_question, sentences
from kb.text.weekdays import weekdays, weekdays_covered
from kb.text.words import fold, words
from kb.types import DENIED, AttributionThresholds, Difference

_WORD = re.compile(r"[^\W\d_]+")
SHORT = 12
"""Words of an answer that its question may outweigh."""


def fault_of(compared: Comparison, thresholds: AttributionThresholds) -> Fault | None:
    """Returns what the passages say otherwise, else what they lack; None when there is neither."""
    denied, turned = _denial(compared, thresholds), _turned_round(compared, thresholds)
    # "not impossible" is possible, and A is longer than B where B is shorter than A
    is_the_same = (
        bool(denied and turned)
        or is_converse(compared.claim, compared.nearest.text)
        or (turned is not None and _denies_twice(compared))
    )
    otherwise = (
        Fault.where(other_clock_time(compared.claim, compared.whole), Difference.OTHER_VALUE)
        or Fault.where(_other_date(compared) or _other_unit(compared), Difference.OTHER_VALUE)
        or Fault.where(_other_weekday(compared), Difference.OTHER_VALUE)
        or Fault.where(_other_period(compared, thresholds), Difference.OTHER_VALUE)
        or Fault.where(None if is_the_same else denied, Difference.DENIED)
    )
    if not otherwise and compared.in_one_language:
        otherwise = _in_other_words(compared, None if is_the_same else turned)
        if not otherwise and not is_the_same:
            otherwise = _replaced(compared, thresholds)
        otherwise = otherwise or Fault.where(_unknown_word(compared, thresholds), Difference.OTHER_VALUE)
    if otherwise:
        return replace(otherwise, reason=_as_written(otherwise.reason, compared.claim))
    return Fault.where(_missing_figure(compared) or _missing_name(compared), Difference.MISSING)


def _as_written(reason: str, claim: str) -> str:
    """Returns a folded word as ``claim`` has it."""
    written = re.search(re.escape(reason), claim, re.IGNORECASE) if reason != DENIED else None
    return written.group() if written else reason


def _in_other_words(compared: Comparison, turned: str | None) -> Fault | None:
    """Returns what only a sentence of the same language shows: words can be laid beside each other."""
    always = _always_capital(compared.whole)
    known = always | {fold(name) for name in names(compared.whole)}
    beside = beside_another_noun(compared) or of_something_else(compared) or deed_of_another(compared, always)
    swapped = (exchanged_roles(compared, known) or turned_score(compared)) if turned is None else None
    return (
        Fault.where(unsaid_answer(compared.claim, compared.whole), Difference.OTHER_VALUE)
        or Fault.where(_denied_word(compared), Difference.DENIED)
        or Fault.where(noun_for_unit(compared) or beside, Difference.OTHER_SUBJECT)
        or Fault.where(turned, Difference.OPPOSITE)
        or Fault.where(swapped, Difference.EXCHANGED)
    )


def _missing_figure(compared: Comparison) -> str | None:
    """Returns a figure that stands nowhere; what a question names is asked, not said."""
    asserted = stated(compared.claim)
    found = (each.written for each in compared.figures if not each.forms & compared.said)
    return next((written for written in found if written in asserted), None)


def _missing_name(compared: Comparison) -> str | None:
    """Returns a name that stands nowhere; names that were transliterated cannot be compared."""
    if not compared.in_one_language and in_latin_script(compared.claim):
        return None
    vocabulary = fold(f"{compared.about} {compared.whole}")
    return next((name for name in names(stated(compared.claim)) if root(name) not in vocabulary), None)


def _other_date(compared: Comparison) -> str | None:
    """Returns a date of the claim, as it is written, where the passages have other dates only."""
    claim, held = compared.claim, dates(normal_form(f"{compared.about} {compared.whole}"))
    said = {form for each in held for day in each.readings for form in day.forms}
    for each in dates(claim) if held else ():
        if not any(form in said for day in each.readings for form in day.forms):
            return claim[each.start : each.end]
    return None


def _other_weekday(compared: Comparison) -> str | None:
    """Returns a day of the week, as the claim writes it, where the passages have other days only."""
    covered = weekdays_covered(f"{compared.about} {compared.whole}")
    claim = compared.claim
    return next(
        (claim[start:end] for start, end, day in weekdays(claim) if covered and day not in covered), None
    )


def _other_period(compared: Comparison, thresholds: AttributionThresholds) -> str | None:
    """Returns how a claim says how often, where the nearest sentence says another: "per year" of a monthly rent."""
    if compared.share < thresholds.near_copy or not compared.figures:
        return None
    ours, theirs = periods(compared.claim), periods(compared.nearest.text)
    return next(iter(ours.values())) if ours and theirs and not ours.keys() & theirs.keys() else None


def _other_unit(compared: Comparison) -> str | None:
    """Returns a figure with its unit where the passages give the same number in other units only."""
    held = [each for found in compared.figures_held for each in found]
    for figure in compared.figures:
        same = [each for each in held if figure.equals(each)]
        if figure.units and same and all(each.units and not each.units & figure.units for each in same):
            return figure.written
        measured = any(each.units & figure.units for each in held)
        if (
            measured
            and same
            and all(not each.units & figure.units for each in same)
            and _all_count(compared, figure)
        ):
            return figure.written
    return None


def _all_count(compared: Comparison, figure: Figure) -> bool:
    """Returns whether each figure of the passages that equals ``figure`` counts something: four *tablets*."""
    behind = (
        source.text[each.end : each.end + 2 * SHORT]
        for source, found in zip(compared.sources, compared.figures_held, strict=True)
        for each in found
        if figure.equals(each) and not each.units
    )
    return all(re.match(r" [^\W\d_]", text) and words(text)[0] not in stop_words() for text in behind)


def _denied_word(compared: Comparison) -> str | None:
    """Returns a word of a claim that its passages have in clauses only that deny it: "add no vinegar".

    A claim that says anything else may deny it in words of its own.
    """
    spoken, written = compared.languages
    everything = frozenset[str]().union(*(source.stems for source in compared.sources))
    if not stems(compared.claim) <= everything:
        return None
    parts = [part for source in compared.sources for part in CLAUSE.split(source.text)]
    plainly = frozenset[str]().union(*(stems(part) for part in parts if not negated(part, written)))
    for part in CLAUSE.split(stated(compared.claim)):
        if negated(part, spoken) is False:
            found = next((word for word in words(part) if stem(word) in everything - plainly), None)
            if found:
                return found
    return None


def _denial(compared: Comparison, thresholds: AttributionThresholds) -> str | None:
    """Returns ``DENIED`` where one of the two denies what the other says.

    A question does not: it may ask for what is not so. Nor is it known where one of the languages has no list of how
    it denies.
    """
    claim = compared.claim
    if compared.share < thresholds.near_copy or claim != stated(claim):
        return None
    ours, theirs = CLAUSE.split(claim), CLAUSE.split(compared.nearest.text)
    asked = stems(claim)
    near = " ".join(part for part in ours if _is_of_nearest(stems(part), compared))
    beside = " ".join(part for part in theirs if asked & stems(part))
    spoken, written = compared.languages
    # "requires consent" is "not without consent", and "is done without consent" is not
    unless = bool(exceptions(near, spoken)) != bool(exceptions(beside, written))
    sides = negated(near, spoken, unless=unless), negated(beside, written, unless=unless)
    return DENIED if None not in sides and sides[0] != sides[1] else None


def _denies_twice(compared: Comparison) -> bool:
    """Returns whether one of the two says "not without", and the other neither."""
    spoken, written = compared.languages
    sides = ((compared.claim, spoken), (compared.nearest.text, written))
    return sum(bool(exceptions(text, code) and negated(text, code)) for text, code in sides) == 1


def _is_of_nearest(part: frozenset[str], compared: Comparison) -> bool:
    """Returns whether half of a part's words are in the nearest sentence, and no more of them in another."""
    held = len(part & compared.nearest.stems)
    return 2 * held >= len(part) and not any(len(part & source.stems) > held for source in compared.sources)


def _replaced(compared: Comparison, thresholds: AttributionThresholds) -> Fault | None:
    claim, source = in_digits(stated(compared.claim)), in_digits(compared.nearest.text)
    texts = f"{compared.whole} {compared.claim}"
    known = KnownNames(frozenset(fold(name) for name in names(texts)), _always_capital(texts))
    return Fault.where(
        exchanged(claim, source, compared.languages[0]), Difference.EXCHANGED
    ) or replaced_fact(claim, source, least_alike=thresholds.copy, known=known)


def _always_capital(text: str) -> frozenset[str]:
    """Returns the folded words that only occur with a capital."""
    found = _WORD.findall(text)
    small = {word for word in found if word[0].islower()}
    return frozenset(fold(word) for word in found if word[0].isupper() and word.lower() not in small)


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
    theirs = frozenset(words(compared.nearest.text))
    return next(
        (
            word
            for word in words(said)
            if word in lacking
            and word.isalnum()
            and not frozenset(word) <= held
            and not says_nothing_new(word, theirs)
        ),
        None,
    )
