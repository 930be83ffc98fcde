"""Verifies a whole library, and repairs it: the database, the files, the indexes, and that every chunk finds itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from kb.errors import BackendDown
from kb.index.pair import IndexPair
from kb.index.writer import Report
from kb.maintenance.backups import Backups
from kb.maintenance.copying import link_or_copy
from kb.maintenance.unclaimed import set_aside, set_aside_files, take_back, take_in
from kb.state.blobs import BlobStore
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.integrity import Integrity
from kb.system.home_layout import HomeLayout
from kb.types import Document, DocumentState, Finding

log = logging.getLogger(__name__)

_YOUNG_SECONDS = 3600
"""A file without a document may belong to an upload that is under way; older ones belong to nothing."""
_NAMED = 3
"""How many documents a sentence names."""


class OwnVectors(Protocol):
    """What collections have that are searched with an embedder of their own."""

    def findings(self, *, stopped: Callable[[], bool]) -> Iterator[Finding]:
        """Yields what is wrong with the vectors and the index of each such embedder, or that nothing is."""
        ...

    def mend(self, *, stopped: Callable[[], bool]) -> None:
        """Makes what lacks, and mends the indexes."""
        ...


class Check:
    """Everything that must hold between the parts of a data folder. Others may go on using it."""

    def __init__(
        self,
        home: Path,
        database: Database,
        blobs: BlobStore,
        indexes: IndexPair,
        *,
        own: OwnVectors,
        stopped: Callable[[], bool],
    ) -> None:
        self._home = home
        self._blobs = blobs
        self._documents = Documents(database)
        self._integrity = Integrity(database)
        self._indexes = indexes
        self._own = own
        self._stopped = stopped

    def run(self, report: Callable[[str], None] = lambda _: None) -> list[Finding]:
        """Verifies everything; ``report`` is told what is being verified and how far it is."""
        found: list[Finding] = []
        for name, look in (
            ("database", self._database),
            ("documents", self._rows),
            ("files", self._files),
            ("vectors", self._vectors),
            ("indexes", self._ids),
            ("vectors of collections", lambda: self._own.findings(stopped=self._stopped)),
        ):
            report(name)
            found.extend(look())
        found.append(
            self._self_search(lambda done, total: report(f"self-search: {done:,} of {total:,} passages"))
        )
        return found

    def repair(self) -> None:
        """Repairs whatever can be repaired from what is left; ``run`` again shows what could not."""
        self._integrity.repair()
        self._mend_files()
        self._documents.queue_embedding(self._integrity.drop_damaged_vectors())
        self._indexes.repair(self._stopped)
        index = self._indexes.index
        index.reconcile(stopped=self._stopped)
        if lost := index.unreachable(stopped=self._stopped):
            index.add_again(lost)
            if index.unreachable(stopped=self._stopped):
                self._indexes.rebuild("Some passages were found by no question.", self._stopped)
        self._own.mend(stopped=self._stopped)

    # --- What is verified ---------------------------------------------------------------------

    def _database(self) -> Iterator[Finding]:
        wrong = self._integrity.database()
        yield Finding(
            "database",
            not wrong,
            f"SQLite finds fault: {'; '.join(wrong[:_NAMED])}." if wrong else "SQLite finds nothing wrong.",
            "If repairing does not help, end Footnote and start it: a damaged database is replaced by the last backup."
            if wrong
            else None,
        )
        dangling = self._integrity.foreign_keys()
        yield Finding(
            "references",
            not dangling,
            f"Rows refer to nothing: {', '.join(dangling)}." if dangling else "All hold.",
        )

    def _rows(self) -> Iterator[Finding]:
        short, stuck = self._integrity.miscounted(), self._integrity.stuck()
        text = []
        if changed := self._integrity.changed_chunks():
            text.append(f"{len(changed)} have passages that are not what was stored: {self._names(changed)}.")
        if aside := self._integrity.changed_aside():
            text.append(
                f"{len(aside)} have former passages that are not what was stored: {self._names(aside)}."
            )
        if short:
            text.append(f"{len(short)} lack passages: {self._names(short)}.")
        if stuck:
            text.append(f"{len(stuck)} are neither finished nor queued: {self._names(stuck)}.")
        yield Finding(
            "documents",
            not text,
            " ".join(text) or f"{len(self._documents.all()):,}, all complete or queued.",
        )

    def _files(self) -> Iterator[Finding]:
        missing, damaged = self._missing_and_damaged()
        text = []
        if missing:
            text.append(f"{len(missing)} original files are missing: {_named(missing)}.")
        if damaged:
            text.append(f"{len(damaged)} original files are damaged: {_named(damaged)}.")
        if strays := len(self._leftovers()) + len(self._unknown()) + len(set_aside_files(self._home)):
            text.append(f"{strays} files belong to no document.")
        yield Finding(
            "files",
            not text,
            " ".join(text) or f"{len(self._blobs.hashes()):,}, each with the bytes that its name says.",
            "Adding the same file again puts it back." if missing or damaged else None,
        )

    def _vectors(self) -> Iterator[Finding]:
        nothing, damaged = self._integrity.vectors_of_nothing(), self._integrity.damaged_vectors()
        text = []
        if nothing:
            text.append(f"{nothing:,} belong to no passage.")
        if damaged:
            text.append(f"{damaged:,} are damaged.")
        if lacking := self._indexes.lacking_vectors():
            text.append(f"{lacking:,} passages have none and are not queued to get one.")
        yield Finding("vectors", not text, " ".join(text) or "Every passage that may be found has one.")

    def _ids(self) -> Iterator[Finding]:
        try:
            differences = self._indexes.differences()
        except BackendDown as error:
            yield Finding(
                "indexes",
                ok=False,
                text=str(error),
                remedy="Exact search answers until it does; nothing is lost.",
            )
            return
        for name, lacking, extra in differences:
            if lacking is None:
                yield Finding(name, ok=True, text="Being built; exact search answers until then.")
            else:
                wrong = f"{lacking:,} passages are missing and {extra:,} are there that should not be."
                yield Finding(
                    name, not (lacking or extra), wrong if lacking or extra else "Same passages as here."
                )

    def _self_search(self, report: Report) -> Finding:
        if not self._indexes.store.is_whole:
            return Finding(
                "self-search", ok=True, text="The index is being built; ask again when it is whole."
            )
        lost = self._indexes.index.unreachable(stopped=self._stopped, report=report)
        count = sum(map(len, lost.values()))
        text = (
            f"{count:,} passages are not found by their own words."
            if count
            else "Every passage finds itself first."
        )
        return Finding("self-search", not count, text)

    # --- Files --------------------------------------------------------------------------------

    def _missing_and_damaged(self) -> tuple[list[Document], list[Document]]:
        present = self._blobs.hashes()
        missing: list[Document] = []
        damaged: list[Document] = []
        for document in self._documents.all():
            if document.state is DocumentState.DELETING:
                continue
            if document.sha256 not in present:
                missing.append(document)
            elif not self._blobs.is_sound(document.sha256):
                damaged.append(document)
        return missing, damaged

    def _unknown(self) -> set[str]:
        """Returns the SHA-256 of stored files that no document has, and that are too old to be under way."""
        return {
            sha256
            for sha256 in self._blobs.hashes() - self._documents.blobs_in_use()
            if _age_seconds(self._blobs.path(sha256)) > _YOUNG_SECONDS
        }

    def _leftovers(self) -> list[Path]:
        """Returns files of interrupted uploads, too old to be under way."""
        uploads = (path for path in HomeLayout(self._home).uploads.rglob("*") if path.is_file())
        left = [*self._blobs.folder.glob("incoming-*"), *uploads]
        return [path for path in left if _age_seconds(path) > _YOUNG_SECONDS]

    def _mend_files(self) -> None:
        missing, damaged = self._missing_and_damaged()
        stores = [BlobStore(HomeLayout(backup.path).blobs) for backup in Backups(self._home).all()]
        for sha256 in {document.sha256 for document in (*missing, *damaged)}:
            sound = next((store for store in stores if store.is_sound(sha256)), None)
            if sound is not None:
                self._blobs.path(sha256).unlink(missing_ok=True)  # a copy of it is at hand
                self._blobs.path(sha256).parent.mkdir(exist_ok=True)
                link_or_copy(sound.path(sha256), self._blobs.path(sha256))
        for path in self._leftovers():
            path.unlink(missing_ok=True)
        unknown = self._unknown()
        take_in(self._documents, self._blobs, unknown)
        if unsound := unknown - self._documents.blobs_in_use():
            set_aside(self._home, self._blobs, unsound)
        take_back(self._home, self._documents, self._blobs)

    def _names(self, document_ids: Sequence[str]) -> str:
        return _named(self._documents.existing(document_ids[:_NAMED]), of=len(document_ids))


def _named(documents: Sequence[Document], *, of: int | None = None) -> str:
    names = ", ".join(document.name for document in documents[:_NAMED])
    return names + (" …" if (of or len(documents)) > _NAMED else "")


def _age_seconds(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
