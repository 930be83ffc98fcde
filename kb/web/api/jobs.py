"""Cancelling, pausing, resuming and retrying imports, one or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from kb.web.api.schemas import QueueOut, RetriedOut

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def jobs_router(kb: KnowledgeBase) -> APIRouter:
    """``/api/documents/{id}/...`` and ``/api/queue``."""
    router = APIRouter()

    @router.post("/api/documents/{document_id}/cancel", status_code=204)
    def cancel(document_id: str) -> None:
        kb.control.cancel(document_id)

    @router.post("/api/documents/{document_id}/pause", status_code=204)
    def pause(document_id: str) -> None:
        kb.control.pause(document_id)

    @router.post("/api/documents/{document_id}/resume", status_code=204)
    def resume(document_id: str) -> None:
        kb.control.resume(document_id)

    @router.post("/api/documents/{document_id}/retry", status_code=204)
    def retry(document_id: str) -> None:
        kb.control.retry(document_id)

    @router.get("/api/queue")
    def queue() -> QueueOut:
        return QueueOut.model_validate(kb.progress.queue())

    @router.post("/api/queue/pause", status_code=204)
    def pause_all() -> None:
        kb.control.pause_all()

    @router.post("/api/queue/resume", status_code=204)
    def resume_all() -> None:
        kb.control.resume_all()

    @router.post("/api/queue/retry-failed")
    def retry_failed() -> RetriedOut:
        return RetriedOut(retried=kb.control.retry_failed())

    return router
