"""A document as a page to read, a piece at a time, for the reader."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from fastapi import APIRouter, Query, Request

from kb.errors import NotFound
from kb.types import Caller
from kb.web.api.caller import By
from kb.web.api.fields import Id, Offset, RowId
from kb.web.api.schemas import Wire
from kb.web.page.answer.render import answer_words
from kb.web.page.document.render_reader import reading
from kb.web.page.languages import strings_of
from kb.web.page.words.reader import EN as READER_EN
from kb.web.page.words.reader import ZH as READER_ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_ABOVE = 5
"""Passages shown above the one that is looked for."""


class ReadingOut(Wire):
    """Some passages of a document as markup, in its order."""

    html: str
    start: int
    """The position of the first one."""
    end: int
    """That behind the last one."""
    total: int


class WordsOut(Wire):
    """The words of the reader and of the pane that it opens in, in the browser's language."""

    reader: dict[str, str]
    pane: dict[str, str]


def reader_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter(prefix="/ui")

    @router.get("/words/sources")
    def words(request: Request) -> WordsOut:
        strings = strings_of(request.headers)
        reader = READER_ZH if strings.language == "zh" else READER_EN
        return WordsOut(reader=asdict(reader), pane=asdict(answer_words(strings)))

    @router.get("/documents/{document_id}/reading")
    def read(
        document_id: Id,
        caller: By,
        start: Offset = 0,
        count: int = Query(30, ge=1, le=100),
        chunk: RowId | None = None,
    ) -> ReadingOut:
        """``chunk`` begins a little above that passage; at ``start`` where it is gone."""
        position = _position(kb, document_id, chunk, caller)
        first = start if position is None else max(0, position - _ABOVE)
        found = kb.library.passages(document_id, caller=caller, start=first, count=count + 1)
        shown = found[:count]
        return ReadingOut(
            html=reading(shown, after=found[count] if len(found) > count else None),
            start=first,
            end=first + len(shown),
            total=kb.library.document(document_id, caller=caller).chunks,
        )

    return router


def _position(kb: KnowledgeBase, document_id: str, chunk: int | None, caller: Caller) -> int | None:
    """Returns where a passage stands in its document; None where there is none of that number in it any more."""
    if chunk is None:
        return None
    try:
        passage = kb.library.passage(chunk, caller=caller)
    except NotFound:
        return None
    return passage.position if passage.document_id == document_id else None
