"""The threads that claim jobs, renew their leases, run the pipeline and carry out deletions."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ingest.chunk import CHUNKER_VERSION
from ingest.pipeline import Pipeline, fault_of_ours
from kb.errors import BackendDown, Damaged, DiskFull, FootnoteError, Misconfigured, Superseded
from kb.state.blobs import BlobStore
from kb.state.deletion import delete_pending
from kb.state.job_steps import Steps
from kb.state.jobs import LEASE_SECONDS, Jobs
from kb.system.backoff import BackOff
from kb.system.logs import PAUSES
from kb.system.processes import new_owner
from kb.types import Job, JobKind

log = logging.getLogger(__name__)
pauses = logging.getLogger(PAUSES)

_POLL_SECONDS = 0.2
"""How soon what another process queued is noticed; what this one queues is at once."""
_HEARTBEAT_SECONDS = LEASE_SECONDS / 3
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 60.0
_JITTER = 0.1
"""Of a wait: several libraries may have lost the same embedding server, and are not to ask it all at once."""
_DELETION_BACKOFF_SECONDS = 10.0
_INDEX_BACKOFF_SECONDS = 2.0
_FULL_DISK_SECONDS = 1.0
_MOST_FAULTS = 3
"""A document that met so many errors of ours, the last of them alone, is failed."""
_LOOK_SECONDS = 0.2
"""How soon work that was cancelled or paused, by whatever process, is noticed."""


class Worker:
    """Does whatever is queued until it is stopped. The pipeline is built in its own thread, when first needed.

    Three threads: imports, deletions (so that deleting never waits for an import), and one that renews
    the leases and tells the pipeline which of them were lost.
    """

    def __init__(
        self,
        *,
        jobs: Jobs,
        steps: Steps,
        blobs: BlobStore,
        build_pipeline: Callable[[], Pipeline],
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        """``poll_seconds``: how often it looks for what other processes queued, and for what is to be deleted."""
        self._poll_seconds = poll_seconds
        self._jobs = jobs
        self._steps = steps
        self._blobs = blobs
        self._build_pipeline = build_pipeline
        self._building = threading.Lock()
        self._pipeline: Pipeline | None = None
        self._owner = new_owner("imports")
        self._deleter = new_owner("burials")
        self._stopped = threading.Event()
        self._back_off = BackOff(_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS, jitter=_JITTER)
        self._suspects = 0
        """How many jobs are still to be tried alone."""
        self._latest: Job | None = None
        self._left = False
        """Whether jobs that broke off still have their leases."""
        self._threads = [
            threading.Thread(target=self._import, name="import-worker", daemon=True),
            threading.Thread(target=self._delete, name="deletion-worker", daemon=True),
            threading.Thread(target=self._keep_leases, name="job-heartbeat", daemon=True),
        ]

    def start(self) -> None:
        """Begins to work in the background."""
        with _despite_the_database():
            self._jobs.explain(None)  # what held up the process before is tried anew
        for thread in self._threads:
            thread.start()

    def stop(self, *, timeout: float = 30.0) -> None:
        """Ends after the batch at hand and gives unfinished jobs back; waits at most ``timeout`` seconds."""
        self._stopped.set()
        self._jobs.commits.wake()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        with _despite_the_database():
            for owner in (self._owner, self._deleter):
                self._jobs.release(owner)

    # --- Imports ------------------------------------------------------------------------------

    def _import(self) -> None:
        self._queue_outdated()
        seen = -1
        while self._awaits_work(since=seen):
            seen = self._jobs.commits.count
            try:
                if not self._jobs.waiting():
                    continue
                self._give_back_what_was_left()
                self._work(self._opened())
                self._jobs.explain(None)
            except Superseded:
                self._jobs.release(self._owner)
            except (BackendDown, Misconfigured, Damaged) as error:
                self._wait(str(error))
            except Exception as error:  # the worker must outlive a fault of ours; the jobs are tried again
                log.exception("an import broke off")
                with _despite_the_database():
                    self._note_fault(fault_of_ours(error))
            else:
                self._back_off.reset()
                self._suspects = max(0, self._suspects - 1)

    def _awaits_work(self, *, since: int) -> bool:
        """Returns once something was committed after ``since``, or it is time to look again; False at the end."""
        if not self._stopped.is_set():
            self._jobs.commits.wait(since, seconds=self._poll_seconds)
        return not self._stopped.is_set()

    def _queue_outdated(self) -> None:
        with _despite_the_database():
            if outdated := self._steps.queue_rechunk(CHUNKER_VERSION):
                log.info("documents are cut anew, as this version does", extra={"documents": outdated})

    def _work(self, pipeline: Pipeline) -> None:
        """Works off what is queued, until another embedder takes over: the rest goes on with that."""
        pipeline.run(self._claimer(), stopped=lambda: self._stopped.is_set() or pipeline.is_outdated)
        if pipeline.is_outdated:
            self._jobs.release(self._owner)

    def _give_back_what_was_left(self) -> None:
        """Gives back jobs that could not be given back when they broke off, because the disk was full."""
        if self._left:
            self._jobs.release(self._owner)
            self._left = False

    def _claimer(self) -> Callable[[], Job | None]:
        """Returns what claims one job after the other, in their turn; it returns None where there is none just now.

        Only one job in all while it is not known which of several made a fault.
        """
        again, seen, is_alone = -math.inf, -1, False

        def claim() -> Job | None:
            nonlocal again, seen, is_alone
            commits = self._jobs.commits.count
            if self._stopped.is_set() or is_alone or (commits == seen and time.monotonic() < again):
                return None
            claimed = self._jobs.claim(self._owner, limit=1)
            if not claimed:
                again, seen = time.monotonic() + self._poll_seconds, commits
                return None
            is_alone = self._suspects > 0
            self._latest = claimed[0]
            return claimed[0]

        return claim

    def _note_fault(self, reason: str) -> None:
        """Tries the jobs that were running again one by one; one that fails alone too often is failed for good."""
        job = self._latest
        alone = self._suspects > 0
        if alone and job is not None and job.kind is not JobKind.EMBED and job.faults + 1 >= _MOST_FAULTS:
            self._steps.fail(job, reason)
            self._suspects -= 1
            return
        held = self._wait(reason, fault=True)
        self._suspects = self._suspects if alone else held

    def _wait(self, reason: str, *, fault: bool = False) -> int:
        """Pauses the jobs that are held, with the reason where a person sees it, and waits as long itself."""
        seconds = self._back_off.next_wait()
        pauses.warning("imports pause", extra={"seconds": round(seconds), "reason": reason})
        held = 0
        self._left = True
        with _despite_the_database():
            held = self._jobs.wait(self._owner, reason=reason, seconds=seconds, fault=fault)
            self._left = False
            self._jobs.explain(reason)
        self._stopped.wait(seconds)
        return held

    def _opened(self) -> Pipeline:
        with self._building:
            if self._pipeline is None or self._pipeline.is_outdated:
                self._pipeline = self._build_pipeline()
            return self._pipeline

    # --- Deletions ----------------------------------------------------------------------------

    def _delete(self) -> None:
        held = False
        while not self._stopped.wait(self._poll_seconds):
            try:
                if held:  # a deletion that broke off on a full disk: nobody else begins it while it is held
                    self._jobs.release(self._deleter)
                    held = False
                deleted = delete_pending(
                    self._jobs, self._steps, self._blobs, owner=self._deleter, stopped=self._stopped.is_set
                )
                if deleted or self._pipeline is not None or self._steps.await_moves():
                    self._opened().sweep()
            except DiskFull as error:
                log.warning("deleting waits", extra={"reason": str(error)})
                held = True
                self._stopped.wait(_FULL_DISK_SECONDS)
            except Damaged as error:  # the database itself: a person has to act
                log.warning(
                    "deleting pauses", extra={"seconds": _DELETION_BACKOFF_SECONDS, "reason": str(error)}
                )
                self._stopped.wait(_DELETION_BACKOFF_SECONDS)
            except FootnoteError as error:  # the indexes cannot be opened: the tombstones stay until they can
                log.warning("the indexes still hold what was deleted", extra={"reason": str(error)})
                self._stopped.wait(_INDEX_BACKOFF_SECONDS)
            except Exception:  # as above: what could not be deleted is tried again
                log.exception("deleting pauses", extra={"seconds": _DELETION_BACKOFF_SECONDS})
                with _despite_the_database():
                    self._jobs.release(self._deleter)
                self._stopped.wait(_DELETION_BACKOFF_SECONDS)

    # --- Leases -------------------------------------------------------------------------------

    def _keep_leases(self) -> None:
        renewed = time.monotonic()
        while not self._stopped.wait(_LOOK_SECONDS):
            with _despite_the_database():
                if self._pipeline is not None:
                    self._pipeline.drop_lost(lambda: self._jobs.held(self._owner))
            if time.monotonic() - renewed > _HEARTBEAT_SECONDS:
                with _despite_the_database():
                    for owner in (self._owner, self._deleter):
                        self._jobs.renew(owner)
                    renewed = time.monotonic()


@contextmanager
def _despite_the_database() -> Iterator[None]:
    """What is asked or noted here is worth it, and not worth dying for: full, damaged, or held by another program."""
    try:
        yield
    except FootnoteError as error:
        log.warning("a state could not be noted", extra={"reason": str(error)})
