"""Fragments for the page's own script: its files, and the table of documents whenever it changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from kb.errors import Damaged, NotFound
from kb.types import Caller
from kb.web.api.caller import By
from kb.web.api.changes import ChangeFeed
from kb.web.api.fields import Collection, Label, Name, Offset
from kb.web.page import render_library, render_rail
from kb.web.page.languages import strings_of, words_of
from kb.web.page.words.frame import EN, ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

PER_PAGE = 50
_FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FILES = {path.name: _TYPES[path.suffix] for path in _FOLDER.iterdir() if path.suffix in _TYPES}
_CONVERSATIONS = 200
"""How many the rail lists; older ones are found by its search."""
_PATIENCE_S = 20
"""How long a request waits for a change; shorter than any timeout on its way."""


class LibraryOut(BaseModel):
    """The table as it stands."""

    seen: int
    """Counter of changes; sent back, it makes the next request wait for a newer table."""
    html: str


class ConversationsOut(BaseModel):
    """What was asked before."""

    html: str


def live_router(kb: KnowledgeBase, changes: ChangeFeed) -> APIRouter:
    """Returns ``/ui/...``: nothing here is an interface for other programs."""
    router = APIRouter(prefix="/ui")

    @router.get("/static/{name}")
    def static_file(name: Name) -> FileResponse:
        if name not in _FILES:
            raise NotFound(f"There is no file {name!r}.")
        return FileResponse(_FOLDER / name, media_type=_FILES[name], headers={"Cache-Control": "no-cache"})

    @router.get("/library")
    async def library(
        request: Request,
        caller: By,
        seen: int = -1,
        offset: Offset = 0,
        collection: Collection | None = None,
    ) -> LibraryOut:
        now = await changes.wait(seen, _PATIENCE_S) if seen >= 0 else changes.now
        strings = strings_of(request.headers)
        page = await run_in_threadpool(library_page, kb, caller, offset=offset, collection=collection or None)
        return LibraryOut(seen=now, html=render_library.library(page, strings))

    @router.get("/conversations")
    def conversations(request: Request, caller: By, saying: Label = "") -> ConversationsOut:
        found = kb.conversations.all(caller=caller, limit=_CONVERSATIONS, saying=saying)
        words = words_of(request.headers, EN, ZH)
        if saying and not found:
            return ConversationsOut(html=render_rail.none_found(words))
        return ConversationsOut(html=render_rail.conversations(found, words, now=datetime.now().astimezone()))

    return router


def library_page(
    kb: KnowledgeBase, caller: Caller, *, offset: int = 0, collection: str | None = None
) -> render_library.LibraryPage:
    """Returns the documents from ``offset`` on; the last page when there are no longer that many.

    Where the database cannot be read there are none, and the page says why.
    """
    try:
        return _library_page(kb, caller, offset=offset, collection=collection)
    except Damaged as error:
        return render_library.LibraryPage(
            documents=[],
            total=0,
            first=0,
            per_page=PER_PAGE,
            collection=None,
            collections=[],
            embedder="",
            warnings=list(dict.fromkeys([*kb.maintenance.warnings(), str(error)])),
        )


def _library_page(
    kb: KnowledgeBase, caller: Caller, *, offset: int, collection: str | None
) -> render_library.LibraryPage:
    total = kb.library.count(caller=caller, collection=collection)
    first = min(offset, max(total - 1, 0)) // PER_PAGE * PER_PAGE
    documents = kb.library.documents(caller=caller, collection=collection, limit=PER_PAGE, offset=first)
    return render_library.LibraryPage(
        documents=documents,
        total=total,
        first=first,
        per_page=PER_PAGE,
        collection=collection,
        collections=kb.library.collections(caller=caller),
        embedder=kb.embedder_status(),
        jobs=kb.jobs.of([document.id for document in documents], caller=caller),
        queue=kb.jobs.queue(caller=caller),
        warnings=kb.maintenance.warnings(),
        notices=kb.maintenance.notices(caller=caller),
    )
