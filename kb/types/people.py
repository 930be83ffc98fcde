"""Who asks for something: what every service is told with a call."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a call is made for. What a caller creates is stored, and read back, under ``id``."""

    id: str


OWNER = Caller("owner")
"""The person whose machine this is; the only one that there is without accounts."""
