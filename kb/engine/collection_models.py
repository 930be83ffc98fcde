"""The embedders that collections have of their own, and their vectors, which are made beside those of the library.

The library's embedder embeds every passage, those of such collections too: it answers for a collection until the last
of its passages has a vector of its own embedder, whenever that is away, and from the moment on that the collection
is given back. So what is chosen is one row of the database, and no death of the process leaves anything to mend.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.config import EmbeddingSettings, Settings
from kb.engine.collection_indexes import CollectionIndexes
from kb.errors import BackendDown, FootnoteError, Misconfigured
from kb.index.collection_index import CollectionIndex
from kb.index.pair import streamed
from kb.models.embed.instructed import InstructedEmbedder
from kb.state.chunks import Chunks, text_hash
from kb.state.collection_embedders import Chosen, CollectionEmbedders
from kb.state.vectors import Vectors

if TYPE_CHECKING:
    from kb.answer.opening import Searched
    from kb.ports import Embedder, LexicalIndex, VectorSearch
    from kb.state.db import Database
    from kb.system.retired import Retired
    from kb.types import Finding, Fingerprint

log = logging.getLogger(__name__)

_WINDOW = 64
"""Passages between two commits."""
_TURN_SECONDS = 5.0
"""How long vectors are made before other periodic tasks have their turn."""
_AGAIN_SECONDS = 30.0
"""After which an embedder that could not be had is tried once more."""

Choose = Callable[[Settings], "tuple[Embedder, str]"]
Report = Callable[[int, int], None]
"""Is told how many passages of the collection have a vector, and how many it has."""


@dataclass(frozen=True, slots=True)
class LibrarySearch:
    """What the library itself is searched with."""

    embedder: Embedder
    store: VectorSearch
    lexical: LexicalIndex


def settings_of(chosen: Chosen, settings: Settings) -> Settings:
    """Returns ``settings`` with the embedder that ``chosen`` names; the key is for the library's server alone.

    Raises:
        Misconfigured: a former version wrote what this one does not know.
    """
    held = settings.embedding
    same_server = chosen.get("url") == held.url
    try:
        wanted = EmbeddingSettings.model_validate(
            {"idle_minutes": held.idle_minutes, "key": held.key if same_server else None, **chosen}
        )
    except ValueError as error:
        raise Misconfigured("What was set for this collection cannot be read. Set it once more.") from error
    return settings.model_copy(update={"embedding": wanted})


def embedder_of(chosen: Chosen, library: Embedder, settings: Settings, choose: Choose) -> Embedder:
    """Returns the embedder that ``chosen`` names, or that of the library with an instruction of its own.

    Raises:
        Misconfigured, BackendDown: it cannot be had.
    """
    if chosen.get("model") is None:
        return InstructedEmbedder(library, str(chosen["instruction"]))
    return choose(settings_of(chosen, settings))[0]


class CollectionModels:
    """Opens what collections have of their own, embeds what lacks vectors, and says which of them are whole."""

    def __init__(
        self,
        database: Database,
        *,
        settings: Callable[[], Settings],
        choose: Choose,
        retired: Retired,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._settings = settings
        self._choose = choose
        self._retired = retired
        self._clock = clock
        self._indexes = CollectionIndexes(settings().home, database)
        self._looking = threading.RLock()
        self._filling = threading.Lock()
        self._opened: dict[str, Searched] = {}
        """By what was chosen, as JSON: collections that chose the same share it."""
        self._library: LibrarySearch | None = None
        self._version = 0
        """Of the database, when it was last looked at."""
        self._ready: Mapping[str, Searched] = {}
        self._failed: dict[str, tuple[float, str]] = {}
        """What could not be had, when, and why, by what was chosen."""

    def ready(self) -> Mapping[str, Searched]:
        """Returns what each collection is searched with that has something of its own which is whole."""
        return self._ready

    def embedders(self) -> dict[str, Embedder]:
        """Returns the embedder of each of these."""
        return {collection: searched.embedder for collection, searched in self._ready.items()}

    def problem(self, collection: str) -> str | None:
        """Returns why the library's embedder answers for ``collection`` instead of its own; None: that is to come."""
        row = CollectionEmbedders(self._database).of(collection)
        failed = None if row is None or row.chosen is None else self._failed.get(_name(row.chosen))
        return None if failed is None else failed[1]

    def fingerprint(self, collection: str) -> Fingerprint | None:
        """Returns the fingerprint of what ``collection`` is searched with now; None where that is the library's."""
        searched = self._ready.get(collection)
        return None if searched is None else searched.embedder.fingerprint

    def look(self, library: LibrarySearch) -> None:
        """Opens what is chosen now and closes what is not, and finds out which collections are whole."""
        version = self._database.data_version()
        with self._looking:
            if self._library == library and version == self._version and not self._failed:
                return
            rows = [row for row in CollectionEmbedders(self._database).all() if row.chosen is not None]
            if self._library != library:
                self._close_opened()
                self._library = library
            wanted = {_name(row.chosen): row.chosen for row in rows if row.chosen is not None}
            for gone in self._opened.keys() - wanted.keys():
                self._retired.add(self._opened.pop(gone).embedder)
            for name, chosen in wanted.items():
                self._open(name, chosen, library)
            self._ready = {
                row.collection: searched
                for row in rows
                if row.chosen is not None
                and (searched := self._opened.get(_name(row.chosen))) is not None
                and (row.stored_key is None or not self._vectors(searched).lacking_ids(row.collection))
            }
            self._version = version
            if self._opened.keys() == wanted.keys():
                self._indexes.keep_only(
                    [
                        searched.embedder.fingerprint
                        for searched in self._opened.values()
                        if isinstance(searched.store, CollectionIndex)
                    ]
                )

    def complete(
        self, *, stopped: Callable[[], bool], collection: str | None = None, report: Report | None = None
    ) -> None:
        """Embeds what lacks vectors of its collection's own embedder: all of ``collection``, else for some seconds.

        Then their indexes are brought to what there is.

        Raises:
            BackendDown, Misconfigured, BadInput: an embedder cannot be asked, or does not take a passage; what was
                embedded is stored.
        """
        until = self._clock() + _TURN_SECONDS if collection is None else None
        with self._filling:
            for row in CollectionEmbedders(self._database).all():
                if row.chosen is None or row.stored_key is None or collection not in (None, row.collection):
                    continue
                name = _name(row.chosen)
                searched = self._opened.get(name)
                if searched is None or (collection is None and self._is_resting(name)):
                    continue
                try:
                    self._fill(row.collection, searched, stopped, until, report)
                except FootnoteError as error:
                    self._note_failure(name, error)
                    if collection is not None:
                        raise
                else:
                    self._failed.pop(name, None)
            self._indexes.follow(
                self._by_index(),
                stopped=lambda: stopped() or (until is not None and self._clock() >= until),
            )

    def findings(self, *, stopped: Callable[[], bool]) -> Iterator[Finding]:
        """Yields what a check finds of the vectors and the index of each embedder that collections have."""
        yield from self._indexes.findings(self._by_index(), stopped=stopped)

    def mend(self, *, stopped: Callable[[], bool]) -> None:
        """Embeds what lacks vectors, and makes their indexes whole; where an embedder cannot be had, that stays."""
        for row in CollectionEmbedders(self._database).all():
            with suppress(FootnoteError):  # ``problem`` says it
                self.complete(stopped=stopped, collection=row.collection)
        with self._filling:
            self._indexes.mend(self._by_index(), stopped=stopped)
        if self._library is not None:
            self.look(self._library)

    def _by_index(self) -> dict[str, tuple[str, ...]]:
        """Returns for each index, by the key of its embedder, the collections that are in it."""
        found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        for row in CollectionEmbedders(self._database).all():
            searched = None if row.chosen is None else self._opened.get(_name(row.chosen))
            if searched is not None and isinstance(searched.store, CollectionIndex):
                found[searched.embedder.fingerprint.key] += (row.collection,)
        return dict(found)

    def close(self) -> None:
        """Closes what was opened."""
        with self._looking:
            for searched in self._opened.values():
                searched.embedder.close()
            self._indexes.close()
            self._opened, self._ready, self._library = {}, {}, None

    def _open(self, name: str, chosen: Chosen, library: LibrarySearch) -> None:
        if name in self._opened or self._is_resting(name):
            return
        try:
            embedder = embedder_of(chosen, library.embedder, self._settings(), self._choose)
        except (BackendDown, Misconfigured) as error:
            self._note_failure(name, error)
            return
        its = embedder.fingerprint
        is_same = its.key == library.embedder.fingerprint.key
        store = library.store if is_same else self._search_of(its)
        from kb.answer.opening import Searched  # all that answers, which most commands need not load

        self._opened[name] = Searched(embedder, store, library.lexical, self._database)

    def _search_of(self, fingerprint: Fingerprint) -> VectorSearch:
        """Returns the index of an embedder, or exact search where the library has that."""
        if self._settings().storage.vectors == "exact":
            return streamed(self._database, fingerprint)
        return self._indexes.of(fingerprint)

    def _fill(
        self,
        collection: str,
        searched: Searched,
        stopped: Callable[[], bool],
        until: float | None,
        report: Report | None,
    ) -> None:
        vectors, chunks = self._vectors(searched), Chunks(self._database)
        lacking = sorted(vectors.lacking_ids(collection))
        heard, total = report or _unheard, len(chunks.published_ids().get(collection, ()))
        for start in range(0, len(lacking), _WINDOW):
            if stopped() or (until is not None and self._clock() >= until):
                return
            part = chunks.by_id(lacking[start : start + _WINDOW])
            texts = {text_hash(chunk.embedded_text): chunk.embedded_text for chunk in part}
            if missing := vectors.missing(texts):
                found = searched.embedder.embed_documents([texts[key] for key in missing])
                vectors.put(missing, found, of_chunks=True)
            heard(total - max(0, len(lacking) - start - _WINDOW), total)
        heard(total, total)

    def _vectors(self, searched: Searched) -> Vectors:
        return Vectors(self._database, searched.embedder.fingerprint)

    def _is_resting(self, name: str) -> bool:
        failed = self._failed.get(name)
        return failed is not None and self._clock() - failed[0] < _AGAIN_SECONDS

    def _note_failure(self, name: str, error: FootnoteError) -> None:
        if self._failed.get(name, (0.0, ""))[1] != str(error):
            log.warning("the library's embedder answers for a collection", extra={"reason": str(error)})
        self._failed[name] = self._clock(), str(error)

    def _close_opened(self) -> None:
        self._retired.add(*(searched.embedder for searched in self._opened.values()))
        self._opened, self._ready = {}, {}


def _unheard(done: int, total: int) -> None:
    """Ignores progress."""


def _name(chosen: Chosen) -> str:
    return json.dumps(dict(chosen), sort_keys=True)
