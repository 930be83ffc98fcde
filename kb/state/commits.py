"""Tells who waits for work that something was committed, so that nobody has to ask again and again."""

from __future__ import annotations

import threading


class Commits:
    """The transactions of this process that changed something, counted. Safe to use from several threads.

    Other processes commit unheard: whoever waits looks for their work from time to time.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """How many there were: to be taken before a look at what there is to do, and given to ``wait`` after it."""
        return self._count

    def note(self) -> None:
        """Counts one, and wakes all who wait."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait(self, since: int, *, seconds: float) -> None:
        """Returns once there are more than ``since``, or somebody calls ``wake``; after ``seconds`` at the latest."""
        with self._changed:
            if self._count == since:
                self._changed.wait(seconds)

    def wake(self) -> None:
        """Lets all who wait look around."""
        with self._changed:
            self._changed.notify_all()
