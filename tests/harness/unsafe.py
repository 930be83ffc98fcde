"""Deliberate faults, put into the app's process to show that a harness sees them. Never used otherwise."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kb.knowledge_base import opening
from kb.knowledge_base.library import LibraryService
from kb.state.blobs import BlobStore
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.notices import Notices
from kb.types import Caller

_LATER_SECONDS = 0.3
_COMMIT_SECONDS = 0.15


def commit_later() -> None:
    """Every transaction is acknowledged first and committed a moment later: a kill in between loses it."""
    gate = threading.Lock()

    @contextmanager
    def write(database: Database) -> Iterator[sqlite3.Connection]:
        connection = database._writer
        gate.acquire()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            gate.release()
            raise
        threading.Timer(_COMMIT_SECONDS, commit, [connection]).start()

    def commit(connection: sqlite3.Connection) -> None:
        connection.execute("COMMIT")
        gate.release()

    _exchange(Database, "write", write)


def delete_later() -> None:
    """A removal is acknowledged first and carried out afterwards: a kill brings the document back."""
    remove = LibraryService.remove

    def acknowledge(library: LibraryService, document_ids: Sequence[str], *, caller: Caller) -> None:
        for document_id in document_ids:
            library.document(document_id, caller=caller)  # NotFound is still said
        threading.Timer(_LATER_SECONDS, remove, [library, list(document_ids)], {"caller": caller}).start()

    _exchange(LibraryService, "remove", acknowledge)


def leave_files() -> None:
    """A deleted document's row and the note of its name go, and its file stays."""
    _exchange(BlobStore, "remove", lambda store, sha256: store._note(sha256).unlink(missing_ok=True))


def sweep_files() -> None:
    """A start removes the files that its database does not name, whatever database that is."""

    def sweep(_home: Path, documents: Documents, blobs: BlobStore, _notices: Notices) -> None:
        for sha256 in blobs.hashes() - documents.blobs_in_use():
            blobs.remove(sha256)

    _exchange(opening, "claim_files", sweep)


def _exchange(owner: object, name: str, method: object) -> None:
    setattr(owner, name, method)


UNSAFE: dict[str, Callable[[], None]] = {
    "commit-later": commit_later,
    "delete-later": delete_later,
    "leave-files": leave_files,
    "sweep-files": sweep_files,
}
"""Name -> what puts the fault in."""
