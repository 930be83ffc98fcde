"""Routes that cancel, pause, resume and retry imports, one or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from kb.web.api.caller import By
from kb.web.api.fields import Id
from kb.web.api.schemas import QueueOut, RetriedOut

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def jobs_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.post("/api/documents/{document_id}/cancel", status_code=204)
    def cancel(document_id: Id, caller: By) -> None:
        kb.jobs.cancel(document_id, caller=caller)

    @router.post("/api/documents/{document_id}/pause", status_code=204)
    def pause(document_id: Id, caller: By) -> None:
        kb.jobs.pause(document_id, caller=caller)

    @router.post("/api/documents/{document_id}/resume", status_code=204)
    def resume(document_id: Id, caller: By) -> None:
        kb.jobs.resume(document_id, caller=caller)

    @router.post("/api/documents/{document_id}/retry", status_code=204)
    def retry(document_id: Id, caller: By) -> None:
        kb.jobs.retry(document_id, caller=caller)

    @router.get("/api/queue")
    def queue(caller: By) -> QueueOut:
        return QueueOut.model_validate(kb.jobs.queue(caller=caller))

    @router.post("/api/queue/pause", status_code=204)
    def pause_all(caller: By) -> None:
        kb.jobs.pause_all(caller=caller)

    @router.post("/api/queue/resume", status_code=204)
    def resume_all(caller: By) -> None:
        kb.jobs.resume_all(caller=caller)

    @router.post("/api/queue/retry-failed")
    def retry_failed(caller: By) -> RetriedOut:
        return RetriedOut(retried=kb.jobs.retry_failed(caller=caller))

    return router
