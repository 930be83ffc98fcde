"""A backup as one ``.zip`` file."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from kb.errors import BadInput, Damaged
from kb.maintenance.copying import refuse_without_room
from kb.maintenance.manifest import MANIFEST
from kb.state.blobs import sync_folder
from kb.system.disk import room_faults
from kb.system.home_layout import BLOBS, DATABASE, SETTINGS
from kb.types import Backup

_BLOB = re.compile(rf"{BLOBS}/([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})")

_BROKEN = (zipfile.BadZipFile, EOFError, FileExistsError, RuntimeError, zlib.error)
"""What an archive raises that is cut short, changed, locked with a password, or holds two files of one name."""


def write_zip(backup: Backup, file: Path) -> Backup:
    """Writes the backup as one file and reads that back."""
    part = file.with_name(f"{file.name}.part")
    try:
        refuse_without_room(_size(backup.path), file.parent)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(path for path in backup.path.rglob("*") if path.is_file()):
                archive.write(path, path.relative_to(backup.path).as_posix())
        _verify_zip(part, backup)
        part.replace(file)
        sync_folder(file.parent)
    finally:
        part.unlink(missing_ok=True)
    return replace(backup, path=file)


@contextmanager
def unpacked(source: Path, beside: Path) -> Iterator[Path]:
    """Gives the folder of a backup, which ``source`` is or, if a ``.zip``, is unpacked to, beside ``beside``.

    Raises:
        BadInput: it is neither.
        Damaged: the archive is broken. What the block finds damaged is said of ``source``, not of the folder.
        DiskFull: there is no room to unpack it.
    """
    if (source / MANIFEST).is_file():
        yield source
        return
    if not (source.is_file() and zipfile.is_zipfile(source)):
        raise BadInput(
            f"{source} is not a backup: neither a folder with {MANIFEST} nor a .zip made by `backup`."
        )
    folder = beside.with_name(f"{beside.name}-unpacked-{secrets.token_hex(4)}")
    try:
        try:
            with room_faults("The backup cannot be unpacked", beside), zipfile.ZipFile(source) as archive:
                _unpack(archive, folder)
        except _BROKEN as error:
            raise Damaged(f"{source} is damaged: {error}.") from error
        yield folder
    except Damaged as error:
        raise Damaged(str(error).replace(str(folder), str(source))) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _verify_zip(part: Path, backup: Backup) -> None:
    with part.open("rb") as written:
        os.fsync(written.fileno())
    with zipfile.ZipFile(part) as archive:
        for name in archive.namelist():
            blob = _BLOB.fullmatch(name)
            due = blob[2] if blob else backup.database_sha256 if name == DATABASE else None
            with archive.open(name) as reader:
                found = _hash(reader)
            if due not in (None, found, *backup.missing):
                raise Damaged(
                    f"{part} does not read back what was written to it ({name}). Is the disk sound?"
                )


def _hash(reader: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := reader.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    """Unpacks what a backup may hold, and nothing else: names in an archive are not to be trusted."""
    wanted = [
        member
        for member in archive.infolist()
        if member.filename in (DATABASE, SETTINGS, MANIFEST) or _BLOB.fullmatch(member.filename)
    ]
    refuse_without_room(sum(member.file_size for member in wanted), folder)
    for member in wanted:
        target = folder / member.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as reader, target.open("xb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
