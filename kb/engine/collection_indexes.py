"""The indexes of the vectors that collections have of their own: one for each embedder, for all that chose it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kb.index.collection_index import CollectionIndex, drop_all_but
from kb.state.db import Database
from kb.system.home_layout import HomeLayout
from kb.types import Finding

if TYPE_CHECKING:
    from kb.types import Fingerprint

_NAMED = 3


class CollectionIndexes:
    """Opens each index when its embedder is, lets it follow the database, and removes it when no collection has it."""

    def __init__(self, home: Path, database: Database) -> None:
        self._home = home
        self._database = database
        self._lock = threading.RLock()
        self._open: dict[str, CollectionIndex] = {}
        self._followed: tuple[int, Mapping[str, tuple[str, ...]]] = (0, {})
        """The version of the database, and the collections of each, that they were last brought to."""

    def of(self, fingerprint: Fingerprint) -> CollectionIndex:
        """Returns the index for the vectors of an embedder, opened or begun."""
        with self._lock:
            if fingerprint.key not in self._open:
                self._open[fingerprint.key] = CollectionIndex(self._home, fingerprint, self._database)
            return self._open[fingerprint.key]

    def keep_only(self, fingerprints: Collection[Fingerprint]) -> None:
        """Removes every index of another embedder."""
        kept = {fingerprint.key for fingerprint in fingerprints}
        with self._lock:
            for key in self._open.keys() - kept:
                self._open.pop(key).drop()
            drop_all_but(HomeLayout(self._home), fingerprints)

    def follow(self, collections: Mapping[str, tuple[str, ...]], *, stopped: Callable[[], bool]) -> None:
        """Brings each to what the database has of its collections, given by the key of the embedder."""
        now = self._database.data_version(), collections
        if now == self._followed and all(index.is_whole for index in self._open.values()):
            return
        for key, names in collections.items():
            if (index := self._open.get(key)) is not None:
                index.follow(names, stopped=stopped)
        if not stopped():
            self._followed = now

    def findings(
        self, collections: Mapping[str, tuple[str, ...]], *, stopped: Callable[[], bool]
    ) -> Iterator[Finding]:
        """Yields for each what is wrong with it, or that nothing is."""
        for key, names in collections.items():
            if (index := self._open.get(key)) is None:
                continue
            model, said = index.fingerprint.model, _listed(names)
            wrong = []
            if lacking := index.lacking_vectors(names):
                wrong.append(f"{lacking:,} passages have no vector of it yet.")
            missing, extra = index.differences(names)
            if not index.is_whole:
                said += " (whose index is being built; exact search answers until then)"
            elif missing or extra:
                wrong.append(
                    f"{missing:,} passages are missing in its index and {extra:,} are there that should not be."
                )
            elif lost := index.unreachable(names, stopped=stopped):
                count = sum(map(len, lost.values()))
                wrong.append(f"{count:,} passages are not found in its index by their own words.")
            text = " ".join(wrong) or "Every passage has its vector and finds itself first."
            yield Finding("own vectors", not wrong, f"{said}, by {model}: {text}")

    def mend(self, collections: Mapping[str, tuple[str, ...]], *, stopped: Callable[[], bool]) -> None:
        """Brings each to what the database has, and adds again what does not find itself."""
        for key, names in collections.items():
            if (index := self._open.get(key)) is not None:
                index.mend(names, stopped=stopped)

    def close(self) -> None:
        """Closes all, to be found again by the next start."""
        with self._lock:
            for index in self._open.values():
                index.close()
            self._open.clear()


def _listed(names: Collection[str]) -> str:
    shown = ", ".join(sorted(names)[:_NAMED])
    more = " …" if len(names) > _NAMED else ""
    return f"{'Collection' if len(names) == 1 else 'Collections'} {shown}{more}"
