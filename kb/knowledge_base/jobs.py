"""Imports and deletions under way: how far they are, and pausing, resuming, cancelling and retrying them."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kb.knowledge_base.parts import Parts
from kb.knowledge_base.whose import Whose, changeable, require_changeable, whose
from kb.state.import_ends import ImportEnds
from kb.state.job_control import Control
from kb.state.job_progress import WorkProgress
from kb.types import Caller, DocumentState, ImportEnd, JobState, JobStatus, QueueStatus

log = logging.getLogger(__name__)


class JobsService:
    """What a caller can see and do of the work on documents. A job is its document's, and so is its owner."""

    def __init__(self, parts: Parts) -> None:
        self._documents = parts.documents
        self._jobs = parts.jobs
        self._control = Control(parts.database)
        self._ends = ImportEnds(parts.database)
        self._progress = WorkProgress(parts.database, clock=time.time)

    # --- How far it is ------------------------------------------------------------------------

    def of(self, document_ids: Sequence[str], *, caller: Caller) -> dict[str, JobStatus]:
        """Returns document id -> its job; documents without a job, and those of others, are left out.

        Whoever sees some collections is not told a place in the queue, which would count the imports of others.
        """
        found = self._documents.existing(document_ids, **whose(caller))
        jobs = self._progress.of([document.id for document in found])
        if caller.collections is None:
            return jobs
        return {each: replace(job, position=None) for each, job in jobs.items()}

    def all(self, *, caller: Caller, limit: int = -1) -> list[JobStatus]:
        """Returns every job, in the order in which they will be done; ``limit=-1`` sets no limit."""
        if caller.collections is None:
            return self._progress.all(limit=limit, owner=caller.id)
        jobs = self._progress.all(owner=caller.id)
        seen = self.of([job.document_id for job in jobs], caller=caller)
        own = [seen[job.document_id] for job in jobs if job.document_id in seen]
        return own if limit < 0 else own[:limit]

    def queue(self, *, caller: Caller) -> QueueStatus:
        """Returns all imports together, everybody's: they share the machine. Of the failed ones those of ``caller``.

        Whoever sees some collections is told of these alone, and of no speed, which would tell how much waits.
        """
        together = self._progress.queue(owner=caller.id)
        if caller.collections is None:
            return together
        states = Counter(job.state for job in self.all(caller=caller))
        return QueueStatus(
            paused=together.paused,
            queued=states[JobState.QUEUED],
            running=states[JobState.RUNNING],
            waiting=states[JobState.WAITING],
            paused_jobs=states[JobState.PAUSED],
            failed=len(self._failed(whose(caller))),
        )

    def ends(self, after: int, *, caller: Caller, limit: int) -> tuple[list[ImportEnd], int]:
        """Returns at most ``limit`` imports that ended behind the number ``after``, and the number to go on behind."""
        newest = self._ends.newest()
        found = self._ends.following(after, limit=limit, owner=caller.id, collections=caller.collections)
        behind = found[-1][0] if len(found) == limit else max(newest, *(number for number, _ in found), after)
        return [ended for _, ended in found], behind

    def end_number(self, event: str | None, *, caller: Caller) -> int:
        """Returns the ``after`` of what comes behind an event; None is the newest. One not known is behind none."""
        if event is None:
            return self._ends.newest()
        return self._ends.number_of(event, owner=caller.id, collections=caller.collections)

    def due(self) -> int:
        """Returns how many imports could be begun now or are under way, everybody's."""
        return self._jobs.waiting()

    # --- One of them --------------------------------------------------------------------------

    def cancel(self, document_id: str, *, caller: Caller) -> None:
        """Ends an import that is queued or under way; an older version of the document stays.

        Raises:
            NotFound: there is no such document.
            Conflict: nothing is under way that could be cancelled.
        """
        self._require(document_id, caller)
        self._control.cancel(document_id)

    def pause(self, document_id: str, *, caller: Caller) -> None:
        """Stops an import until it is resumed; it will go on after the last batch that was stored.

        Raises:
            NotFound: there is no such document.
            Conflict: it is not being imported.
        """
        self._require(document_id, caller)
        self._control.pause(document_id)

    def resume(self, document_id: str, *, caller: Caller) -> None:
        """Lets a paused import go on, or one that waits try again now; one that does neither stays as it is.

        Raises:
            NotFound: there is no such document.
            Conflict: it is not being imported.
        """
        self._require(document_id, caller)
        self._control.resume(document_id)

    def retry(self, document_id: str, *, caller: Caller) -> None:
        """Queues a failed or cancelled import once more; one that waits tries again now.

        Raises:
            NotFound: there is no such document.
            Conflict: it did not fail.
        """
        self._require(document_id, caller)
        self._control.retry(document_id, person=caller.person_id)

    # --- All of them --------------------------------------------------------------------------

    def pause_all(self, *, caller: Caller) -> None:
        """Stops all imports, everybody's, and those that are added later, until ``resume_all``."""
        caller.require_whole()
        log.info("all imports are paused", extra={"caller": caller.id})
        self._control.pause_all()

    def resume_all(self, *, caller: Caller) -> None:
        """Lets all imports go on, those that were paused one by one included."""
        caller.require_whole()
        log.info("all imports are resumed", extra={"caller": caller.id})
        self._control.resume_all()

    def retry_failed(self, *, caller: Caller) -> int:
        """Queues every failed import once more; returns how many."""
        may = changeable(caller)
        if caller.collections is None:
            return self._control.retry_failed(owner=caller.id, person=caller.person_id)
        failed = self._failed(may)
        for document_id in failed:
            self._control.retry(document_id, person=caller.person_id)
        return len(failed)

    def _failed(self, of: Whose) -> list[str]:
        found = self._documents.page(limit=-1, **of)
        return [document.id for document in found if document.state is DocumentState.FAILED]

    def _require(self, document_id: str, caller: Caller) -> None:
        require_changeable(self._documents, [document_id], caller)
