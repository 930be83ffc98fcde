"""Who asks for something, and how far that reaches: what every service is told with a call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kb.errors import Denied


class AccessScope(StrEnum):
    """How far a key reaches; each reaches as far as those before it, and further."""

    READ = "read"
    """Searching, asking, reading."""
    WRITE = "write"
    """Adding, labelling and removing documents; deleting conversations."""
    ADMIN = "admin"
    """Everything that its owner can do: settings of the machine, backups, the log, keys."""

    def includes(self, other: AccessScope) -> bool:
        order = list(AccessScope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a call is made for. Documents that a caller adds are stored, and read back, under ``id``."""

    id: str
    scope: AccessScope = AccessScope.ADMIN
    collections: frozenset[str] | None = None
    """Those that the call may see: all others are not there. None sees all."""
    key: str = ""
    """The name of the key that the call came with; empty without one."""
    key_id: int = 0
    origin: str = field(default="page", compare=False)
    """Through which door the call came, for the log of requests, as in ``LoggedRequest.origin``."""

    @property
    def conversations_id(self) -> str:
        """Under what conversations are stored: who sees some collections must not read what all answered."""
        return self.id if self.collections is None else f"{self.id}/key/{self.key_id}"

    def may_see(self, collection: str) -> bool:
        return self.collections is None or collection in self.collections

    def within(self, collections: Iterable[str]) -> list[str]:
        """Returns those of ``collections`` that the caller may see, in their order."""
        return [name for name in collections if self.may_see(name)]

    def require(self, scope: AccessScope) -> None:
        """Does nothing where the caller's key reaches as far as ``scope``; raises Denied."""
        if not self.scope.includes(scope):
            raise Denied(
                f"The key {self.key!r} is for {self.scope.value}; this needs a key for {scope.value}."
            )

    def require_whole(self, scope: AccessScope = AccessScope.ADMIN) -> None:
        """Does as ``require``, for what concerns the library as a whole: a key for some collections may not."""
        self.require(scope)
        if self.collections is not None:
            raise Denied(f"The key {self.key!r} is for some collections; this concerns the whole library.")

    def require_collection(self, name: str, scope: AccessScope) -> None:
        """Does as ``require``, for a collection that is named; whether it exists makes no difference."""
        self.require(scope)
        if not self.may_see(name):
            raise Denied(f"The key {self.key!r} is not for the collection {name!r}.")


OWNER = Caller("owner")
"""The person whose machine this is; the only one that there is without accounts."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: the key itself is not."""

    id: int
    name: str
    scope: AccessScope
    collections: tuple[str, ...] | None
    """None is all of them."""
    added: str
    last_used: str | None
    """UTC, ISO 8601, to the minute; None before it was used."""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "scope": self.scope,
            "collections": None if self.collections is None else list(self.collections),
            "added": self.added,
            "last_used": self.last_used,
        }
