"""What becomes of an answer that is there: it is rated, and saved as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from kb.types import RatingValue
from kb.web.api.caller import By
from kb.web.api.conversation_export import as_json, as_markdown
from kb.web.api.cursors import Cursor, cursor_of, place_of
from kb.web.api.fields import Id, Offset, Text
from kb.web.api.schemas import Wire

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class RatingIn(Wire):
    """What somebody thinks of an answer."""

    rating: RatingValue
    reason: Text = Field(default="", max_length=2000)


class RatingOut(Wire):
    """A rated answer."""

    request_id: str
    conversation_id: str
    question: str
    answer: str
    rating: RatingValue
    reason: str
    rated: str


class RatingsOut(Wire):
    """The latest ratings first."""

    ratings: list[RatingOut]
    next_cursor: str | None = None
    """The ``cursor`` of the page behind this one; null on the last."""


def answers_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/ratings")
    def list_ratings(
        caller: By,
        conversation: Id | None = None,
        rating: RatingValue | None = None,
        limit: int = Query(200, ge=1, le=1000),
        offset: Offset = 0,
        cursor: Cursor = None,
    ) -> RatingsOut:
        found = kb.ratings.all(
            caller=caller,
            conversation_id=conversation,
            rating=rating,
            limit=limit + 1,
            offset=offset,
            after=place_of("ratings", cursor),
        )
        page = found[:limit]
        return RatingsOut(
            ratings=[RatingOut.model_validate(each) for each in page],
            next_cursor=cursor_of("ratings", kb.ratings.place(page)) if len(found) > limit else None,
        )

    @router.post("/api/answers/{request_id}/rating", status_code=204)
    def rate(request_id: Id, rated: RatingIn, caller: By) -> None:
        kb.ratings.rate(request_id, rated.rating, reason=rated.reason, caller=caller)

    @router.delete("/api/answers/{request_id}/rating", status_code=204)
    def withdraw(request_id: Id, caller: By) -> None:
        kb.ratings.withdraw(request_id, caller=caller)

    @router.get("/api/answers/{request_id}/export")
    async def export(
        request_id: Id, caller: By, form: Literal["markdown", "json"] = Query("markdown", alias="format")
    ) -> Response:
        run = await kb.conversations.get(request_id, caller=caller)
        return as_json([run]) if form == "json" else as_markdown([run])

    return router
