"""Original files that no document of the database names: taken in again or set aside, never removed.

A file goes only with the last document that has it, in the transaction that removes that document. What lies
in the store besides is there because the database is not what it was: an older one, another one, a damaged one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kb.config import DEFAULT_COLLECTION
from kb.state.blobs import Blob, BlobStore, sync_folder
from kb.state.documents import Documents
from kb.state.notices import Notices
from kb.system.home_layout import HomeLayout
from kb.types import Origin

log = logging.getLogger(__name__)

_KINDS = (
    (b"%PDF-", ".pdf"),
    (b"PK\x03\x04", ".docx"),
    (b"<!DOCTYPE html", ".html"),
    (b"<!doctype html", ".html"),
    (b"<html", ".html"),
)
"""How the files that lost their names begin, and the ending by which they are read again."""
_NAMED = 3
"""How many documents a sentence names."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Documents that were made of files which had none."""

    names: Sequence[str] = ()
    nameless: int = 0
    """How many of the files had no name left."""


def claim_files(home: Path, documents: Documents, blobs: BlobStore, notices: Notices) -> None:
    """Sees to every stored file that no document names, and says so; for the process that holds the folder.

    Those whose names are known were acknowledged, or were about to be: they are imported anew, and nothing is set
    aside as long as there are any, since then the database knows less than the notes. The others are set aside.
    """
    unknown = blobs.hashes() - documents.blobs_in_use()
    named = [sha256 for sha256 in sorted(unknown) if blobs.was_remembered(sha256) and blobs.is_sound(sha256)]
    if named:
        taken = take_in(documents, blobs, named)
        notices.add(
            f"{len(named)} original files belonged to no document of the database: {_some(taken.names)}. "
            "They are being imported anew. Was the database replaced by an older one? Then look through the list: "
            "what was removed since that one was made may be there again."
        )
        return
    blobs.drop_notes_of_nothing(documents.blobs_in_use())
    if unknown:
        folder = set_aside(home, blobs, unknown)
        notices.add(
            f"{len(unknown)} files in the store belonged to no document, and nothing says what they were called. "
            f"They were moved to {folder}. `app.py check --repair` takes them in again; remove the folder if you do "
            "not want them."
        )


def take_in(
    documents: Documents,
    blobs: BlobStore,
    hashes: Iterable[str],
    *,
    names: Mapping[str, Sequence[Origin]] | None = None,
) -> TakenIn:
    """Queues stored files for import, under what ``names`` and their notes say of them; unsound ones are left.

    In the order in which they came, so that of two versions the later one stays.
    """
    taken: list[str] = []
    nameless = 0
    for sha256 in sorted(hashes, key=lambda sha256: blobs.path(sha256).stat().st_mtime_ns):
        if not blobs.is_sound(sha256):
            continue
        known = list((names or {}).get(sha256, ()))
        known += [origin for origin in blobs.remembered(sha256) if origin not in known]
        nameless += not known
        path = blobs.path(sha256)
        blob = Blob(sha256, path.stat().st_size)
        for origin in known or [Origin(_made_up_name(path), DEFAULT_COLLECTION)]:
            blobs.remember(sha256, origin)
            documents.add(blob, origin)
            taken.append(origin.name)
    if taken:
        log.warning("files without a document are imported anew", extra={"documents": len(taken)})
    return TakenIn(taken, nameless)


def set_aside_files(home: Path) -> list[Path]:
    """Returns the files that were set aside and whose bytes are still what their names say."""
    return [
        store.path(sha256) for store in _asides(home) for sha256 in store.hashes() if store.is_sound(sha256)
    ]


def take_back(home: Path, documents: Documents, blobs: BlobStore) -> None:
    """Takes what was set aside into the library again, under made-up names: no others are known."""
    back = set()
    for file in set_aside_files(home):
        target = blobs.path(file.name)
        target.parent.mkdir(exist_ok=True)
        file.replace(target)
        sync_folder(target.parent)
        back.add(file.name)
    take_in(documents, blobs, back - documents.blobs_in_use())


def set_aside(home: Path, blobs: BlobStore, hashes: Iterable[str]) -> Path:
    """Moves stored files out of the store; returns the folder that they are in, laid out as a data folder is."""
    folder = HomeLayout(home).unclaimed / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    store = BlobStore(HomeLayout(folder).blobs)
    for sha256 in hashes:
        target = store.path(sha256)
        target.parent.mkdir(exist_ok=True)
        blobs.path(sha256).replace(target)
        sync_folder(target.parent)
    return folder


def _asides(home: Path) -> list[BlobStore]:
    return [BlobStore(HomeLayout(folder).blobs) for folder in sorted(HomeLayout(home).unclaimed.glob("*"))]


def _made_up_name(path: Path) -> str:
    with path.open("rb") as reader:
        begin = reader.read(1024).lstrip()
    suffix = next((suffix for magic, suffix in _KINDS if begin.startswith(magic)), ".txt")
    return f"recovered-{path.name[:8]}{suffix}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
