"""Looks at a process again and again: how much memory it holds, and how many files."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

from tests.harness.memory import resident


@dataclass(frozen=True, slots=True)
class Sample:
    """One look."""

    at: float
    """Seconds since the watch began."""
    app_bytes: int
    """Resident, of the process itself."""
    tree_bytes: int
    """With the parsers' processes; pages that two of them share are counted twice."""
    handles: int
    """Open files, pipes and sockets of the process itself."""


class Watch:
    """Samples of one process, every ``seconds``, until ``end``."""

    def __init__(self, pid: int, *, seconds: float) -> None:
        self._process = psutil.Process(pid)
        self._seconds = seconds
        self._begun = time.monotonic()
        self._ended = threading.Event()
        self.samples: list[Sample] = []
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def now(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun

    def end(self) -> list[Sample]:
        """Stops looking; all samples."""
        self._ended.set()
        self._thread.join()
        return self.samples

    def _look(self) -> None:
        while not self._ended.wait(self._seconds):
            with suppress(psutil.Error):
                app = resident(self._process)
                children = sum(map(resident, self._process.children(recursive=True)))
                self.samples.append(Sample(self.now(), app, app + children, self._process.num_fds()))


def floors(samples: Sequence[Sample], *, seconds: float) -> list[Sample]:
    """Of each stretch of ``seconds`` the sample with the least memory: what is kept, without what a batch takes."""
    stretches: dict[int, list[Sample]] = {}
    for sample in samples:
        stretches.setdefault(int(sample.at // seconds), []).append(sample)
    return [min(stretch, key=lambda sample: sample.app_bytes) for _, stretch in sorted(stretches.items())]


def slope(samples: Sequence[Sample], value: str) -> float:
    """The growth of an attribute a second: the least-squares line through all samples; 0 for fewer than two."""
    if len(samples) < 2:
        return 0.0
    line = statistics.linear_regression(
        [sample.at for sample in samples], [getattr(sample, value) for sample in samples]
    )
    return line.slope
