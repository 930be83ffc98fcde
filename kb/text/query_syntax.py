"""Filters that are written into a question: ``type:pdf lang:zh tag:steel after:2025-01-01 in:"my papers"``.

They are read once, by the surface that a person typed them into.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date

from kb.errors import BadInput
from kb.text.tags import tag_form
from kb.types import Filters, Question

LONGEST_QUESTION = 20_000
"""Characters; longer ones are documents. A model embeds as much as it takes, the search for words takes all of it."""

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_CONDITION = re.compile(
    r"(?<!\S)(type|lang|tag|in|document|after|since|before)[:：](?:\"([^\"]*)\"|“([^”]*)”|(\S+))",
    re.IGNORECASE,
)
_FIELDS = {"type": "types", "lang": "languages", "tag": "tags", "in": "collections", "document": "documents"}
_DATES = {"after": "since", "since": "since", "before": "before"}
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


def parse_query(question: str) -> tuple[str, Filters]:
    """Returns ``question`` without its filters, and the filters; commas separate several values.

    Raises:
        BadInput: a date is none.
    """
    named: dict[str, tuple[str, ...]] = {}
    dates: dict[str, str] = {}
    for condition in _CONDITION.finditer(question):
        name = condition[1].lower()
        value = next(group for group in condition.groups()[1:] if group is not None)
        if name in _DATES:
            dates[_DATES[name]] = _day(value, condition.group())
            continue
        field = _FIELDS[name]
        several = [value] if condition[4] is None else value.split(",")
        added = tuple(_tidied(field, each) for each in several if each.strip())
        named[field] = (*named.get(field, ()), *added)
    if not named and not dates:
        return question, Filters()
    filters = Filters(
        collections=named.get("collections", ()),
        documents=named.get("documents", ()),
        types=named.get("types", ()),
        languages=named.get("languages", ()),
        tags=named.get("tags", ()),
        since=dates.get("since"),
        before=dates.get("before"),
    )
    return " ".join(_CONDITION.sub(" ", question).split()), filters


def merge_filters(left: Filters, right: Filters) -> Filters:
    """Returns the filters of both; where both name values of one kind, those of ``right`` count.

    Tags add up, since all of them have to be there.
    """
    chosen = {
        field.name: getattr(right, field.name) or getattr(left, field.name) for field in fields(Filters)
    }
    chosen["tags"] = tuple(dict.fromkeys((*left.tags, *right.tags)))
    return Filters(**chosen)


def _require_question(text: str) -> None:
    """Raises BadInput for what no question can be: nothing, too much, or what is no text."""
    if not text.strip():
        raise BadInput("There is no question. Write one.")
    if len(text) > LONGEST_QUESTION:
        raise BadInput(
            f"The question has {len(text):,} characters, and at most {LONGEST_QUESTION:,} are taken. Shorten it, or "
            "add the text as a document and ask about that."
        )
    if _NO_TEXT.search(text):
        raise BadInput("The question holds characters that are no text. Type it anew.")


def parse_question(question: Question) -> Question:
    """Returns ``question``, whose text is as a person typed it, with the filters in that text moved to its own.

    What was typed counts before filters that were chosen beside it.

    Raises:
        BadInput: a date is none, or the text cannot be a question.
    """
    _require_question(question.text)
    text, said = parse_query(question.text)
    filters = merge_filters(tidy_filters(question.filters), said)
    typed = question.text if text != question.text else ""
    return replace(question, text=text, filters=filters, typed=typed)


def search_instead(question: Question, typed: str) -> Question:
    """Returns ``question`` with what a person typed to be searched in its place; filters there count before its own.

    Raises:
        BadInput: a date is none, or ``typed`` cannot be a question.
    """
    _require_question(typed)
    searched, said = parse_query(typed)
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
        raise BadInput(f"{condition} names no date. Write it as in after:2025-01-31.") from None
