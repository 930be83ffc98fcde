"""Keeps a data folder to the account that owns it: whoever can read it has all documents and answers."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from kb.system.home_layout import HomeLayout

log = logging.getLogger(__name__)

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
PRIVATE_UMASK = 0o077


def make_private(home: Path) -> bool:
    """Takes from other accounts what they may do with ``home`` and what is ours in it; whether they could enter.

    Looks through the whole folder only where ``home`` or its database is open to others; else at the files right in
    it alone, since an editor makes settings, with the keys in them, as readable as anything. What of it belongs to
    somebody else is left, and logged.
    """
    if os.name != "posix":
        return False
    layout = HomeLayout(home)
    was_open = _is_open(home)
    is_whole_folder = was_open or _is_open(layout.database)
    _close(home)
    for named in layout.everything():
        for path in _below(named) if is_whole_folder else (named,):
            _close(path)
    return was_open


def _below(path: Path) -> Iterator[Path]:
    """``path`` and everything under it; links are not followed."""
    yield path
    if not path.is_symlink():
        for folder, folders, files in os.walk(path):
            yield from (Path(folder) / name for name in (*folders, *files))


def _is_open(path: Path) -> bool:
    try:
        return bool(path.lstat().st_mode & _OTHERS)
    except FileNotFoundError:
        return False


def _close(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
        if mode & _OTHERS and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    except FileNotFoundError:
        return  # it went while we looked
    except PermissionError as error:
        log.warning("this stays readable for others", extra={"path": str(path), "reason": error.strerror})
