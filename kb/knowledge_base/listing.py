"""Lists of documents, and what is done to several of them at a time: those that are named, or all that are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb.knowledge_base.parts import Parts
from kb.knowledge_base.whose import changeable, require_changeable, require_movable, whose, writable
from kb.state.job_control import Control
from kb.state.listing import Listing
from kb.state.moves import Moved, Moves
from kb.state.removals import Removals
from kb.state.tags import Labels
from kb.types import Acted, Caller, Cause, Document, ListFilter, ListOptions, ListOrder, ListPlace

if TYPE_CHECKING:
    from kb.engine.loader import Engine

_FOLLOWED_AT_ONCE = 20
"""Documents that are moved in the indexes before the answer comes: about a second, for those of a hundred passages."""
_MOST_PASSAGES = 1000
"""So many of the best passages with words that are looked for say which documents hold them."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Documents that were chosen in a list."""

    ids: tuple[str, ...] = ()
    matching: ListFilter | None = None
    """All that it lists, in place of ``ids``."""
    but: tuple[str, ...] = ()
    """Ids of those that ``matching`` lists and that were not chosen."""


class ListingService:
    """What a caller sees of their documents as a list."""

    def __init__(self, parts: Parts, *, opened_engine: Callable[[], Engine | None]) -> None:
        """``opened_engine``: the engine, or None before anybody needed it."""
        self._documents = parts.documents
        self._chunks = parts.chunks
        self._reserve = parts.reserve
        self._listing = Listing(parts.database)
        self._labels = Labels(parts.database)
        self._control = Control(parts.database)
        self._removals = Removals(parts.database)
        self._moves = Moves(parts.database)
        self._blobs = parts.blobs
        self._opened_engine = opened_engine

    # --- Listing ------------------------------------------------------------------------------

    def searched(self, wanted: ListFilter) -> ListFilter:
        """Returns ``wanted`` with the documents that hold all of its text in one passage.

        Before the index is open there are none: then names alone are searched.
        """
        parts = wanted.text.casefold().split()
        if not parts or (engine := self._opened_engine()) is None:
            return wanted
        found = engine.indexes.lexical.search(wanted.text, _MOST_PASSAGES)
        holding = (
            chunk.document_id
            for chunk in self._chunks.by_id([chunk_id for chunk_id, _ in found])
            if all(part in chunk.embedded_text.casefold() for part in parts)
        )
        return replace(wanted, containing=tuple(dict.fromkeys(holding)))

    def window(
        self,
        wanted: ListFilter,
        order: ListOrder,
        *,
        caller: Caller,
        limit: int,
        offset: int = 0,
        after: ListPlace | None = None,
    ) -> list[Document]:
        """Returns ``limit`` documents from place ``offset`` on, or behind ``after``; raises BadInput where it is none.

        What is added or removed meanwhile moves no document from one page ``after`` another to the next.
        """
        return self._listing.window(
            _named(wanted, caller), order, limit=limit, offset=offset, after=after, **whose(caller)
        )

    def place(self, shown: Sequence[Document], order: ListOrder, *, caller: Caller) -> ListPlace | None:
        """Returns what ``window`` goes on by: behind the last that was shown and is still there; None where none is."""
        places = (self._listing.place(document.id, order, **whose(caller)) for document in reversed(shown))
        return next((place for place in places if place is not None), None)

    def count(self, wanted: ListFilter, *, caller: Caller) -> int:
        return self._listing.count(_named(wanted, caller), **whose(caller))

    def options(self, *, caller: Caller) -> ListOptions:
        """Returns what the list can be narrowed to, and how many documents each value leaves."""
        return self._listing.options(**whose(caller))

    def causes(self, *, caller: Caller) -> list[Cause]:
        """Returns why imports failed, the most frequent reason first."""
        return self._listing.causes(**whose(caller))

    # --- What is done to several --------------------------------------------------------------

    def tag(
        self,
        selection: Selection,
        *,
        caller: Caller,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
    ) -> Acted:
        """Adds and removes tags; raises NotFound, BadInput."""
        ids = self._chosen(selection, caller)
        self._labels.tag(ids, add=add, remove=remove)
        return Acted(len(ids))

    def set_searchable(self, selection: Selection, *, searchable: bool, caller: Caller) -> Acted:
        """Says whether documents are searched; raises NotFound."""
        ids = self._chosen(selection, caller)
        self._labels.enable(ids, searchable=searchable)
        return Acted(len(ids))

    def retry(self, selection: Selection, *, caller: Caller) -> Acted:
        """Queues failed and cancelled imports once more; raises NotFound."""
        return self._control.retry_each(self._chosen(selection, caller), person=caller.person_id)

    def read_again(self, selection: Selection, *, caller: Caller) -> Acted:
        """Reads documents from their files once more; raises NotFound."""
        return self._control.read_again(self._chosen(selection, caller), person=caller.person_id)

    def remove(self, selection: Selection, *, caller: Caller) -> Acted:
        """Deletes documents: nothing finds them from here on, and ``undo`` brings them back for a while.

        Raises:
            NotFound: one of them does not exist, and then none is deleted.
        """
        ids = self._chosen(selection, caller)
        return self._reserve.with_reserve(lambda: self._removals.remove(ids, person=caller.person_id))

    def move(self, selection: Selection, collection: str, *, caller: Caller) -> Acted:
        """Puts documents into another collection, with every version of each; ``undo`` puts them back for an hour.

        Refused are those in whose place another file is there. The indexes follow at once where that takes a moment,
        else by and by: meanwhile a question of all collections finds what is moved.

        Raises:
            NotFound: one of them does not exist, and then none is moved.
            BadInput: no collection can be called so.
            Denied: the caller's key may not write there, or one is in a collection that another shares with them.
        """
        target = writable(collection, caller)
        ids = self._chosen(selection, caller)
        require_movable(self._documents, ids, target, caller)
        acted, moved = self._moves.move(ids, target)
        return self._followed(acted, moved)

    def undo(self, undo: str, *, caller: Caller) -> Acted:
        """Takes back what was deleted or moved in one go; raises Conflict where it is too late."""
        back = self._moves.undo(undo, **changeable(caller))
        return self._removals.undo(undo, **changeable(caller)) if back is None else self._followed(*back)

    def _followed(self, acted: Acted, moved: Sequence[Moved]) -> Acted:
        for each in moved:
            self._blobs.remember(each.sha256, each.after)
            self._blobs.forget(each.sha256, each.before, is_last=False)
        engine = self._opened_engine()
        if engine is not None and 0 < len(moved) <= _FOLLOWED_AT_ONCE:
            engine.index.sweep()
        return acted

    def _chosen(self, selection: Selection, caller: Caller) -> Sequence[str]:
        """Returns the ids of what was chosen; of all that is listed, those that may be changed."""
        may = changeable(caller)
        if selection.matching is not None:
            but = set(selection.but)
            listed = self._listing.ids(_named(self.searched(selection.matching), caller), **may)
            return [document_id for document_id in listed if document_id not in but]
        require_changeable(self._documents, selection.ids, caller)
        return list(dict.fromkeys(selection.ids))


def _named(wanted: ListFilter, caller: Caller) -> ListFilter:
    """Returns ``wanted`` with the collection that the caller means by its name."""
    if wanted.collection is None:
        return wanted
    return replace(wanted, collection=caller.collection_named(wanted.collection))
