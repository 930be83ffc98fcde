"""Which files of the folders that were named are taken, and why each of the others is left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kb.system.regular_files import other_than_file

HIDDEN = "hidden"
EMPTY = "empty"

UnreadKind = Callable[[Path], "str | None"]
"""What a file is that should be left out; None for one to read. Raises OSError."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file, or a whole folder, that is not taken."""

    path: Path
    reason: str
    """As in "hidden", "a picture (PNG)"."""


@dataclass(slots=True)
class FolderFiles:
    """What was found, in order of path."""

    taken: list[Path] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def by_reason(self) -> dict[str, list[Path]]:
        """Returns reason -> what is left out for it; the most frequent first."""
        found: dict[str, list[Path]] = {}
        for each in self.left_out:
            found.setdefault(each.reason, []).append(each.path)
        return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def files_of(paths: Iterable[Path], *, unread_kind: UnreadKind) -> FolderFiles:
    """Returns the files named, whatever they are, and those of the folders named that can be read.

    A link to a file is followed; one to a folder is not, since it may lead anywhere, or back.
    """
    found = FolderFiles()
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112 - is_dir raises for a name that is too long
            found.taken.append(path)
            continue
        for file, reason in sorted(_walk(path, unread_kind)):
            if reason is None:
                found.taken.append(file)
            else:
                found.left_out.append(LeftOut(file, reason))
    return found


def _walk(folder: Path, unread_kind: UnreadKind) -> Iterator[tuple[Path, str | None]]:
    """Yields everything in the folder with the reason why it is left out; a folder left out stands for all in it."""
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            yield folder, f"a folder that cannot be opened ({error.strerror})"
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.name.startswith("."):
                yield path, HIDDEN
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            else:
                yield path, _reason(path, unread_kind)


def _reason(path: Path, unread_kind: UnreadKind) -> str | None:
    try:
        found = path.stat()
        if path.is_symlink() and path.is_dir():
            return "a link to a folder (not followed; name it to add what is in it)"
        if kind := other_than_file(found.st_mode):
            return kind
        return EMPTY if found.st_size == 0 else unread_kind(path)
    except FileNotFoundError:
        return "a link to nothing" if path.is_symlink() else "gone meanwhile"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
