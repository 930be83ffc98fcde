"""Original files, named by the SHA-256 of their bytes: a name that somebody gave is never a path."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeAlias

from kb.errors import BadInput, NotFound
from kb.system.disk import require_room, room_faults
from kb.system.file_paths import path_key
from kb.system.home_layout import HomeLayout
from kb.system.regular_files import open_regular
from kb.types import Origin

OriginOf: TypeAlias = Callable[[str], Origin]
"""SHA-256 -> what a file with these bytes is called, and where it is."""

_COPY_BYTES = 1 << 20
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of one file."""

    sha256: str
    bytes: int


class BlobStore:
    """A folder of files that are written once: temporary name, fsync, rename, fsync of the folder.

    A second folder beside it, ``names``, notes what each file was called, for the day on which the
    database is lost: without it the files would come back nameless.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._names = HomeLayout(folder.parent).names

    def put(self, source: Path, *, name: str, max_bytes: int, origin: OriginOf | None = None) -> Blob:
        """Copies ``source`` in and returns its hash and size; on disk when it returns.

        What ``origin`` gives for the hash is noted before the file is in its place: one without a note was never to
        become a document.

        Raises:
            BadInput: it is not a readable file, or is larger than ``max_bytes``.
            DiskFull: there is no room for it; nothing of it is left.
        """
        temporary = self.folder / f"incoming-{secrets.token_hex(8)}"
        try:
            with room_faults(f"{name} cannot be stored", self.folder):
                blob = _copy(source, temporary, name=name, max_bytes=max_bytes)
                if origin is not None:
                    self.remember(blob.sha256, origin(blob.sha256))
                final = self.path(blob.sha256)
                final.parent.mkdir(exist_ok=True)
                temporary.replace(final)
                sync_folder(final.parent)
        except OSError as error:
            raise BadInput(f"{name} cannot be read or stored: {error.strerror or error}.") from error
        except ValueError as error:  # a NUL in the path
            raise BadInput(f"{name} cannot be read: no file can have this path.") from error
        finally:
            temporary.unlink(missing_ok=True)
        return blob

    def path(self, sha256: str) -> Path:
        """Returns where the blob is kept, whether it exists or not; raises NotFound for what is no SHA-256."""
        if not _HASH.fullmatch(sha256):
            raise NotFound(f"{sha256[:80]!r} is not the SHA-256 of a stored file.")
        return self.folder / sha256[:2] / sha256

    def remove(self, sha256: str) -> None:
        """Removes a blob and its names; nothing happens when it is not there."""
        # the note goes first: a start removes a file that nobody needs, not a note
        self._note(sha256).unlink(missing_ok=True)
        self.path(sha256).unlink(missing_ok=True)

    def hashes(self) -> set[str]:
        return {path.name for path in self.folder.glob("??/*") if _HASH.fullmatch(path.name)}

    def is_sound(self, sha256: str) -> bool:
        """Returns whether the blob is there and its bytes still are what its name says. Reads all of it."""
        try:
            return hash_of(self.path(sha256)) == sha256
        except OSError:
            return False

    def remember(self, sha256: str, origin: Origin) -> None:
        """Notes what a file was called and where it was put. Not synced: it is worth something, not everything.

        Raises:
            DiskFull: there is no room for the note.
        """
        note = self._note(sha256)
        with room_faults(f"{origin.name} cannot be stored", self.folder):
            note.parent.mkdir(exist_ok=True)
            if origin not in self.remembered(sha256):
                with note.open("a", encoding="utf-8") as writer:
                    writer.write(_line(origin))

    def remembered(self, sha256: str) -> list[Origin]:
        """Returns (name, collection) of each time the file was added; empty when nothing is known."""
        try:
            lines = self._note(sha256).read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, UnicodeDecodeError):
            return []
        found = list(dict.fromkeys(origin for line in lines if (origin := _origin(line)) is not None))
        placed = {(origin.name, origin.collection) for origin in found if origin.source}
        # what had no place and was added again has one since
        return [origin for origin in found if origin.source or (origin.name, origin.collection) not in placed]

    def forget(self, sha256: str, origin: Origin, *, is_last: bool) -> None:
        """Takes a document from the note of its file; with the last one both go."""
        if is_last:
            self.remove(sha256)
            return
        left = [other for other in self.remembered(sha256) if _spelled_alike(other) != _spelled_alike(origin)]
        part = self._note(sha256).with_suffix(".part")
        with room_faults("A document cannot be removed", self.folder):
            part.parent.mkdir(exist_ok=True)
            part.write_text("".join(map(_line, left)), encoding="utf-8")
            part.replace(self._note(sha256))

    def was_remembered(self, sha256: str) -> bool:
        """Returns whether the file was once added and has not been removed since, to the knowledge of its note."""
        return self._note(sha256).exists()

    def drop_notes_of_nothing(self, in_use: Collection[str]) -> None:
        """Drops the notes of files that are not here and that no document has: their upload was cut off."""
        for note in self._names.glob("*"):
            if note.name not in in_use and not (_HASH.fullmatch(note.name) and self.path(note.name).exists()):
                note.unlink(missing_ok=True)

    def remove_leftovers(self) -> None:
        """Removes what an interrupted copy left behind; only while nobody else is adding files."""
        for path in self.folder.glob("incoming-*"):
            path.unlink(missing_ok=True)

    def _note(self, sha256: str) -> Path:
        self.path(sha256)  # refuses what is no hash
        return self._names / sha256


def hash_of(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes, in hex; raises OSError."""
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Puts a folder's entries on disk: after it returns, a rename in it survives a power cut."""
    if os.name == "nt":  # Windows cannot open a folder; NTFS journals the rename
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _spelled_alike(origin: Origin) -> Origin:
    """Returns ``origin`` in one spelling: a note that is older than its document may have another."""
    return replace(origin, name=path_key(origin.name), path=path_key(origin.place))


def _line(origin: Origin) -> str:
    return json.dumps(asdict(origin), ensure_ascii=False) + "\n"


def _origin(line: str) -> Origin | None:
    """Returns the origin in a line of a note; None for one that a crash truncated."""
    try:
        said = json.loads(line)
        if isinstance(said, list):  # as versions before noted it
            name, collection = map(str, said)
            return Origin(name, collection)
        return Origin(**{name: str(value) for name, value in said.items()})
    except (ValueError, TypeError, AttributeError):
        return None


def _copy(source: Path, target: Path, *, name: str, max_bytes: int) -> Blob:
    digest = hashlib.sha256()
    size = 0
    with open_regular(source, name=name) as reader, target.open("xb") as writer:
        length = os.fstat(reader.fileno()).st_size
        require_room(f"{name} cannot be stored", target.parent, needed=length)
        while block := reader.read(_COPY_BYTES):
            size += len(block)
            if size > max_bytes:
                raise BadInput(
                    f"{name} is larger than {max_bytes >> 20} MB, the limit set by parsing.max_file_megabytes. "
                    "Split it, or raise the limit."
                )
            digest.update(block)
            writer.write(block)
        writer.flush()
        os.fsync(writer.fileno())
    return Blob(digest.hexdigest(), size)
