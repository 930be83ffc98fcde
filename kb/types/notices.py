"""Notices for the owner."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A sentence that the owner should read; it stays until somebody dismisses it."""

    id: int
    made: str
    """UTC, ISO 8601, to the second."""
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined, in the library (``check``) or on the machine (``doctor``)."""

    name: str
    ok: bool
    text: str
    remedy: str | None = None
    """What to do; for things that are well, how to get something better."""

    def as_json(self) -> dict[str, Any]:
        """Returns the finding for the wire and for ``--json``."""
        return asdict(self)
