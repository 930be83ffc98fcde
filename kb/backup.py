"""Backups of a data folder: made while it is in use, verified, linked so that seven take the room of one.

A backup is a folder, so that the original files in it can be hard links: they never change, and the
same file in ten backups is on the disk once. A name that ends in ``.zip`` makes the same thing as one
file, to be carried away.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from kb.config import secret_settings
from kb.disk import disk_full, free_bytes, room_faults
from kb.errors import BadInput, Conflict, Damaged
from kb.state.blobs import BlobStore, hash_of, sync_folder
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.integrity import snapshot

DATABASE = "footnote.db"
SETTINGS = "footnote.toml"
MANIFEST = "backup.json"
DAILY = "daily"

_FORMAT = 1
_BLOB = re.compile(r"blobs/([0-9a-f]{2})/(\1[0-9a-f]{62})")
_ROOM_TO_SPARE = 8 << 20
_PATIENCE_SECONDS = 600
_NO_LINKS = (
    errno.EXDEV,
    errno.EPERM,
    errno.EMLINK,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.EACCES,
    errno.EINVAL,
)


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself: its manifest, and where it is."""

    path: Path
    made: str
    """UTC, ISO 8601, to the microsecond: it orders them."""
    reason: str
    """``by hand``, ``daily`` or ``before schema N``."""
    schema: int
    database_sha256: str
    rows: Mapping[str, int]
    """How many rows each table has."""
    blobs: int
    blob_bytes: int
    missing: tuple[str, ...] = ()
    """SHA-256 of files that were missing or damaged in the data folder itself when it was made."""

    @property
    def documents(self) -> int:
        """How many documents it holds."""
        return self.rows.get("documents", 0)

    def as_json(self) -> dict[str, Any]:
        """The manifest, as it is written and as ``--json`` prints it."""
        return {"format": _FORMAT, **asdict(self), "path": str(self.path)}


class Backups:
    """The backups kept in a data folder, and how one is made."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.folder = home / "backups"

    def make(self, database: Database, blobs: BlobStore, *, reason: str, to: Path | None = None) -> Backup:
        """Makes a backup as of now and verifies it; the library may be used, and changed, meanwhile.

        ``to``: a folder in which the backup becomes a new folder, or the name of a ``.zip`` file;
        None keeps it in the data folder.

        Raises:
            BadInput: the file is there already, or ``to`` cannot be written.
            DiskFull: there is no room for it.
            Conflict: another process is making one.
            Damaged: what was written did not read back the same.
        """
        as_file = to is not None and to.suffix.lower() == ".zip"
        folder = self.folder if to is None or as_file else to.expanduser()
        if as_file and to is not None and to.exists():
            raise BadInput(f"{to} is there already. Name another file.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with room_faults("The backup cannot be made", folder), self._one_at_a_time():
                return self._make(database, blobs, reason=reason, folder=folder, file=to if as_file else None)
        except OSError as error:
            raise BadInput(
                f"The backup cannot be written to {to or folder}: {error.strerror or error}."
            ) from error

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Keeps other processes from making one, and clears away what one that died left behind."""
        self.folder.mkdir(exist_ok=True)
        try:
            with FileLock(self.folder / ".lock", thread_local=False).acquire(timeout=_PATIENCE_SECONDS):
                for path in self.folder.glob(".making-*"):
                    shutil.rmtree(path, ignore_errors=True)
                yield
        except Timeout:
            raise Conflict("Another backup is being made. Try again when it is done.") from None

    def _make(
        self, database: Database, blobs: BlobStore, *, reason: str, folder: Path, file: Path | None
    ) -> Backup:
        made = datetime.now(UTC)
        making = folder / f".making-{secrets.token_hex(6)}"
        making.mkdir()
        try:
            lacking = _copy_library(
                database, blobs, making, earlier=[backup.path for backup in listed(folder)]
            )
            _copy_settings(self._home / SETTINGS, making / SETTINGS)
            backup = _describe(making, made=made, reason=reason, lacking=lacking)
            verify(making, files=False)  # they were read just now
            if file is not None:
                return _zip(backup, file)
            final = _free_name(folder, made)
            making.rename(final)
            sync_folder(folder)
            return replace(backup, path=final)
        finally:
            shutil.rmtree(making, ignore_errors=True)

    def all(self) -> list[Backup]:
        """The finished backups in the data folder, newest first."""
        return listed(self.folder)

    def newest_sound(self) -> Backup | None:
        """The newest backup that can be verified; None where there is none."""
        for backup in self.all():
            try:
                return verify(backup.path)
            except Damaged:
                continue
        return None

    def is_due(self, now: datetime) -> bool:
        """Whether the newest daily backup is older than a day."""
        made = [datetime.fromisoformat(backup.made) for backup in self.all() if backup.reason == DAILY]
        return not made or now - max(made) >= timedelta(days=1)

    def prune(self, keep: int) -> None:
        """Removes all but the newest ``keep`` daily backups; those made by hand or before a migration stay."""
        for backup in [backup for backup in self.all() if backup.reason == DAILY][keep:]:
            shutil.rmtree(backup.path, ignore_errors=True)


