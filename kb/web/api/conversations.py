"""Routes of conversations, and of answers that are still being made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from kb.web.api.answer_schemas import ConversationRequestsOut, RequestOut
from kb.web.api.ask import streamed
from kb.web.api.caller import By
from kb.web.api.conversation_export import as_json, as_markdown
from kb.web.api.cursors import Cursor, cursor_of, place_of
from kb.web.api.fields import Id, Label, Offset, Truth
from kb.web.api.schemas import Wire

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class ConversationOut(Wire):
    """A row of questions."""

    id: str
    title: str
    added: str
    updated: str
    requests: int
    documents: int
    pinned: bool


class ConversationLabelsIn(Wire):
    """What to change about a conversation; what is left out stays."""

    title: Label | None = None
    pinned: Truth | None = None


class ConversationsOut(Wire):
    """The pinned conversations first, then the latest."""

    conversations: list[ConversationOut]
    next_cursor: str | None = None
    """The ``cursor`` of the page behind this one; null on the last."""


def conversations_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/conversations")
    def list_conversations(
        caller: By,
        limit: int = Query(50, ge=1, le=1000),
        offset: Offset = 0,
        saying: Label = "",
        cursor: Cursor = None,
    ) -> ConversationsOut:
        after = place_of("conversations", cursor)
        found = kb.conversations.all(
            caller=caller, limit=limit + 1, offset=offset, after=after, saying=saying
        )
        page = found[:limit]
        more = len(found) > len(page)
        return ConversationsOut(
            conversations=[ConversationOut.model_validate(conversation) for conversation in page],
            next_cursor=cursor_of("conversations", kb.conversations.place(page, caller=caller))
            if more
            else None,
        )

    @router.get("/api/conversations/{conversation_id}")
    def show_conversation(conversation_id: Id, caller: By) -> ConversationRequestsOut:
        return ConversationRequestsOut(
            requests=[RequestOut.of(run) for run in kb.conversations.runs(conversation_id, caller=caller)]
        )

    @router.patch("/api/conversations/{conversation_id}", status_code=204)
    def label_conversation(conversation_id: Id, labels: ConversationLabelsIn, caller: By) -> None:
        kb.conversations.label(conversation_id, title=labels.title, pinned=labels.pinned, caller=caller)

    @router.get("/api/conversations/{conversation_id}/export")
    def export_conversation(
        conversation_id: Id, caller: By, form: Literal["markdown", "json"] = Query("markdown", alias="format")
    ) -> Response:
        runs = kb.conversations.runs(conversation_id, caller=caller)
        return as_json(runs) if form == "json" else as_markdown(runs)

    @router.delete("/api/conversations/{conversation_id}", status_code=204)
    async def remove_conversation(conversation_id: Id, caller: By) -> None:
        await kb.conversations.remove(conversation_id, caller=caller)

    @router.get("/api/requests/{request_id}")
    async def show_request(request_id: Id, caller: By) -> RequestOut:
        return RequestOut.of(await kb.conversations.get(request_id, caller=caller))

    @router.get("/api/requests/{request_id}/events")
    async def follow_request(request_id: Id, caller: By) -> StreamingResponse:
        return streamed(kb, await kb.conversations.get(request_id, caller=caller), caller)

    @router.post("/api/requests/{request_id}/cancel", status_code=204)
    async def cancel_request(request_id: Id, caller: By) -> None:
        await kb.conversations.cancel(request_id, caller=caller)

    return router
