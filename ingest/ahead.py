"""Embedding ahead: the next windows are computed while the last one is stored, in order and no more than a few."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from kb.types import Chunk, Job, PreparedVectors

Of = TypeVar("Of")


class Embeds(Protocol):
    """Embeds chunks, in one batch."""

    def __call__(self, chunks: Sequence[Chunk]) -> PreparedVectors:
        """Returns their vectors; raises as ``Preparer.embed``."""
        ...


@dataclass(slots=True)
class Part(Generic[Of]):
    """What is embedded between two commits."""

    of: Of
    """What it is a part of."""
    work: list[tuple[Job, Chunk]]
    future: Future[PreparedVectors]
    begun: float = field(default_factory=time.perf_counter)


class Ahead(Generic[Of]):
    """Embeds parts in threads of its own, at most ``at_once`` at the same time and one that waits."""

    def __init__(self, embed: Embeds, *, at_once: int) -> None:
        self._embed = embed
        self._at_once = at_once
        self._parts: deque[Part[Of]] = deque()
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="embed-ahead")

    def __enter__(self) -> Ahead[Of]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Waits for what is being computed; what was not begun never is."""
        self._pool.shutdown(cancel_futures=True)

    @property
    def is_idle(self) -> bool:
        """Whether more could be computed now."""
        return sum(not part.future.done() for part in self._parts) < self._at_once

    def begin(self, of: Of, work: list[tuple[Job, Chunk]]) -> None:
        """Embeds ``work``, a part of ``of``, as soon as its turn comes."""
        self._parts.append(Part(of, work, self._pool.submit(self._embed, [chunk for _, chunk in work])))

    def ended(self) -> Iterator[Part[Of]]:
        """Yields the parts that have ended, in order; waits for the oldest while as many are under way as may be."""
        while self._parts and (len(self._parts) > self._at_once or self._parts[0].future.done()):
            yield self._parts.popleft()

    def rest(self, *, begun_only: bool) -> Iterator[Part[Of]]:
        """Yields all parts, in order; ``begun_only``: up to the first that is not being computed yet."""
        while self._parts:
            part = self._parts.popleft()
            if begun_only and part.future.cancel():
                return
            yield part
