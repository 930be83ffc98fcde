"""The lifecycle of an index in memory: it is not stored, so every start builds it from SQLite."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Generic, TypeVar

from kb.types import StoredIndex

T = TypeVar("T")


class UnkeptIndex(Generic[T]):
    """``kb.ports.IndexLifecycle`` that never finds an index again."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make

    def find(self) -> StoredIndex | None:
        """Returns None: there is never an index of before."""
        return None

    def begin(self) -> str:
        """Returns a name that no other index has."""
        return f"memory-{secrets.token_hex(4)}"

    def open(self, place: str) -> T:  # noqa: ARG002 - each is a new one
        """Returns an empty index."""
        return self._make()

    def is_there(self, place: str) -> bool:  # noqa: ARG002 - memory does not go away
        """True."""
        return True

    def before_write(self, place: str) -> None:
        """Does nothing: there is no note."""

    def at_rest(self, place: str, *, deleted: int) -> None:
        """Does nothing: it is not found again."""

    def give_up(self, place: str) -> None:
        """Does nothing: it is not found again."""

    def keep_only(self, place: str) -> bool:  # noqa: ARG002 - as above
        """True: closing an index frees its memory."""
        return True

    def remove(self, place: str) -> bool:  # noqa: ARG002 - as above
        """True: closing an index frees its memory."""
        return True
