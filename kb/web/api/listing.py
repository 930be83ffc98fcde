"""The list of documents: what it can be narrowed to, and what is done to several of them in one request."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from kb.errors import BadInput
from kb.knowledge_base.listing import Selection
from kb.types import Acted, Caller, ListedState, ListFilter, ListOrder, SortKey
from kb.web.api.caller import By
from kb.web.api.cursors import Cursor
from kb.web.api.fields import Collection, FilePath, Id, Label, Name, Offset
from kb.web.api.refusal_sentences import asked_language, language_of
from kb.web.api.schemas import Wire
from kb.web.sentences.catalogue import said_in

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_MOST_NAMED = 1000
"""So many documents can be named in one request; of more the filter says which."""
_DESCENDING = frozenset({SortKey.ADDED, SortKey.SIZE, SortKey.LENGTH})
"""What a person wants to see the most of first."""


class ListIn(Wire):
    """What a list is narrowed to; what is not given leaves out none."""

    text: Name = ""
    """Part of a name or a title, or words of one passage."""
    collection: Collection | None = None
    folder: FilePath | None = None
    type: Label | None = None
    state: ListedState | None = None
    tag: Label | None = None
    cause: Label | None = None

    def wanted(self, *, going: bool = False) -> ListFilter:
        """Returns the filter; ``going`` lists what is being deleted, too."""
        return ListFilter(
            text=self.text,
            collection=self.collection,
            folder=self.folder,
            type=self.type.lower() if self.type else None,
            state=self.state,
            tag=self.tag,
            going=going,
            cause=self.cause,
        )


class WindowIn(ListIn):
    """A part of a sorted list, as the query of an address says it; other names there are ignored."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    sort: SortKey = SortKey.ADDED
    descending: bool | None = None
    limit: int = Field(default=200, ge=1, le=1000)
    offset: Offset = 0
    cursor: Cursor = None

    @property
    def order(self) -> ListOrder:
        """The order; where no direction is given, what one mostly wants of the key."""
        descending = self.sort in _DESCENDING if self.descending is None else self.descending
        return ListOrder(self.sort, descending)


class Act(StrEnum):
    """What can be done to several documents."""

    TAG = "tag"
    LEAVE_OUT = "leave_out"
    TAKE_IN = "take_in"
    RETRY = "retry"
    READ_AGAIN = "read_again"
    REMOVE = "remove"
    MOVE = "move"


class ActIn(Wire):
    """An action, and on which documents: those named in ``ids``, or all that ``matching`` lists except ``but``."""

    act: Act
    ids: list[Id] = Field(default=[], max_length=_MOST_NAMED)
    matching: ListIn | None = None
    but: list[Id] = Field(default=[], max_length=_MOST_NAMED)
    add_tags: list[Label] = Field(default=[], max_length=50)
    remove_tags: list[Label] = Field(default=[], max_length=50)
    collection: Collection | None = None
    """Where to, of ``move``."""

    def selection(self) -> Selection:
        """Returns the documents; raises BadInput where none are named, or both ways are used."""
        if bool(self.ids) == (self.matching is not None):
            raise BadInput("Name the documents in `ids`, or say in `matching` which are meant.")
        matching = None if self.matching is None else self.matching.wanted()
        return Selection(tuple(self.ids), matching, tuple(self.but))


class ActedOut(Wire):
    """What an action did; ``undo`` takes a deletion back for a few seconds, and a move for an hour."""

    changed: int
    refused: int
    reason: str | None
    undo: str | None


class OptionsOut(Wire):
    """Value -> how many documents it leaves."""

    collections: dict[str, int]
    folders: dict[str, int]
    types: dict[str, int]
    states: dict[ListedState, int]
    tags: dict[str, int]


class CauseOut(Wire):
    """Why imports failed; ``key`` is what a list is narrowed to by ``cause``."""

    key: str
    reason: str
    count: int
    retry_helps: bool
    examples: list[str]


class CausesOut(Wire):
    """Every reason, the most frequent first."""

    causes: list[CauseOut]


def listing_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/library/options")
    def options(caller: By) -> OptionsOut:
        return OptionsOut.model_validate(kb.listing.options(caller=caller))

    @router.get("/api/library/causes")
    def causes(caller: By) -> CausesOut:
        return CausesOut(
            causes=[CauseOut.model_validate(cause) for cause in kb.listing.causes(caller=caller)]
        )

    @router.post("/api/library/actions")
    def act(request: Request, asked: ActIn, caller: By) -> ActedOut:
        return _acted(request, _done(kb, asked, caller))

    @router.post("/api/library/undo/{undo}")
    def undo(request: Request, undo: Annotated[Id, Field(min_length=1)], caller: By) -> ActedOut:
        return _acted(request, kb.listing.undo(undo, caller=caller))

    return router


def _acted(request: Request, acted: Acted) -> ActedOut:
    """Returns what was done, with the reason in the language of whoever asked."""
    language = language_of(asked_language(request.headers))
    reason = said_in(language, acted.reason) if acted.reason else None
    return ActedOut.model_validate(replace(acted, reason=reason))


def _done(kb: KnowledgeBase, asked: ActIn, caller: Caller) -> Acted:
    chosen = asked.selection()
    match asked.act:
        case Act.TAG:
            return kb.listing.tag(chosen, add=asked.add_tags, remove=asked.remove_tags, caller=caller)
        case Act.LEAVE_OUT | Act.TAKE_IN:
            searchable = asked.act is Act.TAKE_IN
            return kb.listing.set_searchable(chosen, searchable=searchable, caller=caller)
        case Act.RETRY:
            return kb.listing.retry(chosen, caller=caller)
        case Act.READ_AGAIN:
            return kb.listing.read_again(chosen, caller=caller)
        case Act.REMOVE:
            return kb.listing.remove(chosen, caller=caller)
        case Act.MOVE:
            if not asked.collection:
                raise BadInput("Say in `collection` where the documents are to go.")
            return kb.listing.move(chosen, asked.collection, caller=caller)
