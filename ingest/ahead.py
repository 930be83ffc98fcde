"""Embedding ahead: the next batches are computed while the last one is stored, in order and no more than a few."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

from kb.types import Chunk, Job, PreparedVectors


class Embeds(Protocol):
    """Embeds chunks, in one batch."""

    def __call__(self, chunks: Sequence[Chunk]) -> PreparedVectors:
        """Returns their vectors; raises as ``Preparer.embed``."""
        ...


@dataclass(slots=True)
class Part:
    """What is embedded between two commits."""

    work: list[tuple[Job, Chunk]]
    future: Future[PreparedVectors]
    begun: float = field(default_factory=time.perf_counter)


class Ahead:
    """Embeds parts in threads of its own, at most ``at_once`` at the same time; none is begun before its turn."""

    def __init__(self, embed: Embeds, *, at_once: int) -> None:
        self._embed = embed
        self._at_once = at_once
        self._parts: deque[Part] = deque()
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="embed-ahead")

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Waits for what is being computed."""
        self._pool.shutdown()

    def computing(self) -> list[Future[PreparedVectors]]:
        """Returns what is being computed."""
        return [part.future for part in self._parts if not part.future.done()]

    @property
    def is_idle(self) -> bool:
        """Whether more could be computed now."""
        return len(self.computing()) < self._at_once

    def wait(self) -> None:
        """Returns once more could be computed."""
        if not self.is_idle:
            wait(self.computing(), return_when=FIRST_COMPLETED)

    def begin(self, work: list[tuple[Job, Chunk]]) -> None:
        """Embeds ``work``: for when there is room."""
        self._parts.append(Part(work, self._pool.submit(self._embed, [chunk for _, chunk in work])))

    def ended(self) -> Iterator[Part]:
        """Yields the parts that have ended, in order; waits for the oldest where too many others wait behind it."""
        while self._parts and (len(self._parts) > self._at_once or self._parts[0].future.done()):
            yield self._parts.popleft()

    def rest(self) -> Iterator[Part]:
        """Yields all parts, in order, as each has ended."""
        while self._parts:
            yield self._parts.popleft()
