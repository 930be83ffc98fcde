"""The words of each language that rules go by: one file a language in ``data``, read here and nowhere else.

What a language has no list of is empty or None, and a rule abstains there. Two kinds of rule use them: one that only
recognises something (a summary is wanted, a word means a million) looks in the lists of all languages, since what a
language lacks is never found; one that concludes from what is missing (nothing is denied here) needs the list of the
text's own language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_FOLDER = Path(__file__).parent / "data"
_PATTERNS = frozenset(
    {
        "decade",
        "negation",
        "exceptive",
        "question_word",
        "request",
        "next_question",
        "points_back",
        "reports",
        "pronoun",
        "opening_pronoun",
    }
)
_PATTERN_TABLES = frozenset({"answer_types", "answer_forms", "measures"})
_SETS = frozenset(
    {
        "stop_words",
        "stop_words_of_statements",
        "abbreviations",
        "abbreviations_before_numbers",
        "months",
        "between_date_parts",
        "conjunctions",
        "coordinators",
        "negative_prefixes",
        "orderless",
        "auxiliaries",
        "turning",
    }
)


@dataclass(frozen=True, slots=True)
class WordLists:
    """The word lists of one language. Patterns ignore case, except ``opening_pronoun``."""

    language: str
    """Its ISO 639-1 code."""
    decimal_comma: bool = False
    """Whether it writes 1.234,5 or 1 234,5."""
    ordinals_with_stop: bool = False
    """Whether a small number with a full stop is an ordinal: "am 3. Oktober"."""
    capitalises_nouns: bool = False
    """Whether a capital within a sentence says nothing about names."""
    stop_words: tuple[str, ...] = ()
    """Words that say nothing by themselves, in questions and in statements."""
    stop_words_of_statements: tuple[str, ...] = ()
    """Those that say something in a question, and nothing in a statement."""
    abbreviations: tuple[str, ...] = ()
    """Words that are written short with a full stop; not those that mostly end their sentence (usw., osv., ecc.)."""
    abbreviations_before_numbers: tuple[str, ...] = ()
    """Those that are short only before a number: "S. 12"."""
    numbers: tuple[str, ...] = ()
    """The words for 0, 1, 2 and so on, several for one number with spaces between them."""
    tens: tuple[str, ...] = ()
    """The words for 30, 40 and so on to 90, where a number joins them to those of the ones: forty-five."""
    months: tuple[str, ...] = ()
    """The twelve months in order."""
    conjunctions: tuple[str, ...] = ()
    """Words that begin a clause or a part of a sentence with a statement of its own."""
    coordinators: tuple[str, ...] = ()
    """Those that join parts of one rank."""
    opposites: tuple[str, ...] = ()
    """Words that turn a comparison round, the two sides of a pair with `` / `` between them."""
    places: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Kind of a numbered place (``article``), the same in all languages -> what it is called; ``…`` is where its number
    stands, if not behind."""
    units: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Symbol of a unit, the same in all languages -> how it is written beside its number."""
    forms_of_one_word: tuple[str, ...] = ()
    """The forms of a word that no ending makes, its first one first: "make made"."""
    weekdays: tuple[str, ...] = ()
    """How each of the seven days from Monday on is written, with spaces between the forms."""
    short_weekdays: tuple[str, ...] = ()
    """How it is shortened, as it is written, if nothing else is written so before a colon, a dash or a number."""
    month_forms: tuple[str, ...] = ()
    """How each of the twelve months is written, whole, declined or short, with spaces between; from CLDR."""
    between_date_parts: tuple[str, ...] = ()
    """What stands between day, month and year, or behind the day: "2nd of April"."""
    month_may_be_first: bool = False
    """Whether 4/2/2023 may be the second of April."""
    multipliers: Mapping[float, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """What the word behind a number multiplies it by; ``*`` stands for any ending."""
    clock_times: tuple[str, ...] = ()
    """Patterns with the groups ``hour`` and, where there are any, ``minute``, ``half``, ``am`` and ``pm``."""
    bounds: tuple[str, ...] = ()
    """How a bound before a number is said, then, behind `` = ``, other ways of saying the same."""
    amounts: tuple[str, ...] = ()
    """Likewise, an amount in figures and how it is said without one: half an hour."""
    periods: tuple[str, ...] = ()
    """Likewise, the unit of time that something comes back in and how that is said."""
    auxiliaries: tuple[str, ...] = ()
    """Words that stand between what does something and its verb: "shall pay"."""
    turning: tuple[str, ...] = ()
    """Words that let two things change places in what is said of them: A beat B, B was beaten *by* A."""
    replaced_opposites: tuple[str, ...] = ()
    """Like ``opposites``, of words that turn a sentence round only where one stands in the place of the other."""
    orderless: tuple[str, ...] = ()
    """Words between two things whose order says nothing: A and B, A is B."""
    negative_prefixes: tuple[str, ...] = ()
    """Beginnings that turn a word round: impossible, ineffective."""
    decade: re.Pattern[str] | None = None
    """A decade of a numbered century: century and decade are its two groups."""
    negation: re.Pattern[str] | None = None
    """Words that turn a sentence round; not those that only begin with such a syllable (不同, 未来, 无线)."""
    exceptive: re.Pattern[str] | None = None
    """Words that undo a negation before them: not without."""
    refusal: tuple[str, ...] = ()
    """How an answer says that there is none; patterns, as are the three below."""
    addresses_reader: tuple[str, ...] = ()
    """How a model speaks of itself or to its reader; patterns, too."""
    summary: tuple[str, ...] = ()
    comparison: tuple[str, ...] = ()
    this_document: tuple[str, ...] = ()
    """How a question points at a document without naming it."""
    compared: tuple[str, ...] = ()
    """How a question sets two things side by side, which are its first groups; ``topic`` is what it asks of both."""
    reports: re.Pattern[str] | None = None
    """How a question asks what somebody says of something; the group is the word that only does that."""
    greeting: tuple[str, ...] = ()
    """All of what somebody says who asks nothing of the documents; patterns, as are the four below."""
    thanks: tuple[str, ...] = ()
    abilities: tuple[str, ...] = ()
    document_list: tuple[str, ...] = ()
    document_count: tuple[str, ...] = ()
    says: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the app says by itself, with ``{}`` where its values go."""
    question_word: re.Pattern[str] | None = None
    request: re.Pattern[str] | None = None
    """How a sentence asks for something without a question mark."""
    answer_types: Mapping[str, re.Pattern[str]] = field(default_factory=lambda: MappingProxyType({}))
    """How a question asks for each type of answer; the first that fits decides."""
    answer_forms: Mapping[str, re.Pattern[str]] = field(default_factory=lambda: MappingProxyType({}))
    """What an answer of a type looks like; a type without a pattern is a name."""
    measures: Mapping[str, re.Pattern[str]] = field(default_factory=lambda: MappingProxyType({}))
    """Symbols of units, with spaces between -> how a question asks for what is measured in them."""
    next_question: re.Pattern[str] | None = None
    """Where a question goes on to ask something else, besides at a question mark."""
    points_back: re.Pattern[str] | None = None
    """How a question points at something said before."""
    pronoun: re.Pattern[str] | None = None
    opening_pronoun: re.Pattern[str] | None = None
    """How a sentence begins that does not say what it is about."""
    nothing_found: tuple[str, ...] = ()
    """The sentence that the documents do not answer a question, in each script that the language is written in."""
    other_articles: tuple[str, ...] = ()
    """What a web page writes over links to other articles and over what its readers wrote."""
    derived_figures: tuple[str, ...] = ()
    """Figures that are worked out from lines of financial statements: names = lines, with commas between."""
    generic_questions: tuple[str, ...] = ()
    background_sentences: tuple[str, ...] = ()


