"""Holds what the page asks to the limits of the API."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import ValidationError

from kb.text.query_syntax import require_question
from kb.types import Question
from kb.web.api.answer_schemas import AskIn
from kb.web.api.errors import invalid


def require_askable(question: Question) -> Question:
    """Returns ``question`` as it is, where the API would take it too: what the page sends can be anything.

    Raises:
        BadInput: a part of it is too long, or is no text.
    """
    require_question(question.text)
    conditions = asdict(question.filters)
    del conditions["within"]  # what a caller may see is no condition of theirs
    try:
        AskIn.model_validate(
            {
                "question": question.text,
                "collection": next(iter(question.collections), None),
                "model": question.model,
                "searched": question.searched or None,
                "filters": conditions,
            }
        )
    except ValidationError as error:
        found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise invalid(found) from error
    return question