def listed(folder: Path) -> list[Backup]:
    """The finished backups in ``folder``, newest first; nothing is verified."""
    found = [
        _read_manifest(path.parent) for path in folder.glob(f"*/{MANIFEST}") if path.parent.name[0] != "."
    ]
    return sorted(
        (backup for backup in found if backup), key=lambda backup: (backup.made, backup.path), reverse=True
    )


def verify(folder: Path, *, files: bool = True) -> Backup:
    """Reads a whole backup and compares it with its manifest and its names; without ``files``, not those.

    Raises:
        Damaged: a file is missing or differs, or SQLite finds fault with the database.
    """
    backup = _read_manifest(folder)
    if backup is None:
        raise Damaged(f"{folder} is not a backup: it has no readable {MANIFEST}.")
    try:
        if hash_of(folder / DATABASE) != backup.database_sha256:
            raise Damaged(f"{folder / DATABASE} is not what was backed up.")
    except OSError as error:
        raise Damaged(f"{folder / DATABASE} cannot be read: {error.strerror or error}.") from error
    contents = snapshot(folder / DATABASE)
    if dict(contents.rows) != dict(backup.rows):
        raise Damaged(f"{folder / DATABASE} does not hold the rows that were backed up.")
    store = _blobs_of(folder)
    due = contents.blobs - set(backup.missing) if files else ()
    if wrong := sorted(sha256 for sha256 in due if not store.is_sound(sha256)):
        raise Damaged(f"{len(wrong)} files of {folder} are missing or damaged; the first is {wrong[0]}.")
    return backup


@contextmanager
def unpacked(source: Path, beside: Path) -> Iterator[Path]:
    """The folder of a backup, which ``source`` is or, if a ``.zip``, is unpacked to, beside ``beside``.

    Raises:
        BadInput: it is neither.
        Damaged: the archive is broken.
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
        with room_faults("The backup cannot be unpacked", beside), zipfile.ZipFile(source) as archive:
            _unpack(archive, folder)
        yield folder
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise Damaged(f"{source} is damaged: {error}.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- Making one -------------------------------------------------------------------------------


def _copy_library(database: Database, blobs: BlobStore, making: Path, *, earlier: Iterable[Path]) -> set[str]:
    """Fills ``making`` with the database as of now and the files it refers to; returns those that are not there.

    Files first, then the database, then the files that came between. Whatever is removed in the
    meantime is linked by then; only what was added and removed again within the last step is a
    reason to copy the database once more.
    """
    sources = [blobs, *(_blobs_of(folder) for folder in earlier)]
    target = _blobs_of(making)
    for sha256 in blobs.hashes():
        _take(sha256, sources, target)
    documents = Documents(database)
    while True:
        (making / DATABASE).unlink(missing_ok=True)
        _refuse_without_room(database.path.stat().st_size, making)
        database.copy_to(making / DATABASE)
        needed = snapshot(making / DATABASE).blobs
        lacking = {sha256 for sha256 in needed if not _take(sha256, sources, target)}
        if lacking <= documents.blobs_in_use():
            break
    for sha256 in target.hashes() - needed:
        target.remove(sha256)
    return lacking


def _take(sha256: str, sources: Iterable[BlobStore], target: BlobStore) -> bool:
    """Brings a file into ``target``: as a link where the file system can, else as a copy; False if nobody has it."""
    path = target.path(sha256)
    if path.exists():
        return True
    path.parent.mkdir(exist_ok=True)
    return any(link_or_copy(source.path(sha256), path) for source in sources)


def link_or_copy(source: Path, target: Path) -> bool:
    """Makes ``target`` the same file as ``source``, or a copy of it; False when ``source`` is not there."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _copy(source, target)
    return True


