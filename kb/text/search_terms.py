"""The terms of the word index: what it holds of a text, and what is looked up for a question.

Beside the words as they are written stand what they may be written as elsewhere: numbers as values, dates as days,
identifiers without their signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from kb.text.dates import dates
from kb.text.derived_figures import statement_lines
from kb.text.figures import Figure, figures, normal_form
from kb.text.identifiers import exact_terms, likely_terms
from kb.text.language import language
from kb.text.word_lists import word_lists
from kb.text.words import RUN, fold, han_words, has_digit, pairs, simplified, syllable_pairs, written

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where the words of a ``camelCaseName`` meet."""
_BEGINNING = 5
"""Letters of a word's beginning; docs/quality.md has the table for others."""
_IDENTIFIER_WEIGHT = 2.0
"""Of an identifier, against 1 for a word; docs/quality.md, "Names decide"."""

_LINE_WEIGHT = 0.5
"""Of a word of a statement's line that a figure is worked out from."""


def index_terms(text: str, *, day_first: bool | None = None) -> list[str]:
    """Returns the terms that the lexical index holds of ``text``: its words in all their forms, pairs of Han
    characters, parts of camelCaseNames, values, days and identifiers.

    ``day_first`` as ``kb.text.dates`` takes it. jieba cuts the same characters differently in different company,
    pairs never do: with both, hit@1 of BM25 alone rises from .965 to .981 on CMRC 2018.
    """
    terms = [form for forms in _words(text) for form in forms]
    held = set(terms)
    normal = normal_form(text)
    numbers = figures(normal)
    values = [form for forms in _values(normal, numbers, day_first) for form in forms]
    more = dict.fromkeys((*exact_terms(normal, numbers), *values))
    return terms + [term for term in more if term not in held]


@lru_cache(maxsize=32)
def question_terms(question: str) -> Mapping[str, float]:
    """Returns term -> weight, to be looked up for ``question``: its index terms, the forms of a word together 1.

    Words that every question in its language shares are left out, unless there are no others.
    """
    shared = _shared_words(language(question))
    words = list(_words(question))
    terms = {form: 1 / len(forms) for forms in words for form in forms}
    telling = {form: 1 / len(forms) for forms in words if forms[0] not in shared for form in forms}
    found = telling or terms
    normal = normal_form(question)
    numbers = figures(normal)
    for forms in _values(normal, numbers, None):
        found |= {form: 1 / len(forms) for form in forms if form not in found}
    for forms in _words(" ".join(statement_lines(question))):
        found |= {
            form: _LINE_WEIGHT / len(forms) for form in forms if form not in found and forms[0] not in shared
        }
    found |= {term: 1.0 for term in likely_terms(question) if term not in found}
    return found | dict.fromkeys(exact_terms(normal, numbers), _IDENTIFIER_WEIGHT)


def _words(text: str) -> Iterator[tuple[str, ...]]:
    """Yields each word of ``text`` with all its forms."""
    for run in RUN.finditer(simplified(written(text))):
        if run.lastgroup == "han":
            yield from ((word,) for word in han_words(run.group()))
            if len(run.group()) > 1:
                yield from ((pair,) for pair in pairs(run.group()))
        elif run.lastgroup == "bigrams":
            yield from ((pair,) for pair in syllable_pairs(run.group()))
        else:
            yield _forms(run.group())
    for word in RUN.finditer(text):
        parts = _HUMP.split(word.group()) if word.lastgroup == "word" else []
        if len(parts) > 1:
            yield from (_forms(part.casefold()) for part in parts)


def _values(normal: str, numbers: Sequence[Figure], day_first: bool | None) -> Iterator[tuple[str, ...]]:
    """Yields the forms of each number of a text (1200 for 1.2k, 12% for twelve per cent) and of each date."""
    for figure in numbers:
        yield tuple(sorted(figure.forms))
        if figure.units:
            yield tuple(
                f"{form}{fold(unit)}" for form in sorted(figure.forms) for unit in sorted(figure.units)
            )
    for date in dates(normal, day_first=day_first):
        yield tuple(dict.fromkeys(form for day in date.readings for form in day.forms))


def _forms(word: str) -> tuple[str, ...]:
    """Returns ``word`` as it is written, and its beginning without accents where that is not the same.

    The beginning is found in other endings and compounds, whatever the language; the whole word, in its own
    accents, weighs more than a word that only begins alike.
    """
    if has_digit(word):
        return (word,)
    plain = word if word.isascii() else fold(word)
    loose = f"{plain[:_BEGINNING]}*" if len(plain) >= _BEGINNING else plain
    return (word,) if loose == word else (word, loose)


@cache
def _shared_words(code: str) -> frozenset[str]:
    """Returns the words of questions about nothing in the language ``code``, and in all languages those of English.

    They tell questions apart from other sentences and not from each other. Among passages in another language
    they are rare, and would count for more than anything else.
    """
    questions = " ".join(word_lists(code).generic_questions)
    return frozenset(word_lists("en").stop_words) | {
        run.group() for run in RUN.finditer(written(questions)) if run.lastgroup == "word"
    }
