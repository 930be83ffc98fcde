"""The thread that claims jobs, keeps their leases and runs the pipeline."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator

from ingest.pipeline import Pipeline
from kb.errors import BackendDown
from kb.state.jobs import LEASE_SECONDS, Jobs
from kb.types import Job

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_HEARTBEAT_SECONDS = LEASE_SECONDS / 3
_MOST_BACKOFF_SECONDS = 60.0


class Worker:
    """Imports whatever is queued until it is stopped. The pipeline is built in its own thread, when first needed."""

    def __init__(self, *, jobs: Jobs, build_pipeline: Callable[[], Pipeline]) -> None:
        self._jobs = jobs
        self._build_pipeline = build_pipeline
        self._owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name="import-worker", daemon=True),
            threading.Thread(target=self._keep_leases, name="import-heartbeat", daemon=True),
        ]

    def start(self) -> None:
        """Begins to work in the background."""
        for thread in self._threads:
            thread.start()

    def stop(self, *, timeout: float = 30.0) -> None:
        """Ends after the batch at hand and gives unfinished jobs back; waits at most ``timeout`` seconds."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(timeout)
        self._jobs.release(self._owner)

    def _run(self) -> None:
        pipeline: Pipeline | None = None
        backoff = 1.0
        while not self._stopped.wait(_POLL_SECONDS):
            if not self._jobs.waiting():
                continue
            try:
                pipeline = pipeline or self._build_pipeline()
                pipeline.run(self._claims(), stopped=self._stopped.is_set)
                backoff = 1.0
            except BackendDown as error:
                log.warning("imports pause for %.0f s: %s", backoff, error)
                self._give_back_and_wait(backoff)
                backoff = min(2 * backoff, _MOST_BACKOFF_SECONDS)
            except (
                Exception
            ):  # the worker must outlive a fault of ours; the jobs go back and are counted as attempts
                log.exception("imports pause for %.0f s", backoff)
                self._give_back_and_wait(backoff)
                backoff = min(2 * backoff, _MOST_BACKOFF_SECONDS)

    def _claims(self) -> Iterator[Job]:
        while not self._stopped.is_set() and (claimed := self._jobs.claim(self._owner, limit=1)):
            yield from claimed

    def _give_back_and_wait(self, seconds: float) -> None:
        self._jobs.release(self._owner)
        self._stopped.wait(seconds)

    def _keep_leases(self) -> None:
        while not self._stopped.wait(_HEARTBEAT_SECONDS):
            self._jobs.renew(self._owner)
