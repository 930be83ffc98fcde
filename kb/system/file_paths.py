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
    r"""Returns the one absolute path of ``file``, from wherever it was named, in Unicode's composed form.

    Links in the folders above it are followed; the file itself keeps its own name. Bytes of a name that are not
    text become ``\x..``.
    """
    place = (file.parent.resolve() / file.name).as_posix()
    return unicodedata.normalize("NFC", os.fsencode(place).decode("utf-8", "backslashreplace"))


def sent_path(path: str) -> str:
    """Returns a path that somebody sent along with a file as a relative one, or nothing where it is a bare name."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return unicodedata.normalize("NFC", "/".join(parts)) if len(parts) > 1 else ""
