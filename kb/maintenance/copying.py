"""Fills a backup from a library in use: files as links, the database as of now, the settings without keys."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kb.config import is_secret
from kb.maintenance.manifest import blobs_of
from kb.state.blobs import BlobStore
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.integrity import snapshot
from kb.system.addresses import login_of
from kb.system.disk import require_room
from kb.system.home_layout import HomeLayout
from kb.system.redact import names_secret

_ROOM_TO_SPARE = 8 << 20
_NO_LINKS = (
    errno.EXDEV,
    errno.EPERM,
    errno.EMLINK,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.EACCES,
    errno.EINVAL,
)


def copy_library(database: Database, blobs: BlobStore, making: Path, *, earlier: Iterable[Path]) -> set[str]:
    """Fills ``making`` with the database as of now and the files it refers to; returns those that are not there.

    Files first, then the database, then the files that came between. Whatever is removed in the
    meantime is linked by then; only what was added and removed again within the last step is a
    reason to copy the database once more.
    """
    sources = [blobs, *(blobs_of(folder) for folder in earlier)]
    target = blobs_of(making)
    for sha256 in blobs.hashes():
        _take(sha256, sources, target)
    documents, copy = Documents(database), HomeLayout(making).database
    while True:
        copy.unlink(missing_ok=True)
        refuse_without_room(database.path.stat().st_size, making)
        database.copy_to(copy)
        needed = snapshot(copy).blobs
        lacking = {sha256 for sha256 in needed if not _take(sha256, sources, target)}
        if lacking <= documents.blobs_in_use():
            break
    for sha256 in target.hashes() - needed:
        target.remove(sha256)
    return lacking


def copy_settings(source: Path, target: Path) -> None:
    """Copies the settings without the keys: a backup is copied to places where keys have no business."""
    try:
        settings = tomllib.loads(source.read_text(encoding="utf-8"))
    except (FileNotFoundError, tomllib.TOMLDecodeError):
        return
    target.write_text("\n".join([*_lines(settings), ""]), encoding="utf-8")


def _lines(table: Mapping[str, Any], *, within: str = "") -> list[str]:
    """Returns lines of TOML without the keys, the tables last; settings are plain values, which JSON and TOML write
    alike.
    """
    tables = {name: value for name, value in table.items() if isinstance(value, dict)}
    lines = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in table.items()
        if name not in tables
        and not is_secret(f"{within}{name}")
        and not names_secret(name)
        and not login_of(str(value))
    ]
    for name, values in tables.items():
        lines += [f"[{within}{name}]", *_lines(values, within=f"{within}{name}.")]
    return lines


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


def refuse_without_room(needed: int, folder: Path) -> None:
    """Raises DiskFull unless ``needed`` bytes, and some to spare, are free where ``folder`` is."""
    require_room("The backup cannot be made", folder, needed=needed + _ROOM_TO_SPARE)


def _take(sha256: str, sources: Iterable[BlobStore], target: BlobStore) -> bool:
    """Brings a file into ``target``: as a link where the file system can, else as a copy; False if nobody has it."""
    path = target.path(sha256)
    if path.exists():
        return True
    path.parent.mkdir(exist_ok=True)
    return any(link_or_copy(source.path(sha256), path) for source in sources)


def _copy(source: Path, target: Path) -> bool:
    part = target.with_name(f"{target.name}.part")
    try:
        refuse_without_room(source.stat().st_size, target)
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
