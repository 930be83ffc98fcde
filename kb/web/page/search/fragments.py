"""What a search finds, as markup for the screen that looks into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from kb.web.api.answer_schemas import SearchIn
from kb.web.api.caller import By
from kb.web.page.languages import words_of
from kb.web.page.search import render as render_search
from kb.web.page.words.search import EN, ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class FoundOut(BaseModel):
    """What was found, and the words that were searched, without the conditions."""

    html: str
    question: str


def search_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter(prefix="/ui")

    @router.post("/search")
    async def search(request: Request, asked: SearchIn, caller: By) -> FoundOut:
        question = await run_in_threadpool(asked.asked, caller, kb.known_value(caller))
        searched = await kb.query_engine.search(question, k=asked.k, tuning=asked.tuning)
        html = await run_in_threadpool(render_search.found, searched, words_of(request.headers, EN, ZH))
        return FoundOut(html=html, question=question.text)

    return router
