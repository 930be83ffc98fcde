"""The lifecycle of an index in folders of this machine: which one can be trusted, and which is removed.

Chroma changes its files in place and neither syncs nor renames them; after a death in the middle of a
write it may answer wrongly, hang, or end the process (a few wrong bytes in ``header.bin``: SIGFPE). So an
index is opened only if its files are what they were when it was last marked as trusted, and rebuilt otherwise.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Generic, TypeAlias, TypeVar

from kb.system.disk import room_faults
from kb.types import StoredIndex

_Stamps: TypeAlias = dict[str, list[int]]
"""File below the folder -> its size and the nanosecond of its last change."""

T = TypeVar("T")


class TrustedIndexFolder(Generic[T]):
    """``kb.ports.IndexLifecycle`` where each index has a folder of its own below ``root``, and a note beside it.

    ``key`` says what an index was built for; one with another key is not found. ``grows``: finished
    files never change, new ones are added and come into force by a rename, so that a death in the middle
    of a write leaves no doubt and only the files which the note lists are compared.
    """

    def __init__(self, root: Path, key: str, open_at: Callable[[Path], T], *, grows: bool = False) -> None:
        self._root = root
        self._make_root()
        self._key = key
        self._open_at = open_at
        self._grows = grows

    def find(self) -> StoredIndex | None:
        """Returns an index whose files are as they were when it was last ``at_rest``; None where there is none."""
        for note in sorted(self._root.glob("*.json")):
            folder = note.with_suffix("")
            if folder.is_dir() and (deleted := self._deleted_if_at_rest(note, folder)) is not None:
                return StoredIndex(folder.name, deleted)
        return None

    def begin(self) -> str:
        """Returns a new empty folder.

        Raises:
            DiskFull: there is no space even for that.
        """
        place = f"{_prefix(self._key)}-{secrets.token_hex(4)}"
        with room_faults("A search index cannot be begun", self._root):
            self._make_root()  # somebody may have removed it while the app ran
            (self._root / place).mkdir()
        return place

    def open(self, place: str) -> T:
        """Opens the index; should that end the process, it is not found by the next one."""
        self.give_up(place)
        return self._open_at(self._root / place)

    def is_there(self, place: str) -> bool:
        """Whether the folder still is where it was; its engine may not notice that it went."""
        folder = self._root / place
        return folder.is_dir() and any(folder.iterdir())

    def before_write(self, place: str) -> None:
        """Removes the note: from here on a death leaves the index in doubt, unless it only grows."""
        if not self._grows:
            self.give_up(place)

    def at_rest(self, place: str, *, deleted: int) -> None:
        """Notes the state of the files.

        Raises:
            OSError: the disk is too full for the note.
        """
        note = self._note(place)
        part = note.with_suffix(".part")
        said = {"key": self._key, "files": self._stamps(self._root / place), "deleted": deleted}
        part.write_text(json.dumps(said), encoding="utf-8")
        part.replace(note)

    def give_up(self, place: str) -> None:
        """Removes the note."""
        with suppress(NotADirectoryError):  # somebody put a file in the place of the root
            self._note(place).unlink(missing_ok=True)

    def keep_only(self, place: str) -> bool:
        for path in self._root.glob("*"):
            if path.with_suffix("").name == place:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return not any(path.with_suffix("").name != place for path in self._root.glob("*"))

    def remove(self, place: str) -> bool:
        self.give_up(place)
        shutil.rmtree(self._root / place, ignore_errors=True)
        return not (self._root / place).exists()

    def _make_root(self) -> None:
        if self._root.is_file():
            self._root.unlink()
        self._root.mkdir(parents=True, exist_ok=True)

    def _note(self, place: str) -> Path:
        return (self._root / place).with_suffix(".json")

    def _deleted_if_at_rest(self, note: Path, folder: Path) -> int | None:
        """Returns the number of rows deleted from the index in ``folder``; None where it is not what ``note`` says."""
        try:
            said = json.loads(note.read_text(encoding="utf-8"))
            noted: _Stamps = said["files"]
            deleted = int(said.get("deleted", 0))  # notes of earlier versions do not count them
            if said["key"] != self._key:
                return None
            found = self._stamps(folder)
            if self._grows:  # what was merged away is missing, what is new is not noted
                same = all(found[name] == noted[name] for name in found.keys() & noted.keys())
            else:
                same = found == noted
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return deleted if same else None

    def _stamps(self, folder: Path) -> _Stamps:
        found = {}
        for path in folder.rglob("*"):
            with suppress(FileNotFoundError):  # merged away just now
                stat = path.stat()
                if S_ISREG(stat.st_mode) and not (self._grows and path.suffix in (".json", ".lock")):
                    found[path.relative_to(folder).as_posix()] = [stat.st_size, stat.st_mtime_ns]
        return found


def folders_for(root: Path, key: str) -> list[Path]:
    """The folders of indexes for ``key``, at rest or not, the one that was changed last first."""
    found = [
        (folder.stat().st_mtime_ns, folder) for folder in root.glob(f"{_prefix(key)}-*") if folder.is_dir()
    ]
    return [folder for _, folder in sorted(found, reverse=True)]


def _prefix(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]
