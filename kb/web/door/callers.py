"""Who sends a request, as the doors tell those behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kb.types import Caller

CALLER = "footnote.caller"
"""Where a request carries whom its key, or its session, stands for."""
CAME_WITH = "footnote.came_with"
"""Where a request carries its ``CameWith``."""


class Authenticate(Protocol):
    """What knows keys, or sessions."""

    def __call__(self, secret: str, /, *, noted: bool = True) -> Caller | None:
        """Returns whom ``secret`` stands for; None where it opens nothing. ``noted`` keeps when it was used."""


@dataclass(frozen=True, slots=True)
class CameWith:
    """The key or the token of a request, and what knows it."""

    authenticate: Authenticate
    secret: str

    def caller(self) -> Caller | None:
        """Returns whom it stands for by now; None where it opens nothing any more."""
        return self.authenticate(self.secret, noted=False)
