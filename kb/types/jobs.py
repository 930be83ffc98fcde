"""The work that a document waits for, as the worker holds it and as a person sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JobKind(StrEnum):
    """What a worker can be asked to do with a document."""

    IMPORT = "import"
    """To make it findable; what it replaces goes when that is done."""
    EMBED = "embed"
    """To give it vectors of another embedder, while it stays findable."""
    RECHUNK = "recut"
    """To chunk it as this version of the app does; it stays findable as it was until that has worked."""
    DELETE = "delete"
    """To take it apart, and at last its row and its file."""
    CLEAR = "clear"
    """To take away what a failed or cancelled import left; its row stays."""


class JobState(StrEnum):
    """Where a job is; one that ended has no row any more."""

    QUEUED = "queued"
    RUNNING = "running"
    """A worker holds it by a lease."""
    WAITING = "waiting"
    """Something that it needs does not answer; it is tried again by itself."""
    PAUSED = "paused"
    """A person stopped it, and will say when it goes on."""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work on one document, as the worker holds it."""

    id: int
    kind: JobKind
    document_id: str
    attempts: int
    """How often it was begun, this time included; with ``owner`` it tells this hold on it from any other."""
    owner: str = ""
    parses: int = 0
    """How many times its parser was begun without anybody living to see the end."""
    faults: int = 0
    """How many errors of ours it met."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job as a person sees it."""

    document_id: str
    kind: JobKind
    state: JobState
    attempts: int
    reason: str | None = None
    """Why it waits or is paused; a sentence."""
    position: int | None = None
    """Its place among the queued ones, from 1; None once it was begun."""
    retry_in: float | None = None
    """Seconds until a waiting one is tried again."""
    seconds_left: float | None = None
    """An estimate, at the speed of late; None where nothing is known yet."""


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """All imports together."""

    paused: bool = False
    """Whether a person stopped all of them."""
    reason: str | None = None
    """What keeps the worker from importing; None while nothing does."""
    queued: int = 0
    running: int = 0
    waiting: int = 0
    paused_jobs: int = 0
    """Those that were paused one by one."""
    failed: int = 0
    """Documents whose import failed."""
    chunks_per_second: float | None = None
    seconds_left: float | None = None

    @property
    def unfinished(self) -> int:
        """The number of imports in all."""
        return self.queued + self.running + self.waiting + self.paused_jobs


@dataclass(frozen=True, slots=True)
class ImportEnd:
    """That a document became ready, or failed."""

    event: str
    """What this end is called, in no order."""
    document_id: str
    name: str
    collection: str
    state: str
    """``ready`` or ``failed``."""
    reason: str | None
    """Why it failed."""
    time: str
    """UTC, ISO 8601."""
