"""The bundled model, unpacked once for all tests and all runs."""

from __future__ import annotations

import getpass
import hashlib
import inspect
import tempfile
from functools import cache
from pathlib import Path

from kb.models.embed import bundled, charsmap, packed
from kb.models.embed.converted import kept_folder
from kb.models.embed.local import LocalEmbedder


@cache
def bundled_folder() -> Path:
    """The unpacked folder, with its converted file made. It is made anew when the code that unpacks it changes."""
    code = "".join(inspect.getsource(module) for module in (bundled, packed, charsmap))
    name = f"footnote-tests-{getpass.getuser()}-{hashlib.sha256(code.encode()).hexdigest()[:12]}"
    folder = bundled.unpack(Path(tempfile.gettempdir()) / name)
    LocalEmbedder(folder, device="cpu", engine="auto", kept=kept_folder(folder.parent)).prepare()
    return folder


def bundled_home(home: Path) -> Path:
    """``home`` as a data folder that has the bundled model."""
    (home / "models").mkdir(parents=True)
    (home / "models" / bundled.NAME).symlink_to(bundled_folder(), target_is_directory=True)
    return home
