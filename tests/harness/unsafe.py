"""Deliberate faults, put into the app's process to show that a harness sees them. Never used otherwise."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kb.knowledge_base.library import LibraryService
from kb.state.blobs import BlobStore
from kb.state.db import Database
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
    """A deleted document's row goes and its file stays."""
    _exchange(BlobStore, "remove", lambda *_: None)


def _exchange(owner: type, name: str, method: object) -> None:
    setattr(owner, name, method)


UNSAFE: dict[str, Callable[[], None]] = {
    "commit-later": commit_later,
    "delete-later": delete_later,
    "leave-files": leave_files,
}
"""Name -> what puts the fault in."""