@cache
def word_lists(language: str) -> WordLists:
    """Returns the lists of ``language``, an ISO 639-1 code; all of them empty where it has no file."""
    return next((each for each in all_word_lists() if each.language == language), WordLists(language))


@cache
def all_word_lists() -> tuple[WordLists, ...]:
    """Returns the lists of every language that has a file, by its code."""
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.toml")))


@cache
def recogniser(kind: str) -> re.Pattern[str]:
    """Returns the pattern of a list of patterns (``refusal``, ``summary`` and their like) in any language."""
    patterns = [pattern for each in all_word_lists() for pattern in getattr(each, kind)]
    return re.compile("|".join(patterns), re.IGNORECASE)


@cache
def languages_with(kind: str) -> frozenset[str]:
    """Returns the codes of the languages that have a list of this kind, a field of ``WordLists``."""
    return frozenset(each.language for each in all_word_lists() if getattr(each, kind))


def _read(path: Path) -> WordLists:
    with path.open("rb") as file:
        held = tomllib.load(file)
    question_word = held.get("question_word", "")
    return WordLists(path.stem, **{kind: _value(kind, value, question_word) for kind, value in held.items()})


def _value(kind: str, value: Any, question_word: str) -> Any:
    if kind in _PATTERNS:
        flags = re.NOFLAG if kind == "opening_pronoun" else re.IGNORECASE
        return re.compile(value.replace("{question_word}", question_word), flags)
    if kind in _PATTERN_TABLES:
        return MappingProxyType({name: re.compile(pattern, re.IGNORECASE) for name, pattern in value.items()})
    if kind in _SETS:
        return tuple(value.split())
    if kind == "multipliers":
        return MappingProxyType({float(times): tuple(words.split()) for times, words in value.items()})
    if kind in ("units", "places"):
        return MappingProxyType({symbol: tuple(words) for symbol, words in value.items()})
    if kind == "says":
        return MappingProxyType(value)
    return tuple(value) if isinstance(value, list) else value
