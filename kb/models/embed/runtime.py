"""What computes vectors from token ids, whichever library does it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from kb.models.embed.batching import Rows

if TYPE_CHECKING:
    from kb.types import Matrix

_BACKGROUND_NICENESS = 10


class Runtime(Protocol):
    """A loaded model. Safe to call from several threads."""

    batch_tokens: int
    """How many tokens, padding included, one batch should have."""

    def run(self, rows: Rows) -> Matrix:
        """Returns the vectors of ``rows`` as the model returns them: one batch, ahead of passages that wait."""
        ...

    def run_in_background(self, batches: Sequence[Rows]) -> list[Matrix]:
        """Returns the vectors of each batch, at a priority that lets questions go first."""
        ...

    def close(self) -> None:
        """Waits for the passages under way, then frees the weights; a question that comes later is Cancelled."""
        ...


def lower_priority() -> None:
    """Lets questions go first: the threads that this one starts for its computations inherit its priority."""
    if sys.platform == "linux":  # the one system where a priority belongs to a thread
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BACKGROUND_NICENESS)
