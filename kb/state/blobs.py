"""Original files, named by the SHA-256 of their bytes: a name that somebody gave is never a path."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from kb.errors import BadInput, NotFound

_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of one file."""

    sha256: str
    bytes: int


class BlobStore:
    """A folder of files that are written once: temporary name, fsync, rename, fsync of the folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def put(self, source: Path, *, name: str, max_bytes: int) -> Blob:
        """Copies ``source`` in and returns its hash and size; on disk when it returns.

        Raises:
            BadInput: it is not a readable file, or is larger than ``max_bytes``.
        """
        temporary = self._folder / f"incoming-{secrets.token_hex(8)}"
        try:
            blob = _copy(source, temporary, name=name, max_bytes=max_bytes)
            final = self.path(blob.sha256)
            final.parent.mkdir(exist_ok=True)
            temporary.replace(final)
            _sync_folder(final.parent)
        except OSError as error:
            raise BadInput(f"{name} cannot be read or stored: {error.strerror or error}.") from error
        finally:
            temporary.unlink(missing_ok=True)
        return blob

    def path(self, sha256: str) -> Path:
        """Where the blob is kept, whether it exists or not."""
        if len(sha256) != 64 or not all(digit in "0123456789abcdef" for digit in sha256):
            raise NotFound(f"{sha256[:80]!r} is not the SHA-256 of a stored file.")
        return self._folder / sha256[:2] / sha256

    def remove(self, sha256: str) -> None:
        """Removes a blob; nothing happens when it is not there."""
        self.path(sha256).unlink(missing_ok=True)

    def hashes(self) -> set[str]:
        """The SHA-256 of every blob."""
        return {path.name for path in self._folder.glob("??/*")}

    def remove_leftovers(self) -> None:
        """Removes what an interrupted copy left behind; only while nobody else is adding files."""
        for path in self._folder.glob("incoming-*"):
            path.unlink(missing_ok=True)


def _copy(source: Path, target: Path, *, name: str, max_bytes: int) -> Blob:
    digest = hashlib.sha256()
    size = 0
    with source.open("rb") as reader, target.open("xb") as writer:
        _refuse_without_room(target.parent, os.fstat(reader.fileno()).st_size, name)
        while block := reader.read(_COPY_BYTES):
            size += len(block)
            if size > max_bytes:
                raise BadInput(
                    f"{name} is larger than {max_bytes >> 20} MB, the limit set by max_file_megabytes. "
                    "Split it, or raise the limit."
                )
            digest.update(block)
            writer.write(block)
        writer.flush()
        os.fsync(writer.fileno())
    return Blob(digest.hexdigest(), size)


def _refuse_without_room(folder: Path, size: int, name: str) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise BadInput(f"{name} needs {size >> 20} MB, but only {free >> 20} MB are free on the disk.")


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder; NTFS journals the rename
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
