"""Where the vectors of a library are searched, and what moving them elsewhere costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class VectorMove:
    """What a move of the index of vectors would do, said before it is begun."""

    source: str
    """A store's name as in the settings."""
    target: str
    url: str | None
    """Its server's address, without what logs in to it; None where it has none."""
    passages: int
    megabytes: float
    """What the vectors and their graph take in the new store, about."""
    seconds: float
    """How long it takes, about; questions are answered meanwhile."""
    model_runs: int = 0
    """Always 0: the vectors are in the library's own database."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class VectorStoreStatus:
    """The store in use, and the move that is under way or was the last."""

    store: str
    url: str | None
    text: str
    """A sentence: what it is and whether it answers."""
    ok: bool
    moving_to: str | None = None
    done: int = 0
    total: int = 0
    """Passages that are in the new store, and of how many."""
    problem: str | None = None
    """Why the last move of this process failed."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
