"""When two paths are the same place: as the file system sees it, however they were typed."""

from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path

FOLDS_CASE = sys.platform in ("darwin", "win32")
"""Whether the file systems of this machine usually take ``A.txt`` and ``a.txt`` for one file."""


def path_key(path: str, *, folds_case: bool = FOLDS_CASE) -> str:
    """Returns what is equal for two spellings of one path: macOS writes accents as letters of their own."""
    composed = unicodedata.normalize("NFC", path)
    return unicodedata.normalize("NFC", composed.casefold()) if folds_case else composed


def full_path(file: Path) -> str:
    r"""Returns the one absolute path of ``file``, from wherever it was named, spelled as it was named.

    Links in the folders above it are followed; the file itself keeps its own name. Bytes of a name that are not
    text become ``\x..``.
    """
    place = (file.parent.resolve() / file.name).as_posix()
    return os.fsencode(place).decode("utf-8", "backslashreplace")


def are_two_files(held: str, coming: str) -> bool:
    """Returns whether two paths of one key are two files now, as the file system on which they are has it.

    A path that leads to nothing any more was spelled otherwise since. Where ``coming`` itself leads nowhere, as for
    a file that is imported anew from its copy, nobody can tell, and they count as two: so neither replaces the other.
    """
    if held == coming:
        return False
    try:
        found = os.stat(coming)  # noqa: PTH116 - a path of a name that is no text is none to pathlib
    except (OSError, ValueError):
        return True
    try:
        return not os.path.samestat(os.stat(held), found)  # noqa: PTH116
    except (OSError, ValueError):
        return False


def sent_path(path: str) -> str:
    """Returns a path that somebody sent along with a file as a relative one, or nothing where it is a bare name."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return unicodedata.normalize("NFC", "/".join(parts)) if len(parts) > 1 else ""


def folder_of(path: str) -> str:
    """Returns the folder of a path with slashes, without one at its end; nothing for a bare name."""
    return path.rpartition("/")[0].rstrip("/")
