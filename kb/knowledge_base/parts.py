"""What a data folder consists of once it is open. Surfaces see the services that are made of it, never these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.config import Settings
from kb.state.blobs import BlobStore
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.system.folder_lock import FolderLock
from kb.system.request_recording import Record
from kb.system.reserve import Reserve

if TYPE_CHECKING:
    from kb.engine.loader import Engine


@dataclass(frozen=True, slots=True)
class Parts:
    """An open data folder: the database is of the newest schema and sound, and nobody need hold the folder yet."""

    settings: Settings
    folder_lock: FolderLock
    reserve: Reserve
    database: Database
    blobs: BlobStore
    documents: Documents
    chunks: Chunks
    jobs: Jobs
    steps: Steps


@dataclass(frozen=True, slots=True)
class IngestParts:
    """What imports files into a library; meant for the worker and for nobody else."""

    documents: Documents
    jobs: Jobs
    steps: Steps
    blobs: BlobStore
    open_engine: Callable[[], Engine]
    """The embedder and the indexes; the first call takes seconds and may raise, as ``EngineLoader.engine`` does."""
    record: Record
    """Takes what was embedded for the log of requests."""
    engine: Callable[[], str]
    """What that log calls the embedder's engine."""
