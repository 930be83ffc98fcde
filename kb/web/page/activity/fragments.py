"""The activity as the page's script asks for it, ready as markup."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from kb.errors import NotFound
from kb.types import Caller, Document, LogFilter, RequestKind, RequestStatus
from kb.web.api.caller import By
from kb.web.api.fields import RowId
from kb.web.page.activity.render import ActivityPage, activity
from kb.web.page.activity.render_plots import SPANS, plots
from kb.web.page.languages import strings_of, words_of
from kb.web.page.words.activity import EN, ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_JOBS = 20
"""Of the work under way, the first; the library's own strip has them all."""
_REQUESTS = 50
_DRAWN = 20_000
"""Requests that the plots are made of: reading and drawing these takes a tenth of a second."""


class ActivityOut(BaseModel):
    """The screen as it stands."""

    html: str


def activity_fragments(kb: KnowledgeBase) -> APIRouter:
    """Returns ``/ui/activity``: nothing here is an interface for other programs."""
    router = APIRouter(prefix="/ui")

    @router.get("/activity")
    async def show(
        request: Request,
        caller: By,
        kind: RequestKind | None = None,
        status: RequestStatus | None = None,
        before: RowId | None = None,
    ) -> ActivityOut:
        wanted = LogFilter(kind=kind or "", status=status or "", before_id=before)
        page = await run_in_threadpool(activity_page, kb, caller, wanted)
        return ActivityOut(
            html=activity(page, words_of(request.headers, EN, ZH), strings_of(request.headers))
        )

    @router.get("/activity/plots")
    def show_plots(
        request: Request,
        caller: By,
        span: Literal["hour", "day", "month"] = "day",
        kind: RequestKind | None = None,
    ) -> ActivityOut:
        words, now = words_of(request.headers, EN, ZH), datetime.now().astimezone()
        wanted = LogFilter(kind=kind or "", since=_as_logged(SPANS[span].begin(now)))
        kb.requests.flush()
        points = kb.requests.points(wanted, caller=caller, limit=_DRAWN)
        return ActivityOut(html=plots(points, words, span=span, now=now, most=_DRAWN))

    return router


def _as_logged(time: datetime) -> str:
    """Returns a time as the log writes it, so that the two can be compared."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def activity_page(kb: KnowledgeBase, caller: Caller, wanted: LogFilter) -> ActivityPage:
    """Returns what the screen shows, with the requests that are ``wanted``."""
    kb.requests.flush()
    requests, older = kb.requests.page(wanted, caller=caller, limit=_REQUESTS)
    jobs = kb.jobs.all(caller=caller, limit=_JOBS)
    return ActivityPage(
        queue=kb.jobs.queue(caller=caller),
        jobs=jobs,
        documents={found.id: found for job in jobs if (found := _document(kb, caller, job.document_id))},
        warnings=kb.maintenance.warnings(),
        notices=kb.maintenance.notices(caller=caller),
        requests=requests,
        older=older,
        is_newest=wanted.before_id is None,
        kind=wanted.kind,
        status=wanted.status,
    )


def _document(kb: KnowledgeBase, caller: Caller, document_id: str) -> Document | None:
    """Returns a document; None for one that was removed meanwhile."""
    try:
        return kb.library.document(document_id, caller=caller)
    except NotFound:
        return None
