"""People who share a library: their accounts, their groups, and what is shared with whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kb.types.people import OWNER, AccessScope


class Role(StrEnum):
    """What an account is for; each may do what those before it may."""

    READER = "reader"
    """Searches, asks and reads what is shared with it."""
    EDITOR = "editor"
    """Has collections of its own, shares them, and changes those that are shared with it so."""
    OWNER = "owner"
    """Sees and runs the whole library, as whoever holds the data folder does."""

    @property
    def scope(self) -> AccessScope:
        return {
            Role.READER: AccessScope.READ,
            Role.EDITOR: AccessScope.WRITE,
            Role.OWNER: AccessScope.ADMIN,
        }[self]


@dataclass(frozen=True, slots=True)
class Person:
    """An account."""

    id: int
    name: str
    role: Role
    identity: str
    """Under what conversations and keys are stored, of this account alone. That of the library's first owner is the
    one that the machine's owner has without accounts, so that what was asked before stays theirs; it goes to nobody
    else afterwards."""
    added: str
    last_seen: str | None
    """UTC, ISO 8601, to the minute; None before they signed in."""

    @property
    def home(self) -> str:
        """What the names of the collections that are theirs begin with; empty for owners, whose the rest are."""
        return "" if self.role is Role.OWNER else home_of(self.name)

    @property
    def is_first_owner(self) -> bool:
        return self.identity == OWNER.id

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "role": self.role, "added": self.added, "last_seen": self.last_seen}


@dataclass(frozen=True, slots=True)
class Group:
    """People with whom something can be shared together."""

    name: str
    members: tuple[str, ...]
    """Their names, in alphabetical order."""

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "members": list(self.members)}


@dataclass(frozen=True, slots=True)
class Share:
    """That a collection is shared with somebody."""

    collection: str
    name: str
    """Of a person or a group."""
    is_group: bool
    role: Role
    """READER or EDITOR."""

    def as_json(self) -> dict[str, Any]:
        return {
            "collection": self.collection,
            "name": self.name,
            "kind": "group" if self.is_group else "person",
            "role": self.role,
        }


def home_of(name: str) -> str:
    """Returns what the names of the collections of an account begin with."""
    return f"{name}/"
