"""SHA-256 of models, computed once: a file that has kept its size and its time is not read again.

That of a folder is the SHA-256 of the lines ``sha256sum`` would print of its files, sorted by path:
``HASH  PATH``, each with a line feed. Our own note in it (``footnote.json``) does not count.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kb.models.embed.folder import MARKER

_FILE = "checksums.json"
_PIECE = 1 << 20


class Checksums:
    """Those of one data folder's ``models``, kept in a file there."""

    def __init__(self, models: Path) -> None:
        self._file = models / _FILE
        self._known = _read(self._file)

    def of(self, model: Path) -> str:
        """Returns the SHA-256 of the file or folder ``model``; reads whatever of it is not known yet.

        Raises:
            OSError: a file cannot be read.
        """
        if model.is_file():
            return self._of_file(model)
        return folder_sha256(
            (path.relative_to(model).as_posix(), self._of_file(path)) for path in files_of(model)
        )

    def note(self, path: Path, sha256: str) -> None:
        """Takes ``sha256`` of a file that was just written."""
        self._known[str(path)] = [*_stamp(path), sha256]

    def forget(self, model: Path) -> None:
        """Forgets what is known of a file or folder that goes."""
        inside = f"{model}{os.sep}"
        self._known = {
            path: held
            for path, held in self._known.items()
            if path != str(model) and not path.startswith(inside)
        }

    def keep(self) -> None:
        """Writes what is known, whole or not at all; a folder that cannot be written is passed over."""
        try:
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".checksums-")
        except OSError:
            return
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as part:
                json.dump(self._known, part)
            Path(name).replace(self._file)
        except OSError:
            Path(name).unlink(missing_ok=True)

    def _of_file(self, path: Path) -> str:
        path = path.resolve()
        held = self._known.get(str(path))
        if held is None or held[:2] != _stamp(path):
            self.note(path, file_sha256(path))
        return str(self._known[str(path)][2])


def files_of(folder: Path) -> list[Path]:
    """Returns the files of a model's folder that count, sorted by path; no temporary ones, and not our own note."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.name != MARKER
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def file_sha256(path: Path) -> str:
    """Returns the SHA-256 of a file, as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def folder_sha256(files: Iterable[tuple[str, str]]) -> str:
    """Returns that of a folder whose files have these (path, SHA-256)."""
    lines = (f"{sha256}  {path}\n" for path, sha256 in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _read(file: Path) -> dict[str, list[Any]]:
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(held, dict):
        return {}
    return {path: entry for path, entry in held.items() if isinstance(entry, list) and len(entry) == 3}