def _copy(source: Path, target: Path) -> bool:
    part = target.with_name(f"{target.name}.part")
    try:
        _refuse_without_room(source.stat().st_size, target)
        with source.open("rb") as reader, part.open("xb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fsync(writer.fileno())
        part.replace(target)
    except FileNotFoundError:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def _refuse_without_room(needed: int, folder: Path) -> None:
    if free_bytes(folder) < needed + _ROOM_TO_SPARE:
        raise disk_full("The backup cannot be made", folder, needed=needed + _ROOM_TO_SPARE)


def _copy_settings(source: Path, target: Path) -> None:
    """The settings without the keys: a backup is copied to places where keys have no business."""
    try:
        settings = tomllib.loads(source.read_text(encoding="utf-8"))
    except (FileNotFoundError, tomllib.TOMLDecodeError):
        return
    kept = {name: value for name, value in settings.items() if name not in secret_settings()}
    # settings are plain values, which JSON and TOML write alike
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in kept.items()]
    target.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _describe(making: Path, *, made: datetime, reason: str, lacking: set[str]) -> Backup:
    """Reads what was written and puts it into a manifest beside it."""
    contents = snapshot(making / DATABASE)
    store = _blobs_of(making)
    unsound = {sha256 for sha256 in contents.blobs - lacking if not store.is_sound(sha256)}
    backup = Backup(
        path=making,
        made=made.isoformat(timespec="microseconds"),
        reason=reason,
        schema=contents.schema,
        database_sha256=hash_of(making / DATABASE),
        rows=contents.rows,
        blobs=len(contents.blobs - lacking),
        blob_bytes=sum(store.path(sha256).stat().st_size for sha256 in contents.blobs - lacking),
        missing=tuple(sorted(lacking | unsound)),
    )
    with (making / MANIFEST).open("w", encoding="utf-8") as writer:
        manifest = backup.as_json()
        del manifest["path"]
        json.dump(manifest, writer, ensure_ascii=False, indent=2)
        writer.flush()
        os.fsync(writer.fileno())
    sync_folder(making)
    return backup


def _free_name(folder: Path, made: datetime) -> Path:
    name = f"footnote-{made:%Y%m%d-%H%M%S}"
    return next(
        path
        for number in count(1)
        if not (path := folder / (name if number == 1 else f"{name}-{number}")).exists()
    )


# --- Reading one ------------------------------------------------------------------------------


def _blobs_of(folder: Path) -> BlobStore:
    return BlobStore(folder / "blobs")


def _read_manifest(folder: Path) -> Backup | None:
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if said.pop("format") != _FORMAT:
            return None
        return Backup(**{**said, "path": folder, "missing": tuple(said["missing"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None  # whatever is wrong with it, it is no manifest


# --- As one file ------------------------------------------------------------------------------


def _zip(backup: Backup, file: Path) -> Backup:
    """Writes the backup as one file and reads that back."""
    part = file.with_name(f"{file.name}.part")
    try:
        _refuse_without_room(_size(backup.path), file.parent)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(path for path in backup.path.rglob("*") if path.is_file()):
                archive.write(path, path.relative_to(backup.path).as_posix())
        _verify_zip(part, backup)
        part.replace(file)
        sync_folder(file.parent)
    finally:
        part.unlink(missing_ok=True)
    return replace(backup, path=file)


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
    _refuse_without_room(sum(member.file_size for member in wanted), folder)
    for member in wanted:
        target = folder / member.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as reader, target.open("xb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
