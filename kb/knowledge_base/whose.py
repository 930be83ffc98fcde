"""Which documents a caller sees, as the repositories take it."""

from __future__ import annotations

from typing import TypedDict

from kb.types import Caller


class Whose(TypedDict):
    """Arguments of a repository."""

    owner: str
    collections: frozenset[str] | None


def whose(caller: Caller) -> Whose:
    """Returns those that ``caller`` owns, in the collections that may be seen."""
    return {"owner": caller.id, "collections": caller.collections}
