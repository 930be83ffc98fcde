"""Another embedder, or another width, takes over: its vectors and its index are made beside those that answer.

What ends the process on the way leaves the old index as it was, and the new vectors in SQLite, where the next attempt
finds them. The settings, which ``keep`` writes, decide which of the two answers; both are whole at that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kb.errors import BackendDown, Cancelled, Damaged
from kb.index.pair import IndexPair, vector_lifecycle
from kb.ports import Embedder
from kb.state.chunks import text_hash
from kb.state.db import Database
from kb.state.job_steps import Steps
from kb.types import Fingerprint

_WINDOW = 128
"""Passages between two commits: what a death can cost, and how far apart progress is shown."""
_FEW = 64
"""Passages that may still be lacking when imports are made to wait for the last of them."""
_SEARCHED = 2000
"""Passages that are searched for by their own vectors, evenly spaced; all where there are no more."""

Report = Callable[[str, int, int], None]
"""Is told the step (embedding, indexing, checking), how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What is being made, and what answers until it takes over."""

    old: IndexPair
    new: IndexPair
    embedder: Embedder
    """Of the new pair."""
    stopped: Callable[[], bool]
    report: Report

    @property
    def is_same_index(self) -> bool:
        """Whether both embedders compute the same vectors, so that there is nothing to make."""
        return self.new.store is self.old.store


def pair_beside(old: IndexPair, fingerprint: Fingerprint, database: Database, steps: Steps) -> IndexPair:
    """Returns the pair of another embedder, its index the one that was left when it was last in use, or an empty one.

    Raises:
        BackendDown, Misconfigured: the store cannot be had.
    """
    home = old.home
    if fingerprint.key != old.fingerprint.key:
        with old.unmended():
            if vector_lifecycle(old.storage, home, fingerprint).find() is None:
                old.store.remove_others()  # of attempts that were broken off, and of embedders longer ago
    return IndexPair(
        home,
        fingerprint,
        store=old.storage,
        database=database,
        steps=steps,
        chunks=old.chunks,
        beside=old,
    )


def build(beside: Beside) -> None:
    """Embeds what lacks vectors, fills the new index and searches it; everybody else goes on meanwhile.

    Raises:
        BackendDown, Misconfigured, BadInput: the embedder cannot be asked, or does not take a passage.
        Damaged: the new index does not find what it holds.
        Cancelled: it was stopped.
    """
    while embed_lacking(beside) > _FEW:  # what was imported meanwhile
        pass
    if beside.is_same_index:
        return
    with beside.old.unmended():
        _fill(beside)
        _search(beside)


@contextmanager
def taking_over(beside: Beside) -> Iterator[None]:
    """Within it both hold everything and nobody writes; after it, unless it raises, only the new pair is written to."""
    with beside.new.index.taking_over(beside.old.index):
        embed_lacking(beside)
        if not beside.is_same_index:
            _fill(beside)
        yield


def embed_lacking(beside: Beside) -> int:
    """Embeds the published chunks that have no vector of the new embedder, batch by batch; returns how many.

    Raises:
        BackendDown, Misconfigured, BadInput, Cancelled: as ``build``; what was embedded is stored.
    """
    vectors, chunks = beside.new.vectors, beside.new.chunks
    lacking = sorted(vectors.lacking_ids())
    for start in range(0, len(lacking), _WINDOW):
        _require_going_on(beside)
        part = chunks.by_id(lacking[start : start + _WINDOW])
        texts = {text_hash(chunk.embedded_text): chunk.embedded_text for chunk in part}
        if missing := vectors.missing(texts):
            found = beside.embedder.embed_documents([texts[key] for key in missing])
            vectors.put(missing, found, of_chunks=True)
        beside.report("embedding", min(start + _WINDOW, len(lacking)), len(lacking))
    return len(lacking)


def _fill(beside: Beside) -> None:
    """Makes the new index hold what is published; raises BackendDown where its server or the disk does not let it."""
    new = beside.new
    new.index.reconcile(
        stopped=beside.stopped, report=lambda done, total: beside.report("indexing", done, total)
    )
    _require_going_on(beside)
    new.store.complete(alone=False)


def _search(beside: Beside) -> None:
    index, chunks = beside.new.index, beside.new.chunks
    every = max(1, chunks.count_live() // _SEARCHED)

    def lost() -> dict[str, list[int]]:
        found = index.unreachable(
            stopped=beside.stopped,
            report=lambda done, total: beside.report("checking", done, total),
            every=every,
        )
        _require_going_on(beside)
        return found

    if again := lost():
        index.add_again(again)
        if still := lost():
            count = sum(map(len, still.values()))
            raise Damaged(f"{count} passages do not find themselves in the new index. The old one answers.")


def _require_going_on(beside: Beside) -> None:
    if beside.stopped():
        raise Cancelled("The change of the embedding model was stopped. The one before answers.")
    if not beside.is_same_index and beside.new.store.place == "":
        raise BackendDown("The new index of vectors cannot be kept: its server is away, or the disk is full.")
