"""How much room a data folder takes, by what takes it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from kb.system.home_layout import DATABASE, HomeLayout
from kb.types import SpaceUsed


def space_used(home: Path) -> list[SpaceUsed]:
    """Returns the bytes of each kind, the original files first. A file that a backup shares with them counts once."""
    layout = HomeLayout(home)
    kinds = {
        "originals": [layout.blobs, layout.unclaimed, layout.uploads],
        "database": sorted(home.glob(f"{DATABASE}*")),
        "indexes": list(layout.indexes),
        "models": [layout.models],
        "evaluation": [layout.evaluation],
        "backups": [layout.backups],
    }
    seen: set[tuple[int, int]] = set()
    found = {kind: sum(sum(_sizes(path, seen)) for path in paths) for kind, paths in kinds.items()}
    found["other"] = sum(sum(_sizes(path, seen)) for path in layout.everything())
    return [SpaceUsed(kind, count) for kind, count in found.items()]


def _sizes(path: Path, seen: set[tuple[int, int]]) -> Iterator[int]:
    """Yields the bytes of each file at or below ``path`` that is not in ``seen`` yet; links are not followed."""
    folders = [path]
    while folders:
        here = folders.pop()
        try:
            entries = list(os.scandir(here)) if here.is_dir() and not here.is_symlink() else []
            stats = [here.lstat()] if here.is_file() and not here.is_symlink() else []
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    stats.append(entry.stat(follow_symlinks=False))
        except OSError:  # it went while we looked
            continue
        for each in stats:
            if (each.st_dev, each.st_ino) not in seen:
                seen.add((each.st_dev, each.st_ino))
                yield each.st_size
