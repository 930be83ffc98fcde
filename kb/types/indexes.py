"""A derived index, as its lifecycle knows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """An index that was whole when it was last noted as trusted."""

    place: str
    """What its lifecycle calls it: a folder's name, a collection's of a server; unique among its kind."""
    deleted: int = 0
    """How many rows had left it since it was built."""
