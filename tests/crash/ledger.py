"""What the app has acknowledged, kept outside of it: the truth that it is measured against after a kill.

An intention is written before it is sent and an acknowledgement after it has come; what lies between when the
app is killed is in doubt: either outcome is right, and the app's own list says afterwards which one it was.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from tests.harness.papers import Paper

_BLAMED = "times while the file was read"


class Fate(StrEnum):
    """What is owed to a document."""

    PRESENT = "present"
    """Acknowledged and not removed: it has to be there."""
    UNCERTAIN = "uncertain"
    """A removal of it was sent, or a newer version: it may be there or not."""
    GONE = "gone"
    """Its removal was acknowledged: it must not be there."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A name in a collection: what a newer version replaces."""

    collection: str
    name: str

    @property
    def suffix(self) -> str:
        """The ending of the name, with its dot."""
        return "." + self.name.rpartition(".")[2]


@dataclass(slots=True)
class Entry:
    """A document whose acknowledgement was seen."""

    document_id: str
    slot: Slot
    paper: Paper
    order: int = 0
    """Later ones of a slot replace earlier ones."""
    fate: Fate = Fate.PRESENT
    blamed: bool = False
    """Failed because the app died twice while it was read: so it is promised, and the kills were not its fault."""


@dataclass(frozen=True, slots=True)
class Row:
    """A document as the app's database has it."""

    document_id: str
    slot: Slot
    sha256: str
    state: str
    reason: str | None
    live: bool
    """Whether it may be found, also while it is given new vectors."""


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """An addition that was sent and not answered yet."""

    slot: Slot
    paper: Paper


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was broken."""

    kind: str
    """``lost``, ``resurrected``, ``orphan``, ``start`` or ``wrong``."""
    what: str


@dataclass(slots=True)
class Counts:
    """How much was acknowledged."""

    added: int = 0
    replaced: int = 0
    removed: int = 0
    repeated: int = 0
    in_doubt: int = 0


class Ledger:
    """Safe to use from several threads; every line is in ``file`` before the call returns."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        self._file: TextIO = file.open("a", encoding="utf-8")
        self._entries: dict[str, Entry] = {}
        self._by_slot: defaultdict[Slot, list[Entry]] = defaultdict(list)
        self._attempts: list[Attempt] = []
        self._order = 0
        self.counts = Counts()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    # --- Written by the traffic ---------------------------------------------------------------

    def sending(self, slot: Slot, paper: Paper) -> Attempt:
        """Before an addition is sent."""
        attempt = Attempt(slot, paper)
        with self._lock:
            self._write("sending", slot=slot, sha256=paper.sha256)
            self._attempts.append(attempt)
        return attempt

    def added(self, attempt: Attempt, document_id: str) -> None:
        """After it was acknowledged. The same bytes once more are the same document."""
        with self._lock:
            self._write("added", id=document_id)
            self._attempts.remove(attempt)
            known = self._entries.get(document_id)
            self.counts.repeated += known is not None
            self._adopt(known or Entry(document_id, attempt.slot, attempt.paper))

    def refused(self, attempt: Attempt) -> None:
        """After it was answered with a refusal: nothing is owed."""
        with self._lock:
            self._write("refused", slot=attempt.slot)
            self._attempts.remove(attempt)

    def removing(self, document_id: str) -> None:
        """Before a removal is sent."""
        with self._lock:
            self._write("removing", id=document_id)
            self._entries[document_id].fate = Fate.UNCERTAIN

    def removed(self, document_id: str) -> None:
        """After it was acknowledged, or the document was said to be gone already."""
        with self._lock:
            self._write("removed", id=document_id)
            self._entries[document_id].fate = Fate.GONE
            self.counts.removed += 1

    def standing(self, slot: Slot | None = None) -> list[Entry]:
        """Documents that are, or may be, there; oldest first."""
        with self._lock:
            entries = self._entries.values() if slot is None else self._by_slot[slot]
            return [entry for entry in entries if entry.fate is not Fate.GONE]

    def gone(self) -> list[Entry]:
        """Documents that must not be there."""
        with self._lock:
            return [entry for entry in self._entries.values() if entry.fate is Fate.GONE]

    # --- Compared with the app ----------------------------------------------------------------

    def compare(self, rows: Mapping[str, Row]) -> list[Violation]:
        """Settles what was in doubt by ``rows``, all of the app's documents, and reports what cannot be."""
        with self._lock:
            strangers = [row for row in rows.values() if row.document_id not in self._entries]
            found = list(self._settle_attempts(strangers))
            settled = [self._settle(entry, rows) for entry in self._entries.values()]
        return [*found, *(violation for violation in settled if violation is not None)]

    def compare_settled(self, rows: Mapping[str, Row]) -> Iterator[Violation]:
        """What is wrong once the app says that it has nothing left to do."""
        with self._lock:
            for row in rows.values():
                entry = self._entries[row.document_id]
                wanted = "failed" if entry.paper.broken else "ready"
                entry.blamed |= row.state == "failed" and _BLAMED in (row.reason or "")
                if row.state != wanted and not entry.blamed:
                    yield Violation("wrong", f"{row} should be {wanted}")
                elif row.state == "failed" and not row.reason:
                    yield Violation("wrong", f"{row} failed without a reason")
                replaced_by = (rows.get(later.document_id) for later in self._later(entry))
                if entry.paper.broken or entry.blamed:  # it stays to be seen, though a later one replaced it
                    continue
                if any(other and other.state == "ready" for other in replaced_by):
                    yield Violation("resurrected", f"{row} stands beside the version that replaced it")

    def _settle_attempts(self, strangers: Iterable[Row]) -> Iterator[Violation]:
        for row in strangers:
            attempt = next(
                (a for a in self._attempts if (a.slot, a.paper.sha256) == (row.slot, row.sha256)), None
            )
            if attempt is None:
                yield Violation("resurrected", f"{row} was never acknowledged, or is long gone")
                attempt = Attempt(row.slot, Paper(b"", "", broken=row.state == "failed"))
            else:
                self._attempts.remove(attempt)
            self._adopt(Entry(row.document_id, attempt.slot, attempt.paper))
            self.counts.in_doubt += 1
        self.counts.in_doubt += len(self._attempts)
        self._attempts.clear()

    def _settle(self, entry: Entry, rows: Mapping[str, Row]) -> Violation | None:
        row = rows.get(entry.document_id)
        present = row is not None and row.state != "deleting"
        fate = entry.fate
        if present and fate is Fate.GONE:
            return Violation("resurrected", f"{entry.document_id} {entry.slot} was removed")
        if not present and fate is Fate.GONE:
            return None
        if not present:
            entry.fate = Fate.GONE
            if fate is Fate.PRESENT:
                return Violation("lost", f"{entry.document_id} {entry.slot} was acknowledged")
            if not self._may_be_gone(entry, rows):
                return Violation(
                    "lost", f"{entry.document_id} {entry.slot} went before its successor was ready"
                )
        elif all(other.fate is Fate.GONE for other in self._later(entry)):
            # its removal was in doubt and did not happen, or its successors are gone
            entry.fate = Fate.PRESENT
        return None

    def _may_be_gone(self, entry: Entry, rows: Mapping[str, Row]) -> bool:
        """An uncertain document may: its removal was sent, or a newer version is, or was, ready."""
        later = self._later(entry)
        return not later or any(
            (row := rows.get(other.document_id)) is None or row.live or row.state == "deleting"
            for other in later
        )

    def _later(self, entry: Entry) -> list[Entry]:
        return [
            other
            for other in self._by_slot[entry.slot]
            if other.order > entry.order and not other.paper.broken
        ]

    def _adopt(self, entry: Entry) -> None:
        """Makes ``entry`` the latest of its slot."""
        self._order += 1
        if not entry.paper.broken:  # what cannot be read replaces nothing
            older = [other for other in self.standing(entry.slot) if other is not entry]
            for other in older:
                other.fate = Fate.UNCERTAIN
            self.counts.replaced += bool(older)
        if entry.document_id not in self._entries:
            self.counts.added += 1
            self._entries[entry.document_id] = entry
            self._by_slot[entry.slot].append(entry)
        entry.order, entry.fate = self._order, Fate.PRESENT

    def _write(self, event: str, **what: Any) -> None:
        self._file.write(json.dumps({"at": time.time(), "event": event, **what}, default=str) + "\n")
        self._file.flush()
