"""What the owner should read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A sentence that the owner should read; it stays until somebody puts it away."""

    id: int
    made: str
    """UTC, ISO 8601, to the second."""
    text: str
