"""Documents of one name, told apart: by the end of their path, else by their collection."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kb.config import DEFAULT_COLLECTION
from kb.types import Hit


class Named(Protocol):
    """What a document is told by."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def collection(self) -> str: ...
    @property
    def folder(self) -> str: ...


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document of which no more is known."""

    id: str
    name: str
    collection: str
    folder: str


def display_names(documents: Iterable[Named]) -> dict[str, str]:
    """Returns the display name of each document whose name another of them has, too, by its id.

    The name with the fewest folders before it that no other of them has: ``2025/rates.txt``. Those of one folder are
    told by their collection: ``rates.txt (Finance)``; the collection that files are in by themselves is not named.
    """
    by_name: dict[str, dict[str, Named]] = defaultdict(dict)
    for document in documents:
        by_name[document.name][document.id] = document
    return {
        document.id: _display_name(document, list(same.values()))
        for same in by_name.values()
        if len(same) > 1
        for document in same.values()
    }


def told_apart(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Returns ``hits`` with a display name for those, and for what stands elsewhere too, whose name is not enough."""
    found = tuple(hits)
    names = display_names(
        (
            *(hit.document for hit in found),
            *(
                NamedDocument(also.document_id, also.document, also.collection, also.folder)
                for hit in found
                for also in hit.also
            ),
        )
    )
    return tuple(_named(hit, names) for hit in found) if names else found


def _named(hit: Hit, names: Mapping[str, str]) -> Hit:
    also = tuple(replace(each, told_apart=names.get(each.document_id, "")) for each in hit.also)
    return replace(hit, told_apart=names.get(hit.document.id, ""), also=also)


def _display_name(document: Named, same: Sequence[Named]) -> str:
    others = [other for other in same if other.id != document.id]
    folders = document.folder.split("/") if document.folder else []
    for count in range(1, len(folders) + 1):
        end = folders[-count:]
        if not any(other.folder.split("/")[-count:] == end for other in others):
            return "/".join((*end, document.name))
    beside = [other for other in others if other.folder == document.folder]
    if not beside:
        return f"{document.folder}/{document.name}" if document.folder else document.name
    collections = Counter(other.collection for other in beside)
    if document.collection in collections or document.collection == DEFAULT_COLLECTION:
        return document.name
    return f"{document.name} ({document.collection})"
