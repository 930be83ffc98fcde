"""Deletes what is stored of removed documents, a bounded step at a time, so that nothing else waits for it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from kb.errors import Cancelled
from kb.state.blobs import BlobStore
from kb.state.job_steps import Steps
from kb.state.jobs import CLEANUPS, Jobs

log = logging.getLogger(__name__)


def delete_pending(
    jobs: Jobs, steps: Steps, blobs: BlobStore, *, owner: str, stopped: Callable[[], bool] = lambda: False
) -> int:
    """Deletes what is stored of every removed document, and what failed imports left; returns how many there were.

    Needs neither a model nor an index: for those it leaves tombstones. Ends early when ``stopped`` says
    true; what is begun then stays claimed by ``owner``.
    """
    deleted = 0
    while not stopped() and (claimed := jobs.claim(owner, limit=1, kinds=CLEANUPS)):
        job = claimed[0]
        try:
            while steps.delete_pending(job, forget_file=blobs.forget):
                if stopped():
                    return deleted
        except Cancelled as error:  # the same document was added or tried again, or its deletion taken over
            log.info("a deletion is given up", extra={"document": job.document_id, "reason": str(error)})
        deleted += 1
    return deleted
