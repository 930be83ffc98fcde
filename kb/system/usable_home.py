"""Whether a folder can be a data folder, found before anything is opened in it: engines have no words for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from kb.errors import Misconfigured
from kb.system.home_layout import HomeLayout

_INSTEAD = "or name another folder with --home or FOOTNOTE_HOME"


def make_usable_home(home: Path) -> None:
    """Makes the folder, if it is not there.

    Raises:
        Misconfigured: it cannot be made, read or written, or something else stands where its files belong; the
            message names what, and says what to do.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise Misconfigured(
            f"The data folder {home} cannot be made: there is a file of that name. Move it away, {_INSTEAD}."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or error
        raise Misconfigured(f"The data folder {home} cannot be made: {why}. Allow it, {_INSTEAD}.") from error
    layout = HomeLayout(home)
    for path in (layout.database, layout.lock, layout.instance, layout.reserve):
        _require(path, Path.is_file, "file")
    for path in (layout.blobs, layout.names, *layout.indexes, layout.backups, layout.models, layout.uploads):
        _require(path, Path.is_dir, "folder")
    for path in (home, layout.database, layout.lock):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            raise Misconfigured(
                f"{path} cannot be written by the user who runs Footnote, or its disk is read-only. "
                f"Allow it, {_INSTEAD}."
            )


def _require(path: Path, is_it: Callable[[Path], bool], wanted: str) -> None:
    if (path.exists() or path.is_symlink()) and not is_it(path):
        raise Misconfigured(
            f"{path} is not a {wanted}, and Footnote keeps a {wanted} of that name there. Move it away, {_INSTEAD}."
        )
