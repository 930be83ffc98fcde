"""A backup as it describes itself, and the result of restoring one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BACKUP_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself: its manifest, and where it is."""

    path: Path
    made: str
    """UTC, ISO 8601, to the microsecond: it orders them."""
    reason: str
    """``by hand``, ``daily`` or ``before schema N``."""
    schema: int
    database_sha256: str
    rows: Mapping[str, int]
    """How many rows each table has."""
    blobs: int
    blob_bytes: int
    missing: tuple[str, ...] = ()
    """SHA-256 of files that were missing or damaged in the data folder itself when it was made."""

    @property
    def documents(self) -> int:
        return self.rows.get("documents", 0)

    def as_json(self) -> dict[str, Any]:
        """Returns the manifest, as it is written and as ``--json`` prints it."""
        return {"format": BACKUP_FORMAT, **asdict(self), "path": str(self.path)}


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where the library is that it replaced."""

    backup: Backup
    aside: Path | None
    """None where there was nothing before."""
