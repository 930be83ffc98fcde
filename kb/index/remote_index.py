"""The lifecycle of an index on a server: built under a name of its own, found by a note, swapped by that note."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from kb.errors import BackendDown
from kb.types import Fingerprint, StoredIndex

log = logging.getLogger(__name__)

_LETTERS_OF_MODEL = 40

T = TypeVar("T")
Opened_co = TypeVar("Opened_co", covariant=True)


class IndexServer(Protocol[Opened_co]):
    """A server that keeps indexes by name. Its methods raise BackendDown where it does not answer."""

    @property
    def address(self) -> str:
        """Where it listens."""
        ...

    def places(self) -> list[str]:
        """Returns the names of all indexes of this library, whatever they are built for."""
        ...

    def create(self, place: str) -> None:
        """Makes an empty index of that name."""
        ...

    def open(self, place: str) -> Opened_co:
        """Opens an index; raises Damaged where its rows are not what they were."""
        ...

    def is_there(self, place: str) -> bool:
        """Whether it has the index, and it is this library's and built for what this server is asked for."""
        ...

    def drop(self, place: str) -> None:
        """Removes an index of this library; one that is not there is passed over."""
        ...


class RemoteIndex(Generic[T]):
    """``kb.ports.IndexLifecycle`` on a server. The alias is a note in ``folder`` that names the index which answers.

    The note is here and not on the server: it goes with a database that is lost or replaced by a backup, as
    folders of indexes do, since the ids in the index would be given out again. A server commits each write, so none
    leaves doubt; what is lacking is found by comparing ids with SQLite, as for every index.
    """

    def __init__(
        self, folder: Path, fingerprint: Fingerprint, server: IndexServer[T], *, library: str
    ) -> None:
        self._key = fingerprint.key
        self._server = server
        self._library = library
        model = re.sub(r"[^A-Za-z0-9]", "-", fingerprint.model)[-_LETTERS_OF_MODEL:].strip("-")
        self._prefix = f"footnote-{library[:8]}-{model}-{fingerprint.width}"
        self._folder = folder
        digest = hashlib.sha256(f"{server.address}\n{self._key}".encode()).hexdigest()
        self._note = folder / f"{digest[:16]}.json"

    def find(self) -> StoredIndex | None:
        """Returns the index that the note names, where the server still has it; None otherwise."""
        noted = self._noted()
        return noted if noted is not None and self._server.is_there(noted.place) else None

    def begin(self) -> str:
        """Returns the name of a new empty index on the server."""
        place = f"{self._prefix}-{secrets.token_hex(4)}"
        self._server.create(place)
        return place

    def open(self, place: str) -> T:
        return self._server.open(place)

    def is_there(self, place: str) -> bool:
        """Whether the server still has it."""
        return self._server.is_there(place)

    def before_write(self, place: str) -> None:
        """Does nothing: the server makes each write whole or nothing."""

    def at_rest(self, place: str, *, deleted: int) -> None:
        """Writes the note, which makes this index the one that answers."""
        if self._noted() == StoredIndex(place, deleted):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        said = {"key": self._key, "server": self._server.address, "library": self._library}
        part = self._note.with_suffix(".part")
        part.write_text(json.dumps({**said, "place": place, "deleted": deleted}), encoding="utf-8")
        part.replace(self._note)

    def give_up(self, place: str) -> None:
        noted = self._noted()
        if noted is not None and noted.place == place:
            self._note.unlink(missing_ok=True)

    def keep_only(self, place: str) -> bool:
        """Removes every other index of this library from the server, and the notes about them; as the port has it."""
        for note in self._folder.glob("*.json"):
            if note != self._note and _said(note).get("server") == self._server.address:
                note.unlink(missing_ok=True)
        try:
            for other in self._server.places():
                if other != place:
                    self._server.drop(other)
        except BackendDown as error:  # they only take room, and go with the next index that is completed
            log.warning("old indexes stay on the server", extra={"reason": str(error)})
            return False
        return True

    def remove(self, place: str) -> bool:
        self.give_up(place)
        try:
            self._server.drop(place)
        except BackendDown as error:
            log.warning("an old index stays on the server", extra={"reason": str(error)})
            return False
        return True

    def _noted(self) -> StoredIndex | None:
        said = _said(self._note)
        with suppress(KeyError, TypeError, ValueError):
            if said["key"] == self._key and said["library"] == self._library:
                return StoredIndex(str(said["place"]), int(str(said["deleted"])))
        return None


def _said(note: Path) -> dict[str, object]:
    try:
        said = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
