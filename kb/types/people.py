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
    person: str = ""
    """The name of the account; empty without accounts, and for whoever holds the data folder."""
    person_id: int = 0
    identity: str = ""
    """Under what conversations and keys are stored, where that is not ``id``."""
    home: str = ""
    """What the names of the collections that are the caller's own begin with; empty for none."""
    writable: frozenset[str] | None = None
    """Those of ``collections`` that may be changed, own ones aside; None is all of them."""
    movable: frozenset[str] | None = None
    """Those out of which documents may be moved, own ones aside: who edits what another shares takes nothing out of
    it. None is all of them."""
    unnamed: str = ""
    """The collection of a file that names none; empty for the default one."""
    origin: str = field(default="page", compare=False)
    """Through which door the call came, for the log of requests, as in ``LoggedRequest.origin``."""

    @property
    def conversations_id(self) -> str:
        """Under what conversations are stored: who sees some collections must not read what all answered."""
        if self.identity:
            return self.identity
        return self.id if self.collections is None else f"{self.id}/key/{self.key_id}"

    @property
    def own_id(self) -> str:
        """Under what the keys of whoever is behind the call are stored."""
        return self.identity or self.id

    @property
    def counted_as(self) -> tuple[int, int] | None:
        """Whose requests and answers are counted together; None for the owner of the machine, who has no limit."""
        return (self.person_id, self.key_id) if self.key or self.person else None

    def may_see(self, collection: str) -> bool:
        return self.collections is None or collection in self.collections or self.is_own(collection)

    def may_change(self, collection: str) -> bool:
        """Returns whether documents of a collection that may be seen may be changed, as far as the scope allows it."""
        return self.writable is None or collection in self.writable or self.is_own(collection)

    def may_move_out(self, collection: str) -> bool:
        """Returns whether documents of a collection that may be changed may be put into another."""
        return self.movable is None or collection in self.movable or self.is_own(collection)

    def is_own(self, collection: str) -> bool:
        return bool(self.home) and collection.startswith(self.home)

    def covers(self, before: Caller) -> bool:
        """Returns whether all that ``before`` may is allowed still, with the same key or account."""
        if not self.scope.includes(before.scope):
            return False
        if before.collections is None:
            return self.collections is None and (self.writable is None or before.writable is not None)
        return all(
            self.may_see(name) and (self.may_change(name) or not before.may_change(name))
            for name in before.collections
        )

    def collection_named(self, name: str) -> str:
        """Returns which collection the caller means by ``name``: their own of that name, else one that is shared.

        What is neither is one of their own that is still to be made. So nobody learns from a name that others have
        a collection of it, and nothing goes to one that was shared later under the name of an own one.
        """
        if self.collections is None or not self.home or name.startswith(self.home):
            return name
        own = self.home + name
        return name if name in self.collections and own not in self.collections else own

    def within(self, collections: Iterable[str]) -> list[str]:
        """Returns those of ``collections`` that the caller may see, in their order."""
        return [name for name in collections if self.may_see(name)]

    def require(self, scope: AccessScope) -> None:
        """Does nothing where the caller reaches as far as ``scope``; raises Denied."""
        if self.scope.includes(scope):
            return
        if not self.key:
            raise Denied(f"Your account is for {self.scope.value}; this needs one for {scope.value}.")
        raise Denied(f"The key {self.key!r} is for {self.scope.value}; this needs a key for {scope.value}.")

    def require_own(self, scope: AccessScope) -> None:
        """Does as ``require``, for what is the caller's alone: with it, who is signed in may do all."""
        if self.key or not self.person:
            self.require(scope)

    def require_whole(self, scope: AccessScope = AccessScope.ADMIN) -> None:
        """Does as ``require``, for what concerns the library as a whole: who sees some collections may not."""
        self.require(scope)
        if self.collections is not None:
            raise Denied(f"{self._who} is for some collections; this concerns the whole library.")

    def require_collection(self, name: str, scope: AccessScope) -> None:
        """Does as ``require``, for a collection that is named; whether it exists makes no difference."""
        self.require(scope)
        if not self.may_see(name):
            raise Denied(f"{self._who} is not for the collection {name!r}.")
        if scope is not AccessScope.READ:
            self.require_change(name)

    def require_change(self, collection: str) -> None:
        """Does nothing where documents of a collection that the caller sees may be changed; raises Denied."""
        if not self.may_change(collection):
            raise Denied(f"{self._who} may read the collection {collection!r}, and not change it.")

    def require_move_out(self, collection: str) -> None:
        """Does nothing where documents of a collection that the caller sees may be moved elsewhere; raises Denied."""
        if not self.may_move_out(collection):
            raise Denied(f"Only whose the collection {collection!r} is may move documents out of it.")

    @property
    def _who(self) -> str:
        return f"The key {self.key!r}" if self.key else "Your account"


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
