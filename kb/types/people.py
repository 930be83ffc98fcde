"""Who asks for something: what every service is told with a call."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a call is made for. What a caller creates is stored, and read back, under ``id``."""

    id: str
    key: str = ""
    """The name of the key that the call came with; empty without one."""
    origin: str = field(default="page", compare=False)
    """Through which door the call came, for the log of requests, as in ``LoggedRequest.origin``."""


OWNER = Caller("owner")
"""The person whose machine this is; the only one that there is without accounts."""
