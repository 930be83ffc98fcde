"""A document as it is stored, and which of them a question is asked of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from kb.types.people import OWNER


class DocumentState(StrEnum):
    """The life of a document; every state but READY can carry a reason."""

    QUEUED = "queued"
    PARSING = "parsing"
    EMBEDDING = "embedding"
    INDEXING = "indexing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETING = "deleting"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to the document unless somebody asks."""
        return self in (DocumentState.READY, DocumentState.FAILED, DocumentState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that somebody added, and how far it has come."""

    id: str
    name: str
    """The name it was added under: data to show, never a path."""
    collection: str
    state: DocumentState
    sha256: str
    """Of its bytes, in hex; also the name of its blob."""
    bytes: int
    added: str
    """UTC, ISO 8601, to the second."""
    reason: str | None = None
    """Why it failed, or what a ready document lacks; a sentence for a person."""
    title: str | None = None
    pages: int | None = None
    """None before it is parsed, and for formats without pages."""
    chunks: int = 0
    chunks_done: int = 0
    """How many of them are embedded already."""
    pages_done: int = 0
    """The page up to which they are; 0 for formats without pages."""
    replaces: str | None = None
    """The id of the older version that answers until this one is ready."""
    language: str | None = None
    """What it is written in, as ``kb.text.language.language`` tells; None before it is parsed."""
    searchable: bool = True
    """Whether it is searched; its owner decides."""
    tags: tuple[str, ...] = ()
    """In alphabetical order."""
    path: str = ""
    """Where it is in its source: with it, its collection and its owner what makes it this document and no other."""
    source: str = ""
    """``file``: a file of this machine; ``upload``; empty for documents of versions that did not keep it."""
    folder: str = ""
    """Of ``path``, without a slash at its end."""
    words: int | None = None
    """How many its passages hold; None before it is parsed, and where a former version parsed it."""
    unreadable: bool = False
    """Whether it failed because of what the file is, so that reading the same bytes again fails again."""

    @property
    def document_name(self) -> str:
        """What a question may call it: its name without the suffix, and its title."""
        return f"{PurePath(self.name).stem} {self.title or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class Origin:
    """What a file was called when it was added, where it came from, and where it was put."""

    name: str
    collection: str
    path: str = ""
    """Where it is in its source; empty where only its name is known."""
    source: str = ""
    """What ``path`` is within; empty for documents of versions that did not keep it."""
    owner: str = OWNER.id

    @property
    def place(self) -> str:
        """What tells it from others of its source: its path, or its name where that is all."""
        return self.path or self.name


FROM_FILE = "file"
"""Source of a file of this machine; its path is the absolute one."""
FROM_UPLOAD = "upload"
"""Source of a file that was sent; its path is what was sent with it, or its name."""
FROM_PAGE = "page"
"""Source of a text of a web page; its folder is the page's address."""


class SameName(StrEnum):
    """What a file is to one that is at its place already and holds other bytes."""

    VERSION = "version"
    """It replaces that one once it is ready."""
    SECOND = "second"
    """It is kept beside it, under another name."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents a question is asked of; an empty field leaves out none, several values mean any of them."""

    collections: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    """Ids, names, or names behind the last folders of their path: ``2025/rates.txt``."""
    types: tuple[str, ...] = ()
    """Endings of file names, without the dot, in lower case."""
    languages: tuple[str, ...] = ()
    """Codes as in ``Document.language``."""
    tags: tuple[str, ...] = ()
    """All of them have to be there."""
    since: str | None = None
    """An ISO 8601 date: added on that day (UTC) or later."""
    before: str | None = None
    """An ISO 8601 date: added before that day (UTC)."""
    within: tuple[str, ...] | None = None
    """The collections that whoever asks may see, whatever they ask for; None sees all. Only a caller sets it."""
    folders: tuple[str, ...] = ()
    """Of the places that documents came from, what lies below them included; without a slash at the end."""

    @property
    def collection(self) -> str | None:
        """The one collection that they select; None for several, or for all."""
        named = self.collections
        if self.within is not None:
            named = tuple(name for name in named or self.within if name in self.within)
        return named[0] if len(named) == 1 else None


@dataclass(frozen=True, slots=True)
class Added:
    """The result of adding a file."""

    document: Document
    already_present: bool
    """True when the same bytes were at the same place before; ``document`` is then the old one."""
    replaces: Document | None = None
    """The version that goes when this one is ready."""
    beside: Document | None = None
    """The document of the same name that stays, and beside which this one was put."""


@dataclass(frozen=True, slots=True)
class Namesake:
    """A document whose name another one has, too."""

    name: str
    display_name: str
    """The name with what tells it from the others."""
    value: str
    """What selects it and no other, in ``Filters.documents``: the end of its path, or its id."""


@dataclass(frozen=True, slots=True)
class Facets:
    """The values that ``Filters`` can take and that select something; documents that are not searched have none."""

    documents: tuple[str, ...] = ()
    """Names, newest first."""
    types: tuple[str, ...] = ()
    """Endings of file names, without the dot, in lower case; most frequent first, as all that follow."""
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """Those that documents lie in, and those above in which several of them lie; by their names."""
    namesakes: tuple[Namesake, ...] = ()
    """The documents of those ``documents`` that are names of several, in their order."""
