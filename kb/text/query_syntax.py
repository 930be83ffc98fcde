"""Filters that are written into a question: ``type:pdf lang:zh tag:steel after:2025-01-01 in:"my papers"``.

They are read once, by the surface that a person typed them into. What only looks like one (``type:bug``,
``before:noon``) are words of the question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import TypeAlias

from kb.errors import BadInput
from kb.text.language import LANGUAGE_NAMES
from kb.text.tags import tag_form
from kb.types import Filters, Question

LONGEST_QUESTION = 20_000
"""Characters; longer ones are documents. A model embeds as much as it takes, the search for words takes all of it."""

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_CONDITION = re.compile(
    r"(?<!\S)(type|lang|tag|in|folder|document|after|since|before)[:：](?:\"([^\"]*)\"|“([^”]*)”|(\S+))",
    re.IGNORECASE,
)
_FIELDS = {
    "type": "types",
    "lang": "languages",
    "tag": "tags",
    "in": "collections",
    "folder": "folders",
    "document": "documents",
}
_DATES = {"after": "since", "since": "since", "before": "before"}
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_ENDS_SENTENCE = "?!.,;:)？！。，；：）"
"""What may follow a condition without belonging to it: "What is in:papers?"."""

KnownValue: TypeAlias = Callable[[str, str], str | None]
"""A field of ``Filters`` and a value -> the value as the library has it; None where nothing has it."""


def any_value(field: str, value: str) -> str | None:  # noqa: ARG001 - whatever the field
    """Returns ``value``: the ``KnownValue`` for where no library can be asked."""
    return value


def parse_query(question: str, known: KnownValue = any_value) -> tuple[str, Filters]:
    """Returns ``question`` without its filters, and the filters; commas separate several values.

    A condition whose values are not all ``known`` is none: it stays in the question, as words.

    Raises:
        BadInput: what is written as a date is no day.
    """
    named: dict[str, tuple[str, ...]] = {}
    dates: dict[str, str] = {}
    words, end = "", 0
    for condition in _CONDITION.finditer(question):
        name = condition[1].lower()
        said, left = _said(name, condition, known)
        if not said:
            continue
        words += question[end : condition.start()] + " " + left
        end = condition.end()
        if name in _DATES:
            dates[_DATES[name]] = said[0]
        else:
            named[_FIELDS[name]] = (*named.get(_FIELDS[name], ()), *said)
    if not named and not dates:
        return question, Filters()
    filters = Filters(
        collections=named.get("collections", ()),
        documents=named.get("documents", ()),
        folders=named.get("folders", ()),
        types=named.get("types", ()),
        languages=named.get("languages", ()),
        tags=named.get("tags", ()),
        since=dates.get("since"),
        before=dates.get("before"),
    )
    return " ".join((words + question[end:]).split()), filters


def _said(name: str, condition: re.Match[str], known: KnownValue) -> tuple[tuple[str, ...], str]:
    """Returns the values of a condition, none where it is words, and what follows them that belongs to the sentence."""
    quoted = next((group for group in condition.groups()[1:3] if group is not None), None)
    if quoted is not None:
        return _values(name, [quoted], condition.group(), known), ""
    bare = condition[4].rstrip(_ENDS_SENTENCE)
    for value, left in ((condition[4], ""), (bare, condition[4][len(bare) :])):
        if said := _values(name, value.split(","), f"{condition[1]}:{value}", known):
            return said, left
    return (), ""


def _values(name: str, written: list[str], condition: str, known: KnownValue) -> tuple[str, ...]:
    if name in _DATES:
        return (_day(written[0], condition),) if len(written) == 1 and _DATE.fullmatch(written[0]) else ()
    field = _FIELDS[name]
    found = [_known(field, _tidied(field, value), known) for value in written if value.strip()]
    return tuple(value for value in found if value is not None) if all(found) else ()


def _known(field: str, value: str, known: KnownValue) -> str | None:
    if field == "languages" and value not in LANGUAGE_NAMES:
        return None
    return known(field, value)


def merge_filters(left: Filters, right: Filters) -> Filters:
    """Returns the filters of both; where both name values of one kind, those of ``right`` count.

    Tags add up, since all of them have to be there.
    """
    chosen = {
        field.name: getattr(right, field.name) or getattr(left, field.name) for field in fields(Filters)
    }
    chosen["tags"] = tuple(dict.fromkeys((*left.tags, *right.tags)))
    return Filters(**chosen)


def require_question(text: str) -> None:
    """Raises BadInput for what no question can be: nothing, too much, or what is no text."""
    if not text.strip():
        raise BadInput("There is no question. Write one.", key="question_empty")
    if len(text) > LONGEST_QUESTION:
        raise BadInput(
            f"The question has {len(text):,} characters, and at most {LONGEST_QUESTION:,} are taken. Shorten it, or "
            "add the text as a document and ask about that.",
            key="question_too_long",
            length=f"{len(text):,}",
            most=f"{LONGEST_QUESTION:,}",
        )
    if _NO_TEXT.search(text):
        raise BadInput(
            "The question holds characters that are no text. Type it anew.", key="question_no_text"
        )


def parse_question(question: Question, known: KnownValue = any_value) -> Question:
    """Returns ``question``, whose text is as a person typed it, with the filters in that text moved to its own.

    What was typed counts before filters that were chosen beside it.

    Raises:
        BadInput: a date is none, or the text cannot be a question.
    """
    require_question(question.text)
    text, said = parse_query(question.text, known)
    filters = merge_filters(tidy_filters(question.filters), said)
    typed = question.text if text != question.text else ""
    return replace(question, text=text, filters=filters, typed=typed)


def as_words(question: Question) -> Question:
    """Returns ``question``, whose text is as a person typed it and all of it words.

    Raises:
        BadInput: a date of its filters is none, or the text cannot be a question.
    """
    require_question(question.text)
    return replace(question, filters=tidy_filters(question.filters))


def search_instead(question: Question, typed: str, known: KnownValue = any_value) -> Question:
    """Returns ``question`` with what a person typed to be searched in its place; filters there count before its own.

    Raises:
        BadInput: a date is none, or ``typed`` cannot be a question.
    """
    require_question(typed)
    searched, said = parse_query(typed, known)
    return replace(question, searched=searched, filters=merge_filters(question.filters, said))


def tidy_filters(filters: Filters) -> Filters:
    """Returns ``filters`` as the same values would be read from a question.

    Raises:
        BadInput: a date is none.
    """
    named = {
        field: tuple(_tidied(field, value) for value in getattr(filters, field) if value.strip())
        for field in _FIELDS.values()
    }
    return Filters(
        **named,
        since=_day(filters.since, f"after:{filters.since}") if filters.since else None,
        before=_day(filters.before, f"before:{filters.before}") if filters.before else None,
    )


def _tidied(field: str, value: str) -> str:
    value = value.strip()
    if field == "types":
        return value.lower().lstrip(".")
    if field == "folders":
        return value.rstrip("/")
    if field == "tags":
        return tag_form(value)
    return value.lower() if field == "languages" else value


def _day(value: str, condition: str) -> str:
    match = _DATE.fullmatch(value)
    try:
        if match is None:
            raise ValueError
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1)).isoformat()
    except ValueError:
        raise BadInput(
            f"{condition} names no date. Write it as in after:2025-01-31.", key="no_date", condition=condition
        ) from None
