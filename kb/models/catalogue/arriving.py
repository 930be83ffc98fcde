"""A model that is on its way into the data folder: it counts when it is whole, and not before.

It is written to ``models/.arriving/NAME`` and renamed at the end, so that a process which is killed leaves nothing
that is taken for a model. What was begun is removed by the next that begins, but a download that can be resumed.
"""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from kb.errors import BadInput, Conflict
from kb.models.catalogue.checksums import Checksums
from kb.models.embed import bundled

_FOLDER = ".arriving"
_REMOVING = ".removing"
_LOCK = ".arriving.lock"
_NAME = re.compile(r'\w[^<>:"/\\|?*]*')
"""What every system takes as the name of a file: a person's own, with blanks, umlauts and brackets."""
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that Windows takes for something else."""
_MOST_BYTES = 200
"""Of a name in UTF-8, of the 255 that a file system takes with the ending that it has on its way."""
_OURS = frozenset({bundled.NAME.lower(), "served", "converted", "checksums.json"})


@contextmanager
def arrivals(models: Path) -> Iterator[Path]:
    """Yields the folder in which models arrive; one process at a time has it.

    Raises:
        Conflict: another is adding or removing a model.
    """
    models.mkdir(parents=True, exist_ok=True)
    lock = FileLock(models / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Conflict("Another command is adding or removing a model. Wait until it has ended.") from None
    try:
        folder = models / _FOLDER
        folder.mkdir(exist_ok=True)
        shutil.rmtree(models / _REMOVING, ignore_errors=True)
        yield folder
    finally:
        lock.release()


def clear(arriving: Path, *, keep: str = "") -> None:
    """Removes what an earlier process left; files whose names begin with ``keep`` stay, where that is not empty."""
    for path in arriving.iterdir():
        if keep and path.name.startswith(keep):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def checked_name(name: str) -> str:
    """Returns ``name``, composed (NFC), under which a model may lie in the data folder.

    Raises:
        BadInput: no model may have it.
    """
    composed = unicodedata.normalize("NFC", name)
    is_file_name = _NAME.fullmatch(composed) and composed.isprintable() and not composed.endswith((".", " "))
    if not is_file_name or composed.lower() in _OURS or _DEVICES.fullmatch(composed):
        raise BadInput(
            f"No model can be kept here under the name {name!r}. Give it another with --as, which begins with a letter "
            'or a digit and has none of < > : " / \\ | ? *.'
        )
    if len(composed.encode()) > _MOST_BYTES:
        raise BadInput(f"The name {name!r} is too long for a file. Give the model a shorter one with --as.")
    return composed


def require_new(models: Path, name: str) -> None:
    """Raises Conflict where ``models`` holds something of that name already."""
    if (models / name).exists() or (models / name).is_symlink():
        raise Conflict(
            f"There is a model {name!r} already. Give the new one another name with --as, or remove that one first."
        )


def settle(whole: Path, target: Path) -> None:
    """Renames what has arrived whole; it counts from here on."""
    if target.exists():
        raise Conflict(f"There is a model {target.name!r} already: it came meanwhile.")
    whole.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder outlive a power cut, where the system can."""
    if os.name == "nt":  # which opens no folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def discard(models: Path, path: Path) -> None:
    """Removes a model: gone under its name at once, then its bytes."""
    Checksums(models).forget(path)
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    removing = models / _REMOVING
    removing.mkdir(exist_ok=True)
    path.replace(removing / path.name)
    shutil.rmtree(removing, ignore_errors=True)
