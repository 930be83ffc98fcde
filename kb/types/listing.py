"""A list of documents: what it is narrowed to, and its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kb.types.documents import DocumentState

ListPlace = tuple[str | int, ...]
"""What a list compares of a row, by which the next page goes on behind it, whatever is added or removed meanwhile."""
NO_PLACE = "This is no cursor that the page before gave. Leave it out to begin."


class ListedState(StrEnum):
    """The states that a person tells apart; each stands for one or several of ``DocumentState``."""

    READY = "ready"
    LEFT_OUT = "left_out"
    """Ready, and not searched because its owner said so."""
    IMPORTING = "importing"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def states(self) -> tuple[DocumentState, ...]:
        """What documents of it are in."""
        if self is ListedState.IMPORTING:
            return (
                DocumentState.QUEUED,
                DocumentState.PARSING,
                DocumentState.EMBEDDING,
                DocumentState.INDEXING,
            )
        return (DocumentState.READY if self is ListedState.LEFT_OUT else DocumentState(self.value),)


class SortKey(StrEnum):
    """What a list is sorted by; documents that are equal in it stand in the order of their ids."""

    NAME = "name"
    COLLECTION = "collection"
    LENGTH = "length"
    """Pages or, for formats without pages, words; documents with pages come first."""
    LANGUAGE = "language"
    SIZE = "size"
    ADDED = "added"
    """Those of one second in the order in which they were added."""
    STATE = "state"
    """What needs somebody first, then what is under way, then what is ready."""


@dataclass(frozen=True, slots=True)
class ListFilter:
    """Which documents are listed; what is not given leaves out none."""

    text: str = ""
    """Part of the name or of the title, capitals aside."""
    containing: tuple[str, ...] = ()
    """Ids of documents that are listed for their text though ``text`` is not in their name."""
    collection: str | None = None
    folder: str | None = None
    """With all that is below it."""
    type: str | None = None
    """Ending of the file name, without the dot, in lower case."""
    state: ListedState | None = None
    tag: str | None = None
    going: bool = False
    """Whether those that are being deleted are listed, too."""
    cause: str | None = None
    """A ``Cause.key``: documents that failed for this reason."""


@dataclass(frozen=True, slots=True)
class ListOrder:
    """The order of a list."""

    key: SortKey = SortKey.ADDED
    descending: bool = True


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a list can be narrowed to: value -> how many documents have it, most frequent first but for collections."""

    collections: Mapping[str, int] = field(default_factory=dict)
    folders: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[ListedState, int] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why imports failed, and how many failed for it."""

    key: str
    """Equal for reasons that differ in the name of the file and in figures alone."""
    reason: str
    """The sentence of one of them; where they are several, it names none."""
    count: int
    retry_helps: bool
    """Whether the same file may be read the next time: not where it is empty, protected or damaged."""
    examples: tuple[str, ...] = ()
    """Names of a few of the documents."""


@dataclass(frozen=True, slots=True)
class MoveToFollow:
    """A document that was put into another collection, which the derived indexes have not followed yet."""

    document_id: str
    indexed_in: str
    """The collection in which they hold it."""
    collection: str
    """The one that it is in."""
    is_live: bool
    """Whether it is findable; of others they hold nothing."""


@dataclass(frozen=True, slots=True)
class Acted:
    """What an action on several documents did."""

    changed: int
    refused: int = 0
    """To so many it could not be done."""
    reason: str | None = None
    """Why not, of the first of them; a sentence."""
    undo: str | None = None
    """What takes it back, for as long as that can be done; None where nothing does."""
