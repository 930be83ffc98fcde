"""Which data folder this is, for servers that keep indexes of several."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path


def library_id(file: Path) -> str:
    """Returns 16 hexadecimal digits kept in ``file``, made by the first call.

    A copy of the folder is another library: the file remembers its number on the disk, which a copy does not have.
    Restoring a backup and moving the folder on its disk keep the id.
    """
    with suppress(OSError, ValueError):
        known, inode = file.read_text(encoding="ascii").split()
        if int(inode) == file.stat().st_ino:
            return known
    made = secrets.token_hex(8)
    part = file.with_suffix(".part")
    part.write_text("", encoding="ascii")
    part.write_text(f"{made} {part.stat().st_ino}\n", encoding="ascii")
    part.replace(file)
    return made
