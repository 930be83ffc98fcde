"""The live library: a window of its rows, what is imported and what is wrong, whenever any of it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from kb.errors import Damaged
from kb.types import Caller, ListFilter, QueueStatus
from kb.web.api.caller import By, caller_now
from kb.web.api.changes import ChangeFeed
from kb.web.api.listing import WindowIn
from kb.web.page.languages import strings_of, words_of
from kb.web.page.library import render as render_library
from kb.web.page.library import render_imports
from kb.web.page.library.render import Say
from kb.web.page.library.render_imports import Imports
from kb.web.page.library.render_work import IMPORTING
from kb.web.page.words.library import EN, ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

PATIENCE_S = 20
"""How long a request waits for a change; shorter than any timeout on its way."""
_JOBS_SHOWN = 50


class LibraryIn(WindowIn):
    """The window of the table that is shown."""

    seen: int = -1
    """The counter of changes of what is shown; -1 is answered at once."""
    work: bool = False
    """Whether the queue and the failures are opened."""


class LibraryOut(BaseModel):
    """The window as it stands."""

    seen: int
    total: int
    """How many rows the filters leave."""
    is_empty: bool
    """Whether there is no document at all."""
    offset: int
    rows: list[str]
    work: str
    notices: str
    busy: bool
    """Whether something is being imported."""


def say_of(headers: Mapping[str, str]) -> Say:
    """Returns what the library says to the browser that sent a request with these headers."""
    return Say(words_of(headers, EN, ZH), strings_of(headers))


def live_library_router(kb: KnowledgeBase, changes: ChangeFeed) -> APIRouter:
    router = APIRouter(prefix="/ui")

    @router.get("/library")
    async def library(request: Request, caller: By, asked: Annotated[LibraryIn, Query()]) -> LibraryOut:
        now = await changes.wait(asked.seen, PATIENCE_S) if asked.seen >= 0 else changes.now
        caller = await caller_now(request, caller)
        return await run_in_threadpool(library_now, kb, caller, asked, say_of(request.headers), seen=now)

    return router


def library_now(kb: KnowledgeBase, caller: Caller, asked: LibraryIn, say: Say, *, seen: int) -> LibraryOut:
    """Returns the rows from ``asked.offset`` on.

    Where the database cannot be read there are none, and the page says why.
    """
    try:
        return _readable_library(kb, caller, asked, say, seen)
    except Damaged as error:
        wrong = list(dict.fromkeys([*kb.maintenance.warnings(), str(error)]))
        return LibraryOut(
            seen=seen,
            total=0,
            is_empty=False,
            offset=0,
            rows=[],
            work="",
            notices=render_library.notices(wrong, [], say.strings),
            busy=False,
        )


def _readable_library(kb: KnowledgeBase, caller: Caller, asked: LibraryIn, say: Say, seen: int) -> LibraryOut:
    wanted = kb.listing.searched(asked.wanted())
    found = kb.listing.window(wanted, asked.order, caller=caller, limit=asked.limit, offset=asked.offset)
    jobs = kb.jobs.of([document.id for document in found], caller=caller)
    queue = kb.jobs.queue(caller=caller)
    total = kb.listing.count(wanted, caller=caller)
    return LibraryOut(
        seen=seen,
        total=total,
        is_empty=not total and not kb.listing.count(ListFilter(), caller=caller),
        offset=asked.offset,
        rows=[render_library.row(document, jobs.get(document.id), say) for document in found],
        work=render_imports.strip(_imports(kb, caller, queue, is_open=asked.work), say),
        notices=_notices(kb, caller, say),
        busy=bool(queue.unfinished),
    )


def _notices(kb: KnowledgeBase, caller: Caller, say: Say) -> str:
    """Returns what is wrong with the library as a whole, for those whose it is."""
    if caller.collections is not None:
        return ""
    return render_library.notices(
        kb.maintenance.warnings(), kb.maintenance.notices(caller=caller), say.strings
    )


def _imports(kb: KnowledgeBase, caller: Caller, queue: QueueStatus, *, is_open: bool) -> Imports:
    if not is_open:
        return Imports(queue)
    jobs = [job for job in kb.jobs.all(caller=caller, limit=_JOBS_SHOWN) if job.kind in IMPORTING]
    documents = kb.library.existing([job.document_id for job in jobs], caller=caller)
    return Imports(
        queue,
        jobs,
        {document.id: document for document in documents},
        kb.listing.causes(caller=caller),
        is_open=True,
    )
