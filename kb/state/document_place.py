"""Where a file is among the documents: its place is what makes it this document, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from kb.state.sql import Connection, literal
from kb.system.file_paths import are_two_files, path_key
from kb.types import FROM_FILE, DocumentState, Origin, SameName

AT_PLACE = "owner = ? AND collection = ? AND source = ? AND path_key = ?"
"""An SQL condition on ``documents``; its values are ``Place.values``."""
DEAD_OR_GOING = (DocumentState.FAILED, DocumentState.CANCELLED, DocumentState.DELETING)

_APART = "//"
"""Between the key that several files share and the exact path of one of them; no path has it inside."""


@dataclass(frozen=True, slots=True)
class Place:
    """What ``origin`` is stored under."""

    origin: Origin
    """With the name that it is shown by: a numbered one where the file is kept beside another."""
    key: str
    """``path_key``: equal for all versions of one document, and for no other document of its source."""
    neighbour: Place | None = None
    """The place of the document beside which it is kept, if it is."""

    @property
    def values(self) -> tuple[str, str, str, str]:
        """The values of ``AT_PLACE``."""
        return self.origin.owner, self.origin.collection, self.origin.source, self.key


def settle(connection: Connection, origin: Origin, sha256: str, same_name: SameName) -> Place:
    """Returns the place of ``origin``, or that of the next of its numbered names where other bytes are and stay."""
    own = _place_of(connection, origin)
    if same_name is SameName.VERSION or _is_free(connection, own, sha256):
        return own
    for candidate in _numbered(origin):
        place = _place_of(connection, candidate)
        if _is_free(connection, place, sha256):
            return replace(place, neighbour=own)
    raise AssertionError("there is always another number")


def _is_free(connection: Connection, place: Place, sha256: str) -> bool:
    """Returns whether nothing that stays is there, or the same bytes are."""
    rows = connection.execute(
        f"SELECT sha256 FROM documents WHERE {AT_PLACE} AND state NOT IN (?, ?, ?)",
        (*place.values, *DEAD_OR_GOING),
    ).fetchall()
    return not rows or sha256 in {row["sha256"] for row in rows}


def _place_of(connection: Connection, origin: Origin) -> Place:
    """Returns the place of a file as its file system sees it.

    Paths that differ in Unicode's form alone, or in case, are one file on some file systems and two on others; so
    the paths of what is held and of what comes are looked at. A second file gets a key and a name of its own.
    """
    shared = Place(origin, path_key(origin.place))
    if origin.source != FROM_FILE:
        return shared
    own = Place(origin, f"{shared.key}{_APART}{origin.place}", neighbour=shared)
    held = connection.execute(
        "SELECT name, path, path_key FROM documents WHERE owner = ? AND collection = ? AND source = ? "
        "AND path_key IN (?, ?) AND state <> ? ORDER BY sequence DESC",
        (origin.owner, origin.collection, origin.source, shared.key, own.key, DocumentState.DELETING),
    ).fetchall()
    for row in held:
        if row["path_key"] == own.key:
            return replace(own, origin=replace(origin, name=row["name"]))
    paths = [row["path"] for row in held]
    if origin.place in paths or not any(are_two_files(path, origin.place) for path in paths):
        return shared
    return replace(own, origin=replace(origin, name=_free_name(connection, shared)))


def _free_name(connection: Connection, shared: Place) -> str:
    """Returns the first of the numbered names that no other file of the key ``shared`` is shown by."""
    origin = shared.origin
    rows = connection.execute(
        "SELECT name FROM documents WHERE owner = ? AND collection = ? AND source = ? "
        "AND (path_key = ? OR path_key LIKE ? ESCAPE '!') AND state <> ?",
        (*shared.values, f"{literal(shared.key + _APART)}%", DocumentState.DELETING),
    ).fetchall()
    taken = {path_key(row["name"]) for row in rows}
    return next(each.name for each in _numbered(origin) if path_key(each.name) not in taken)


def _numbered(origin: Origin) -> Iterator[Origin]:
    """Yields ``report.pdf``, ``report (2).pdf``, ``report (3).pdf`` and so on."""
    yield origin
    for number in count(2):
        yield replace(origin, name=_with_number(origin.name, number), path=_with_number(origin.place, number))


def _with_number(name: str, number: int) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem} ({number}).{suffix}" if stem and dot and "/" not in suffix else f"{name} ({number})"
