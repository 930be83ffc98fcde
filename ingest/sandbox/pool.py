"""Child processes of one kind: used by one caller at a time, watched while they work, replaced when they die."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.sandbox.child import Options
from ingest.sandbox.process import Child, ChildGone, Watch
from kb.errors import Cancelled

_TICK_SECONDS = 0.05
LONG_SECONDS = 10.0
"""Nearly all files are read within this; see docs/reading.md."""


@dataclass(slots=True, eq=False)
class _Loan:
    """A child that works for a caller."""

    child: Child
    since: float
    """By ``time.monotonic``."""
    gave_way: bool = False
    """Whether it has worked so long that its slot went to somebody else."""


class Pool:
    """At most ``size`` children with the same ``options``, started when they are needed.

    One that works for longer than ``long_seconds`` no longer counts among them, as long as no more than ``aside``
    do so: what takes minutes does not keep what takes moments waiting.
    """

    def __init__(
        self, options: Options, *, size: int, folder: Path, aside: int = 0, long_seconds: float = LONG_SECONDS
    ) -> None:
        self.options = options
        self._aside = aside
        self._long_seconds = long_seconds
        self._folder = folder
        self._slots = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._loans: list[_Loan] = []
        self._closed = threading.Event()
        self._busy = threading.Event()
        threading.Thread(target=self._watch, name=f"sandbox-{options.role}", daemon=True).start()

    def warm(self) -> None:
        """Starts a child ahead of its first request; returns at once."""
        with self._lock:
            if not self._closed.is_set():
                self._idle.append(Child(self.options, folder=self._folder))

    def ask(
        self,
        request: dict[str, Any],
        *,
        cancelled: threading.Event | None = None,
        begun: Callable[[], None] | None = None,
    ) -> tuple[bytes, bytes, str]:
        """Returns the (kind, body) of a child's answer, and what it has logged lately.

        ``begun`` is called when a child is ready, before it is asked; what it raises is passed on.

        Raises:
            ChildGone: it died on the request; another one is starting already.
            Cancelled: ``cancelled`` was set, or the pool was closed, before a child was free.
            Misconfigured: no child starts.
        """
        with self._lend(cancelled) as child:
            options = self.options
            if begun is not None:
                begun()
            kind, body = child.call(
                request,
                Watch(
                    time.monotonic() + options.seconds,
                    cancelled,
                    rss_bytes=None if options.confined else options.megabytes * 2**20,
                ),
            )
            return kind, body, child.log

    def layers(self) -> tuple[str, ...]:
        """Returns the layers that confine its children; waits until one has started."""
        with self._lend(None) as child:
            return child.layers

    def close(self) -> None:
        """Kills all children and waits until they are gone."""
        with self._lock:
            self._closed.set()
            children = [*self._idle, *(loan.child for loan in self._loans)]
            self._idle.clear()
        self._busy.set()  # so that the watching thread sees the end
        for child in children:
            child.close()

    @contextmanager
    def _lend(self, cancelled: threading.Event | None) -> Iterator[Child]:
        self._wait_for_slot(cancelled)
        loan = None
        try:
            loan = self._take()
            child = loan.child
            try:
                child.wait_until_ready(cancelled)
                yield child
            except ChildGone:
                self._give_back(loan, usable=False)
                self.warm()
                raise
            except BaseException:
                self._give_back(loan, usable=False)
                raise
            self._give_back(loan, usable=not child.is_worn)
        finally:
            if loan is None or not loan.gave_way:
                self._slots.release()

    def _wait_for_slot(self, cancelled: threading.Event | None) -> None:
        while not self._slots.acquire(timeout=_TICK_SECONDS):
            if self._closed.is_set() or (cancelled is not None and cancelled.is_set()):
                raise Cancelled("It was stopped before its turn came.")

    def _take(self) -> _Loan:
        with self._lock:
            if self._closed.is_set():
                raise Cancelled("It was stopped: the app is closing.")
            child = self._idle.pop() if self._idle else Child(self.options, folder=self._folder)
            loan = _Loan(child, time.monotonic())
            self._loans.append(loan)
            self._busy.set()
        return loan

    def _give_back(self, loan: _Loan, *, usable: bool) -> None:
        child = loan.child
        with self._lock:
            self._loans.remove(loan)
            usable = usable and not self._closed.is_set()
            if usable:
                self._idle.append(child)
            if not self._loans and not self._closed.is_set():
                self._busy.clear()
        if not usable:
            child.close()

    def _watch(self) -> None:
        """Kills children that exceed their limits; sleeps while none is in use."""
        while self._busy.wait() and not self._closed.is_set():
            now = time.monotonic()
            with self._lock:
                self._let_pass(now)
                lent = [loan.child for loan in self._loans]
            for child in lent:
                child.check(now)
            self._closed.wait(_TICK_SECONDS)

    def _let_pass(self, now: float) -> None:
        """Gives the slots of those that work for long to whoever waits; called with the lock held."""
        for loan in self._loans:
            is_long = not loan.gave_way and now - loan.since > self._long_seconds
            if is_long and sum(other.gave_way for other in self._loans) < self._aside:
                loan.gave_way = True
                self._slots.release()
