"""The live page of one document: what is known of it whenever that changed, and its passages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from kb.errors import NotFound
from kb.types import Caller, DocumentState
from kb.web.api.caller import By, caller_now
from kb.web.api.changes import ChangeFeed
from kb.web.api.fields import Id, Offset
from kb.web.page.document import render as render_document
from kb.web.page.document.render import DocumentPage
from kb.web.page.languages import words_of
from kb.web.page.library.fragments import PATIENCE_S, say_of
from kb.web.page.words.document import EN, ZH, DocumentWords

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_PASSAGES = 30


class AboutOut(BaseModel):
    """What is known of a document now."""

    seen: int
    about: str
    text: str
    """What changes whenever its passages do."""


class PassagesOut(BaseModel):
    """Some of its passages."""

    html: str


def document_words(headers: Mapping[str, str]) -> DocumentWords:
    """Returns the words of the screen for the browser that sent a request with these headers."""
    return words_of(headers, EN, ZH)


def live_document_router(kb: KnowledgeBase, changes: ChangeFeed) -> APIRouter:
    router = APIRouter(prefix="/ui/document")

    @router.get("/{document_id}")
    async def about(request: Request, document_id: Id, caller: By, seen: int = -1) -> AboutOut:
        now = await changes.wait(seen, PATIENCE_S) if seen >= 0 else changes.now
        caller = await caller_now(request, caller)
        page = await run_in_threadpool(_page, kb, document_id, caller)
        markup = render_document.about(page, document_words(request.headers), say_of(request.headers))
        ended = page.document.state is DocumentState.READY and page.status is None
        text = f"{page.document.chunks} {[edit.id for edit in page.edits]} {ended}"
        return AboutOut(seen=now, about=markup, text=text)

    @router.get("/{document_id}/passages")
    def passages(
        request: Request,
        document_id: Id,
        caller: By,
        start: Offset = 0,
        count: int = Query(_PASSAGES, ge=1, le=200),
    ) -> PassagesOut:
        document = kb.library.document(document_id, caller=caller)
        found = kb.library.passages(document_id, caller=caller, start=start, count=count)
        edits = kb.passage_edits.of(document_id, caller=caller)
        words = document_words(request.headers)
        return PassagesOut(
            html=render_document.passages(found, edits, words, start=start, total=document.chunks)
        )

    return router


def _page(kb: KnowledgeBase, document_id: str, caller: Caller) -> DocumentPage:
    document = kb.library.document(document_id, caller=caller)
    if document.state is DocumentState.DELETING:
        raise NotFound("This document is being deleted.")
    return DocumentPage(
        document,
        kb.jobs.of([document_id], caller=caller).get(document_id),
        kb.passage_edits.of(document_id, caller=caller),
        kb.library.newer_version(document_id, caller=caller),
        asked_as=kb.library.selecting(document, caller=caller),
    )
