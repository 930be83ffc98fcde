"""What questions are narrowed to, as the page's script writes it: documents, folders, types, languages, tags and dates.

They are the filters that can be typed into a question, too; what is typed counts before them.
"""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError

from kb.errors import BadInput
from kb.types import Filters


class _Scope(BaseModel):
    model_config = ConfigDict(extra="ignore")

    documents: list[str] = []
    folders: list[str] = []
    types: list[str] = []
    languages: list[str] = []
    tags: list[str] = []
    since: str = ""
    until: str = ""
    """The last day that counts."""


def filters_of(written: str) -> Filters:
    """Returns the filters of a scope in JSON; none for an empty one. What is no date is left to be refused.

    Raises:
        BadInput: it is no scope.
    """
    if not written:
        return Filters()
    try:
        scope = _Scope.model_validate_json(written)
    except ValidationError as error:
        raise BadInput("What is searched could not be read; clear it and choose again.") from error
    return Filters(
        documents=tuple(scope.documents),
        folders=tuple(scope.folders),
        types=tuple(scope.types),
        languages=tuple(scope.languages),
        tags=tuple(scope.tags),
        since=scope.since or None,
        before=_day_after(scope.until) if scope.until else None,
    )


def _day_after(day: str) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return day
