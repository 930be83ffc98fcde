"""Which documents a caller sees, as the repositories take it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypedDict

from kb.config import DEFAULT_COLLECTION
from kb.state.documents import Documents
from kb.text.collection_names import require_collection_name
from kb.types import AccessScope, Caller


class Whose(TypedDict):
    """Arguments of a repository."""

    owner: str
    collections: frozenset[str] | None


def whose(caller: Caller) -> Whose:
    """Returns those that ``caller`` owns, in the collections that may be seen."""
    return {"owner": caller.id, "collections": caller.collections}


def changeable(caller: Caller) -> Whose:
    """Returns those that ``caller`` owns, in the collections that may be changed; raises Denied where none may be."""
    caller.require(AccessScope.WRITE)
    seen = caller.collections
    if seen is not None and caller.writable is not None:
        seen = frozenset(filter(caller.may_change, seen))
    return {"owner": caller.id, "collections": seen}


def require_changeable(documents: Documents, document_ids: Collection[str], caller: Caller) -> None:
    """Does nothing where ``caller`` may change all of these documents.

    Raises:
        NotFound: one does not exist, or is not theirs to see.
        Denied: one may be read alone.
    """
    caller.require(AccessScope.WRITE)
    documents.require(document_ids, **whose(caller))
    if caller.writable is not None:
        for document in documents.existing(document_ids, **whose(caller)):
            caller.require_change(document.collection)


def require_movable(documents: Documents, document_ids: Collection[str], target: str, caller: Caller) -> None:
    """Does nothing where ``caller`` may put all of these, which they may change, into ``target``; raises Denied."""
    if caller.movable is not None:
        for document in documents.existing(document_ids, **whose(caller)):
            if document.collection != target:
                caller.require_move_out(document.collection)


def writable(collection: str, caller: Caller) -> str:
    """Returns the name of the collection that is meant; without one, of where the caller's files go.

    Raises:
        BadInput: no collection can be called so.
        Denied: the caller may not write there.
    """
    name = collection.strip() or caller.unnamed or DEFAULT_COLLECTION
    require_collection_name(name)
    name = caller.collection_named(name)
    caller.require_collection(name, AccessScope.WRITE)
    return name
