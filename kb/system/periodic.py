"""Tasks that are repeated behind the page, one at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from kb.errors import FootnoteError

log = logging.getLogger(__name__)

_BETWEEN_LOOKS = 1.0


@dataclass(slots=True)
class PeriodicTask:
    """A task that is repeated in the background."""

    do: Callable[[Callable[[], bool]], None]
    """Is given a function that says whether to end early."""
    every_seconds: float = _BETWEEN_LOOKS
    due: float = field(default=0.0)
    """In seconds of the monotonic clock."""


class PeriodicTasks:
    """One thread that runs all tasks in turn, from the first ``add`` to ``stop``."""

    def __init__(self) -> None:
        self._tasks: list[PeriodicTask] = []
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def add(self, task: PeriodicTask) -> None:
        """Adds a task and runs it soon."""
        with self._starting:
            self._tasks.append(task)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="periodic-tasks", daemon=True)
                self._thread.start()

    def is_stopped(self) -> bool:
        """Returns whether it was told to stop: long work in the library should end."""
        return self._stopped.is_set()

    def stop(self, *, timeout: float = 10.0) -> None:
        """Ends after the step at hand; waits at most ``timeout`` seconds."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopped.wait(_BETWEEN_LOOKS / 4):
            for task in list(self._tasks):
                if time.monotonic() >= task.due and not self._stopped.is_set():
                    self._do(task)

    def _do(self, task: PeriodicTask) -> None:
        try:
            task.do(self._stopped.is_set)
        except FootnoteError as error:
            log.warning("a periodic task is put off", extra={"reason": str(error)})
        except Exception:  # one task that fails must not end the others; it is tried again in its turn
            if not self._stopped.is_set():
                log.exception("a periodic task failed")
        task.due = time.monotonic() + task.every_seconds
