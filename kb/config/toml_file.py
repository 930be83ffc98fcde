"""Reads ``footnote.toml``, as editors leave it."""

from __future__ import annotations

import codecs
import stat
import tomllib
from pathlib import Path
from typing import Any

from kb.errors import Misconfigured

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MOST_BYTES = 1 << 20
_MOST_LEVELS = 8
"""The settings need three; what reads them further on goes a level at a time into the other."""


def read_toml(file: Path) -> dict[str, Any]:
    """Returns the values of the file; empty where there is none.

    Raises:
        Misconfigured: it cannot be read; the message names the file, and the line where one is at fault.
    """
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise Misconfigured(
                f"{file} is not a file. Remove it; the settings are read from a file of this name."
            )
        with file.open("rb") as reader:
            held = reader.read(_MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):  # the second is for whoever opens the data folder
        return {}
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name of the folder
        why = getattr(error, "strerror", None) or error
        raise Misconfigured(f"{file} cannot be read: {why}. Let yourself read it, or remove it.") from error
    if len(held) > _MOST_BYTES:
        raise Misconfigured(f"{file} is larger than 1 MB, and so no file of settings. Remove it.")
    return _parsed(_text(held, file), file)


def _text(held: bytes, file: Path) -> str:
    if held.startswith(_UTF_16):
        raise Misconfigured(f"{file} is saved as UTF-16. Save it as UTF-8.")
    held = held.removeprefix(codecs.BOM_UTF8)  # Windows' Notepad begins a file with it
    try:
        return held.decode()
    except UnicodeDecodeError as error:
        line = held.count(b"\n", 0, error.start) + 1
        raise Misconfigured(
            f"Line {line} of {file} holds a character that is not UTF-8. Save the file as UTF-8, not as Latin-1."
        ) from error


def _parsed(text: str, file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(text)
        if _levels(values) > _MOST_LEVELS:
            raise ValueError("nested deeper than any setting")
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{file} is not TOML: {error}. Mend or remove that line.") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, tables thousands deep
        raise Misconfigured(
            f"{file} holds a value that is no setting: too long a number, or too deeply nested. Remove it."
        ) from error
    return values


def _levels(values: dict[str, Any]) -> int:
    """Returns how deep the tables lie in each other: 1 for one without others."""
    levels, inner = 0, [values]
    while inner:
        levels += 1
        inner = [value for table in inner for value in table.values() if isinstance(value, dict)]
    return levels
