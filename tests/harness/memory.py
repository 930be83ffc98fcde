"""What processes hold, read from the operating system while they run."""

from __future__ import annotations

import threading
from contextlib import suppress

import psutil

_EVERY_SECONDS = 0.02


def resident(process: psutil.Process) -> int:
    """Resident bytes; 0 when it is gone."""
    with suppress(psutil.Error):
        held: int = process.memory_info().rss
        return held
    return 0


class PeakOfChildren:
    """The most memory that any descendant of a process had at one time, looked at every 20 ms."""

    def __init__(self, pid: int) -> None:
        self._parent = psutil.Process(pid)
        self._ended = threading.Event()
        self.bytes = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> int:
        """Stops looking; the peak in bytes."""
        self._ended.set()
        self._thread.join()
        return self.bytes

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            with suppress(psutil.Error):
                children = self._parent.children(recursive=True)
                self.bytes = max(self.bytes, *(resident(child) for child in children), 0)


class PeakOfThis:
    """How much more memory than at first this process had at one time, looked at every 20 ms."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._at_first = resident(self._process)
        self._ended = threading.Event()
        self._most = self._at_first
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> int:
        """Stops looking; the growth in bytes."""
        self._ended.set()
        self._thread.join()
        return self._most - self._at_first

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            self._most = max(self._most, resident(self._process))
