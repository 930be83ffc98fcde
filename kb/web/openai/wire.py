"""What the bodies of OpenAI's protocol have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from kb.errors import NotFound
from kb.types import Caller

ALL = "footnote"
"""The model that answers from all collections; that of one is ``footnote/COLLECTION``."""


class Lenient(BaseModel):
    """A body whose unknown fields are passed over: clients send whatever any server of this protocol takes.

    A field that is null is as one that is left out.
    """

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


def as_list(found: list[dict[str, Any]], *, has_more: bool = False) -> dict[str, Any]:
    return {
        "object": "list",
        "data": found,
        "first_id": found[0]["id"] if found else None,
        "last_id": found[-1]["id"] if found else None,
        "has_more": has_more,
    }


def seconds(moment: str) -> int:
    """Returns an ISO 8601 moment as the protocol writes it: seconds since 1970."""
    return int(datetime.fromisoformat(moment).timestamp())


def collection_of(model: str, known: list[str], caller: Caller) -> str | None:
    """Returns the collection that a model's name stands for; None for all that ``caller`` sees.

    Raises:
        NotFound: there is no such model, or the caller does not see its collection.
    """
    if model == ALL:
        return None
    prefix, _, collection = model.partition("/")
    if prefix == ALL and collection in caller.within(known):
        return collection
    raise NotFound(f"There is no model {model!r}. GET /v1/models lists them.")
