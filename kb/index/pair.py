"""Both derived indexes of one embedder: opened, completed in the background, rebuilt when in doubt."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kb.backends import LEXICAL_INDEXES, VECTOR_STORES, load
from kb.config import StorageSettings
from kb.errors import BackendDown, Damaged, DiskFull
from kb.index.moving import MovingParts, finish, move
from kb.index.resilient_lexical import ResilientLexicalIndex
from kb.index.resilient_vector import ResilientVectorStore
from kb.index.writer import IndexWriter
from kb.ports import IndexLifecycle, VectorSearch, VectorStore
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.job_steps import Steps
from kb.state.moves import Moves
from kb.state.vectors import Vectors
from kb.system.home_layout import HomeLayout
from kb.types import Fingerprint

if TYPE_CHECKING:
    from kb.types import Vector

log = logging.getLogger(__name__)

_AT_ONCE = 1000
"""Chunks up to which an index is made whole before anybody is answered: about two seconds."""
_FEWEST_DELETED = 2000
"""Chunks that may be deleted from the vector index before it is rebuilt: a few megabytes of memory."""
_LOOK_FOR_VECTORS_SECONDS = 5.0


class IndexPair:
    """Both derived indexes of one embedder and their writer; ``repair`` completes them."""

    def __init__(
        self,
        home: Path,
        fingerprint: Fingerprint,
        *,
        store: StorageSettings,
        database: Database,
        steps: Steps,
        chunks: Chunks,
        fewest_deleted: int = _FEWEST_DELETED,
        beside: IndexPair | None = None,
    ) -> None:
        """Opens them, or begins empty ones where there are none or they are in doubt.

        ``store`` names a vector store in ``kb.backends``, and its server where it has one; from ``fewest_deleted`` rows
        that were deleted from it on, it may be rebuilt. ``beside`` is the pair of another embedder that is open: its
        words are shared, and its vectors where both embedders' indexes hold the same.

        Raises:
            Misconfigured: there is no such store, or its server is not told.
        """
        self.home = home
        self.fingerprint = fingerprint
        """Of the embedder whose vectors they hold."""
        self.storage = store
        """The settings of the store in use; ``move`` changes them."""
        self.vectors = Vectors(database, fingerprint)
        self.chunks = chunks
        self._fewest_deleted = fewest_deleted
        lifecycle = vector_lifecycle(store, home, fingerprint)
        self.store: ResilientVectorStore = (
            beside.store
            if beside is not None and beside.fingerprint.key == fingerprint.key
            else ResilientVectorStore(lifecycle, exact=streamed(database, fingerprint))
        )
        self.lexical: ResilientLexicalIndex = (
            ResilientLexicalIndex(load(LEXICAL_INDEXES, "tantivy")(HomeLayout(home)))
            if beside is None
            else beside.lexical
        )
        self.index: IndexWriter = IndexWriter(
            documents=Documents(database),
            steps=steps,
            chunks=chunks,
            vectors=self.vectors,
            store=self.store,
            lexical=self.lexical,
            width=fingerprint.width,
            moves=Moves(database),
            beside=None if beside is None else beside.index,
        )
        self._mending = threading.Lock()
        self._progress: tuple[int, int] | None = None
        self._is_compared = True
        """False where the comparison at opening found no space to repair, or no server."""
        self._away: str | None = None
        """Why the server that keeps the vectors is not used now; None where it is, or there is none."""
        self._awaited = 0.0
        """When to look again whether everything is embedded, in seconds of the monotonic clock."""

    @contextmanager
    def unmended(self) -> Iterator[None]:
        """Within it nothing is repaired, which may remove what stands beside it."""
        with self._mending:
            yield

    @property
    def is_whole(self) -> bool:
        return self.store.is_whole and self.lexical.is_whole

    def open_up(self) -> None:
        """Completes them at once where that is quick; otherwise ``repair`` has to be called in the background."""
        if self.store.is_whole:
            finish(self._moving(), self.storage)
        if self.is_whole or self.chunks.count_live() <= _AT_ONCE:
            try:
                self._mend(lambda: False)
            except BackendDown as error:
                log.warning(
                    "the search index is compared with the library later", extra={"reason": str(error)}
                )
                self._note_absence(error)

    def repair(self, stopped: Callable[[], bool]) -> None:
        """Completes them, if they are not whole; others go on meanwhile."""
        try:
            self._repair(stopped)
        except DiskFull:
            raise
        except BackendDown as error:
            if self._away is None:  # once, and not each second
                log.warning("exact search answers until the server does", extra={"reason": str(error)})
            self._note_absence(error)
        else:
            self._away = None

    def _note_absence(self, error: BackendDown) -> None:
        self._is_compared = False  # it may have lost rows, or be another one when it is back
        if not isinstance(error, DiskFull):
            self._away = str(error)

    def _repair(self, stopped: Callable[[], bool]) -> None:
        for index in (self.store, self.lexical):
            index.look()
        if self._is_mostly_deleted():
            log.info("the index of vectors is built anew: most of what was in it has been deleted")
            self.store.rebuild()
        if not (self.is_whole and self._is_compared) and time.monotonic() >= self._awaited:
            self.store.open()
            self.lexical.open()
            self._mend(stopped)
            self._is_compared = True

    def status(self) -> str | None:
        """Returns a sentence about the progress of building, or why not; None while both are whole."""
        if self._away is not None:
            return (
                f"{self._away} Exact search over this library's own copy of the vectors answers until then."
            )
        if self.is_whole:
            return None
        if self._progress is None:
            return "The search index is not whole yet. Exact search answers until then."
        done, total = self._progress
        return f"The search index is being built: {done:,} of {total:,} passages. Exact search answers until then."

    def lacking_vectors(self) -> int:
        """Returns how many published chunks have no vector and are not queued to get one."""
        return self.vectors.count_lacking(unless_queued=True)

    def differences(self) -> list[tuple[str, int | None, int]]:
        """Returns for each index its name, the number of chunks it lacks (None while built), and of surplus ones."""
        found: list[tuple[str, int | None, int]] = []
        for name, is_whole, (lacking, extra) in zip(
            ("index of vectors", "index of words"),
            (self.store.is_whole, self.lexical.is_whole),
            self.index.differences(),
            strict=True,
        ):
            found.append((name, lacking if is_whole else None, extra))
        return found

    def rebuild(self, reason: str, stopped: Callable[[], bool]) -> None:
        """Discards both and rebuilds them from SQLite."""
        self.store.discard(reason)
        self.lexical.discard(reason)
        self._mend(stopped)

    def close(self) -> None:
        self.store.close()
        self.lexical.close()

    def move(
        self,
        target: StorageSettings,
        *,
        keep: Callable[[], None],
        stopped: Callable[[], bool],
        report: Callable[[int, int], None],
    ) -> bool:
        """Moves the index of vectors to another store; arguments, result and errors as of ``kb.index.moving.move``."""
        with self._mending:
            is_removed = move(self._moving(), self.storage, target, keep=keep, stopped=stopped, report=report)
            self.storage = target
            self._away = None
        return is_removed

    def _moving(self) -> MovingParts:
        return MovingParts(
            HomeLayout(self.home),
            partial(vector_lifecycle, home=self.home, fingerprint=self.fingerprint),
            self.index,
            self.store,
        )

    def _is_mostly_deleted(self) -> bool:
        """Returns whether more rows were deleted from the vector index than are in it.

        HNSW only marks a row as deleted: it keeps its memory and its place in the graph. 30,000 rows that came and
        went over 1,000 left 48 MB and made adding six times as slow; a rebuilt index has neither.
        """
        deleted = self.store.deleted
        return self.store.is_whole and deleted > self._fewest_deleted and deleted > self.chunks.count_live()

    def _mend(self, stopped: Callable[[], bool]) -> None:
        with self._mending:
            repairs = self.index.reconcile(stopped=stopped, report=self._report)
            while repairs.added and not stopped():  # until nothing was lacking: one may have broken meanwhile
                repairs = self.index.reconcile(stopped=stopped, report=self._report)
            self._progress = None
            if stopped():
                return
            if not self.lexical.is_whole:
                self.lexical.complete()
            if self.store.is_whole:
                return
            if self.vectors.count_lacking():
                self._awaited = time.monotonic() + _LOOK_FOR_VECTORS_SECONDS
            else:
                self.store.complete()
                finish(self._moving(), self.storage)

    def _report(self, done: int, total: int) -> None:
        self._progress = done, total


def streamed(database: Database, fingerprint: Fingerprint) -> VectorSearch:
    """Exact search over the stored vectors of an embedder."""
    from kb.index.vector.exact import StreamedSearch

    return StreamedSearch(partial(Vectors(database, fingerprint).blocks, width=fingerprint.width))


class _EitherSearch:
    """An index, and exact search where it fails: for one that nobody mends any more."""

    def __init__(self, index: VectorSearch, exact: VectorSearch) -> None:
        self._index = index
        self._exact = exact

    def search(self, vector: Vector, k: int, *, collection: str | None = None) -> list[tuple[int, float]]:
        try:
            return self._index.search(vector, k, collection=collection)
        except (BackendDown, Damaged) as error:
            log.warning("exact search answers", extra={"reason": str(error)})
            return self._exact.search(vector, k, collection=collection)


def former_search(
    home: Path, fingerprint: Fingerprint, *, store: StorageSettings, database: Database
) -> VectorSearch:
    """Returns the index of an embedder that was in use before, or exact search over its vectors."""
    lifecycle = vector_lifecycle(store, home, fingerprint)
    exact = streamed(database, fingerprint)
    try:
        if (found := lifecycle.find()) is None:
            return exact
        opened = lifecycle.open(found.place)
    except (BackendDown, Damaged) as error:
        log.warning("exact search answers", extra={"reason": str(error)})
        return exact
    lifecycle.at_rest(found.place, deleted=found.deleted)
    return _EitherSearch(opened, exact)


def vector_lifecycle(
    store: StorageSettings, home: Path, fingerprint: Fingerprint
) -> IndexLifecycle[VectorStore]:
    """Returns how the store of the settings keeps its indexes; raises as ``kb.backends.load`` and its factory do."""
    lifecycle: IndexLifecycle[VectorStore] = load(VECTOR_STORES, store.vectors, setting="storage.vectors")(
        HomeLayout(home), fingerprint, store
    )
    return lifecycle
