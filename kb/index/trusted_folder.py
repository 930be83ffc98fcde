"""The folders of derived indexes: which one can be trusted, and what is thrown away.

Chroma changes its files in place and neither syncs nor renames them; after a death in the middle of a
write it may answer wrongly, hang, or end the process (a few wrong bytes in ``header.bin``: SIGFPE). So an
index is opened only if its files are what they were when it was last at rest, and built anew otherwise.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import TypeAlias

from kb.system.disk import room_faults

_Stamps: TypeAlias = dict[str, list[int]]
"""File below the folder -> its size and the nanosecond of its last change."""


class TrustedIndexFolder:
    """Where the indexes of one kind live: each in a folder of its own, a note beside it.

    ``key`` says what an index was built for; one with another key is not opened. ``grows``: finished
    files never change and new ones are added, so that only those which the note knows are compared.
    """

    def __init__(self, root: Path, key: str, *, grows: bool = False) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._key = key
        self._grows = grows

    def trusted(self) -> Path | None:
        """The folder of an index that is whole and as it was when last at rest; None where there is none."""
        for note in sorted(self._root.glob("*.json")):
            folder = note.with_suffix("")
            if folder.is_dir() and self._is_at_rest(note, folder):
                return folder
        return None

    def fresh(self) -> Path:
        """A new empty folder for an index to be built in; not trusted before ``mark_trusted``. Raises DiskFull."""
        folder = self._root / f"{hashlib.sha256(self._key.encode()).hexdigest()[:8]}-{secrets.token_hex(4)}"
        with room_faults("A search index cannot be begun", self._root):
            folder.mkdir()
        return folder

    def remove(self, folder: Path) -> None:
        """Removes an index that came to nothing."""
        shutil.rmtree(folder, ignore_errors=True)

    def mark_trusted(self, folder: Path, *, deleted: int = 0) -> None:
        """Notes that the index in ``folder`` is whole, nobody writes to it, and ``deleted`` rows have left it."""
        note = folder.with_suffix(".json")
        part = note.with_suffix(".part")
        said = {"key": self._key, "files": self._stamps(folder), "deleted": deleted}
        part.write_text(json.dumps(said), encoding="utf-8")
        part.replace(note)

    def deleted(self, folder: Path) -> int:
        """How many rows had left the index in ``folder`` when it was last at rest; 0 where no note says so."""
        try:
            return int(json.loads(folder.with_suffix(".json").read_text(encoding="utf-8")).get("deleted", 0))
        except (OSError, ValueError):
            return 0

    def invalidate(self, folder: Path) -> None:
        """Takes the note back: from here on a death leaves the index in doubt."""
        folder.with_suffix(".json").unlink(missing_ok=True)

    def keep_only(self, folder: Path) -> None:
        """Removes every other index of this kind, whatever it was built for."""
        for path in self._root.iterdir():
            if path.with_suffix("") == folder:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _is_at_rest(self, note: Path, folder: Path) -> bool:
        try:
            said = json.loads(note.read_text(encoding="utf-8"))
            noted: _Stamps = said["files"]
            if said["key"] != self._key:
                return False
            found = self._stamps(folder)
            if self._grows:  # what was merged away is missing, what is new is not noted
                return all(found[name] == noted[name] for name in found.keys() & noted.keys())
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return found == noted

    def _stamps(self, folder: Path) -> _Stamps:
        found = {}
        for path in folder.rglob("*"):
            with suppress(FileNotFoundError):  # merged away just now
                stat = path.stat()
                if S_ISREG(stat.st_mode) and not (self._grows and path.suffix in (".json", ".lock")):
                    found[path.relative_to(folder).as_posix()] = [stat.st_size, stat.st_mtime_ns]
        return found
