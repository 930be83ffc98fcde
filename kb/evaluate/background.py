"""One evaluation at a time, in a thread of its own, for surfaces that cannot wait for it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from typing import Any

from kb.errors import Conflict, FootnoteError
from kb.evaluate.experiments import ExperimentRunner, Plan, Request
from kb.evaluate.run import Progress, Watch
from kb.types import OWNER, Caller

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EvaluationState:
    """How far the evaluation is, or how the last one ended."""

    running: bool = False
    stopping: bool = False
    """Whether it was asked to end, and finishes the question at hand."""
    progress: Progress | None = None
    error: str | None = None
    """Why the last one failed; None when it did not."""
    notes: tuple[str, ...] = ()
    """What is done otherwise than asked for, such as a key that is not sent."""
    finished: tuple[int, ...] = ()
    """The ids of its results so far, in the order in which they came."""


class BackgroundEvaluation:
    """Starts an evaluation, reports its progress, and cancels it; safe to call from several threads."""

    def __init__(self, experiments: ExperimentRunner) -> None:
        self._experiments = experiments
        self._lock = threading.Lock()
        self._state = EvaluationState()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> EvaluationState:
        """How far it is now."""
        return self._state

    def size_bytes(self) -> int:
        """Returns the size of what earlier runs left on the disk for the next one."""
        return self._experiments.size_bytes()

    def start(self, request: Request) -> None:
        """Begins a run; what is wrong with the request is raised here, before anything runs.

        Raises:
            Conflict: one is running.
            BadInput: as ``ExperimentRunner.plan``.
            Denied: whoever asks has a key that may not.
        """
        request.caller.require_whole()
        plan = self._experiments.plan(request)
        with self._lock:
            if self._state.running:
                raise Conflict("An evaluation is running. Wait until it has ended, or stop it.")
            self._stop = threading.Event()
            self._state = EvaluationState(running=True, notes=plan.notes)
            self._thread = threading.Thread(
                target=self._run, args=(plan, self._stop), name="evaluation", daemon=True
            )
            self._thread.start()

    def cancel(self, caller: Caller = OWNER) -> None:
        """Ends the run after the question at hand; what was done is stored. Raises Denied, as ``start`` does."""
        caller.require_whole()
        with self._lock:
            self._stop.set()
            self._state = replace(self._state, stopping=self._state.running)

    def close(self, *, timeout: float = 5.0) -> None:
        """Cancels the run and waits for it, at most ``timeout`` seconds."""
        self.cancel()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self, plan: Plan, stop: threading.Event) -> None:
        error = None
        try:
            for measured in self._experiments.run(plan, Watch(self._report, stop.is_set)):
                ids = tuple(each.stored.id for each in measured if each.stored.id)
                self._change(finished=(*self._state.finished, *ids))
        except FootnoteError as refused:
            error = str(refused)
        except Exception:  # a fault of ours ends as a failed evaluation that says so, not as a silent thread
            log.exception("an evaluation failed")
            error = "Something went wrong inside Footnote; its log says what."
        if stop.is_set() and not self._state.finished and error is None:
            error = "It was stopped before the first question was asked, so there is no result."
        self._change(running=False, stopping=False, progress=None, error=error)

    def _report(self, progress: Progress) -> None:
        self._change(progress=progress)

    def _change(self, **changes: Any) -> None:
        with self._lock:
            self._state = replace(self._state, **changes)
