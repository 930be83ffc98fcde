"""What was asked before, and answers that are still being made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from kb.web.api.answer_schemas import ConversationOut, ConversationRequestsOut, ConversationsOut, RequestOut
from kb.web.api.ask import streamed

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def conversations_router(kb: KnowledgeBase) -> APIRouter:
    """``/api/conversations`` and ``/api/requests``."""
    router = APIRouter()

    @router.get("/api/conversations")
    def list_conversations(
        limit: int = Query(50, ge=1, le=1000), offset: int = Query(0, ge=0)
    ) -> ConversationsOut:
        found = kb.requests.conversations(limit=limit, offset=offset)
        return ConversationsOut(
            conversations=[ConversationOut.model_validate(conversation) for conversation in found]
        )

    @router.get("/api/conversations/{conversation_id}")
    def show_conversation(conversation_id: str) -> ConversationRequestsOut:
        return ConversationRequestsOut(
            requests=[RequestOut.of(request) for request in kb.requests.of(conversation_id)]
        )

    @router.delete("/api/conversations/{conversation_id}", status_code=204)
    async def remove_conversation(conversation_id: str) -> None:
        await kb.answers.remove(conversation_id)

    @router.get("/api/requests/{request_id}")
    async def show_request(request_id: str) -> RequestOut:
        return RequestOut.of(await kb.answers.get(request_id))

    @router.get("/api/requests/{request_id}/events")
    async def follow_request(request_id: str) -> StreamingResponse:
        return streamed(kb, await kb.answers.get(request_id))

    @router.post("/api/requests/{request_id}/cancel", status_code=204)
    async def cancel_request(request_id: str) -> None:
        await kb.answers.cancel(request_id)

    return router
