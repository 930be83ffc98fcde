"""What computes vectors from token ids, whichever library does it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from kb.errors import Cancelled
from kb.models.embed.batching import Rows

if TYPE_CHECKING:
    from kb.types import Matrix

_BACKGROUND_NICENESS = 10
PROVED_TOKENS = 2048
"""Of the longest text with which a converted model is compared with PyTorch. Converted models keep a number for all
pairs of tokens of a text: 270 MB a layer with 16 heads at this length, 69 GB at 32,768. PyTorch keeps none."""


class Runtime(Protocol):
    """A loaded model. Safe to call from several threads."""

    engine: str
    """Its name, as the setting ``embedding.engine`` has it."""
    batch_tokens: int
    """How many tokens, padding included, one batch should have."""

    most_alone: int | None
    """Tokens of the longest text that it may be given; longer ones are for PyTorch. None: all that the model takes."""

    @property
    def trouble(self) -> str | None:
        """A sentence on what keeps it from computing as it should, for the owner; None where all is well."""
        ...

    @property
    def shares_device(self) -> bool:
        """Whether it takes memory of a GPU, which other models use, too."""
        ...

    def run(self, rows: Rows) -> Matrix:
        """Returns the vectors of ``rows`` as the model returns them: one batch, ahead of passages that wait."""
        ...

    def run_in_background(self, batches: Iterable[Rows]) -> list[Matrix]:
        """Returns the vectors of each batch, at a priority that lets questions go first.

        Batches are taken from ``batches`` while others are computed.
        """
        ...

    def close(self) -> None:
        """Waits for the passages under way, then frees the weights; a question that comes later is Cancelled."""
        ...


@runtime_checkable
class SharesDevice(Protocol):
    """An embedder on a GPU that others use, too."""

    @property
    def trouble(self) -> str | None:
        """As ``Runtime.trouble``."""
        ...

    def unload_if_idle(self) -> None:
        """Frees the model's memory on a GPU where nobody has given it a text for long enough."""
        ...


@runtime_checkable
class NamesEngine(Protocol):
    """An embedder that chooses among engines by itself."""

    @property
    def engine_used(self) -> str:
        """The name of the one that computes, once that is known."""
        ...


def in_order(
    pool: Executor, run: Callable[[Rows], Matrix], batches: Iterable[Rows], *, closed: Callable[[], bool]
) -> list[Matrix]:
    """Returns ``run`` of each batch, computed by ``pool`` while the next ones are made.

    Raises:
        Cancelled: the model was closed meanwhile.
    """
    try:
        return list(pool.map(run, batches))
    except (CancelledError, RuntimeError) as error:
        if closed():
            raise Cancelled("The embedding model was closed.") from error
        raise


def lower_priority() -> None:
    """Lets questions go first: the threads that this one starts for its computations inherit its priority."""
    if sys.platform == "linux":  # the one system where a priority belongs to a thread
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BACKGROUND_NICENESS)


def threads() -> int:
    """Returns how many threads compute: ``OMP_NUM_THREADS``, as for PyTorch, else one for each core that is ours."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdecimal() and int(given):
        return int(given)
    import psutil

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if sys.platform == "linux":
        cores = min(cores, len(os.sched_getaffinity(0)))
    return int(cores)


class Turns:
    """A lock that questions get before passages, whoever waited longer."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy = False
        self.waiting_questions = 0

    @contextmanager
    def take(self, *, question: bool) -> Iterator[None]:
        """Holds the lock for one batch; a question goes before passages that wait."""
        with self._changed:
            self.waiting_questions += question
            self._changed.wait_for(lambda: not self._busy and (question or not self.waiting_questions))
            self.waiting_questions -= question
            self._busy = True
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
