"""Deliberate faults, put into the app's process to show that a harness sees them. Never used otherwise."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kb.index import Index, Repairs
from kb.knowledge_base import KnowledgeBase
from kb.state.db import Database

_LATER_SECONDS = 0.3
_COMMIT_SECONDS = 0.03


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
    remove = KnowledgeBase.remove

    def acknowledge(kb: KnowledgeBase, document_ids: Sequence[str]) -> None:
        for document_id in document_ids:
            kb.document(document_id)  # NotFound is still said
        threading.Timer(_LATER_SECONDS, remove, [kb, list(document_ids)]).start()

    _exchange(KnowledgeBase, "remove", acknowledge)


def forget_early() -> None:
    """What has to go from the indexes is forgotten before it has gone, and a start believes the indexes."""

    def sweep(index: Index) -> None:
        while tombstones := index._chunks.tombstones():
            index._chunks.forget_tombstones(chunk_id for ids in tombstones.values() for chunk_id in ids)
            time.sleep(_LATER_SECONDS)
            for collection, ids in tombstones.items():
                index._store.delete(ids, collection=collection)
                index._lexical.delete(ids)
            index._lexical.commit()

    _exchange(Index, "sweep", sweep)
    _exchange(Index, "reconcile", lambda _: Repairs())


def _exchange(owner: type, name: str, method: object) -> None:
    setattr(owner, name, method)


UNSAFE: dict[str, Callable[[], None]] = {
    "commit-later": commit_later,
    "delete-later": delete_later,
    "forget-early": forget_early,
}
"""Name -> what puts the fault in."""
