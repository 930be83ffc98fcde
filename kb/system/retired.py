"""What was replaced while somebody may still be using it: closed once nobody can be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from kb.system.periodic import PeriodicTask


class Closes(Protocol):
    """What frees memory or connections."""

    def close(self) -> None: ...


class Retired:
    """Things to be closed after so many seconds, or at the end."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: list[Closes] = []
        self._due: list[Closes] = []
        self._lock = threading.Lock()

    def add(self, *things: Closes) -> None:
        with self._lock:
            self._waiting += things

    def task(self) -> PeriodicTask:
        """Returns the periodic task that closes what has waited a whole period."""
        return PeriodicTask(self._close_due, every_seconds=self._seconds)

    def close(self) -> None:
        """Closes everything."""
        self._close_due()
        self._close_due()

    def _close_due(self, _stopped: Callable[[], bool] = bool) -> None:
        with self._lock:
            due, self._due, self._waiting = self._due, self._waiting, []
        for thing in due:
            thing.close()
