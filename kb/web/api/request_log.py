"""Routes of the log of requests: a page of it, all of it as a file, and what Prometheus reads."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from kb.errors import BadInput
from kb.text.visible import visible_line
from kb.types import NO_PLACE, Caller, ListPlace, LogFilter, LoggedRequest, RequestKind, RequestStatus
from kb.web.api.caller import By
from kb.web.api.cursors import Cursor, cursor_of, place_of
from kb.web.api.fields import AddressText, Id, RowId
from kb.web.api.schemas import Wire

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_COLUMNS = tuple(field.name for field in fields(LoggedRequest) if field.name != "key_id")
_AT_ONCE = 1000
"""Requests that an export reads at a time, so that a long log never stands in memory as a whole."""
_FORMULA = frozenset("=+-@")
"""What a spreadsheet takes a cell for a formula by, in any width; some first pass over what is not seen."""


class LoggedOut(Wire):
    """A request that has ended, as ``LoggedRequest`` says."""

    id: int
    time: str
    kind: str
    origin: str
    owner: str
    engine: str
    model: str
    text: str
    tokens: int | None
    tokens_written: int | None
    queued_ms: float
    ms: float
    status: str
    reason: str
    job: str
    conversation: str
    key: str
    person: str


class LogOut(Wire):
    """A page of the log, newest first."""

    requests: list[LoggedOut]
    next: int | None
    """The ``before`` of the next page; null on the last one."""
    next_cursor: str | None = None
    """The same as a ``cursor``."""


def _wanted(
    kind: RequestKind | None = None,
    origin: Annotated[str, Query(max_length=20)] = "",
    status: RequestStatus | None = None,
    key: Id = "",
    q: AddressText = "",
    since: Annotated[str, Query(max_length=40)] = "",
) -> LogFilter:
    return LogFilter(kind=kind or "", origin=origin, status=status or "", key=key, words=q, since=since)


Wanted = Annotated[LogFilter, Depends(_wanted)]


def request_log_router(kb: KnowledgeBase) -> APIRouter:
    """Returns ``/api/log``, its export, and ``/metrics``."""
    router = APIRouter()

    @router.get("/api/log")
    def show_log(
        caller: By,
        wanted: Wanted,
        limit: int = Query(100, ge=1, le=1000),
        before: RowId | None = None,
        after: RowId | None = None,
        cursor: Cursor = None,
    ) -> LogOut:
        """Returns a page, newest first; with ``after``, those behind that number, oldest first."""
        if after is not None:
            found = kb.requests.following(replace(wanted, after_id=after), caller=caller, limit=limit)
            return LogOut(requests=[LoggedOut(**request.as_json()) for request in found], next=None)
        if (place := place_of("log", cursor)) is not None:
            before = _number_of(place)
        found, following = kb.requests.page(replace(wanted, before_id=before), caller=caller, limit=limit)
        return LogOut(
            requests=[LoggedOut(**request.as_json()) for request in found],
            next=following,
            next_cursor=None if following is None else cursor_of("log", (following,)),
        )

    @router.get("/api/log/export")
    def export_log(
        caller: By, wanted: Wanted, form: Annotated[Literal["csv", "jsonl"], Query(alias="format")] = "csv"
    ) -> StreamingResponse:
        found = _all(kb, wanted, caller)
        kind = "text/csv" if form == "csv" else "application/x-ndjson"
        return StreamingResponse(
            _as_csv(found) if form == "csv" else _as_lines(found),
            media_type=f"{kind}; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="footnote-log.{form}"',
                "Cache-Control": "private, no-store",
            },
        )

    @router.get("/metrics")
    def metrics(caller: By) -> Response:
        text = kb.requests.metrics(kb.library.count(caller=caller), caller=caller)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def _number_of(place: ListPlace) -> int:
    """Returns the ``before`` that a cursor stands for; raises BadInput where it is none of the log."""
    if len(place) != 1 or not isinstance(place[0], int):
        raise BadInput(NO_PLACE)
    return place[0]


def _all(kb: KnowledgeBase, wanted: LogFilter, caller: Caller) -> Iterator[LoggedRequest]:
    """Returns every request that is wanted, oldest first; the first ones are read now, so that a refusal is one."""
    first = kb.requests.following(wanted, caller=caller, limit=_AT_ONCE)

    def rest() -> Iterator[LoggedRequest]:
        found = first
        while found:
            yield from found
            found = kb.requests.following(
                replace(wanted, after_id=found[-1].id), caller=caller, limit=_AT_ONCE
            )

    return rest()


def _as_lines(found: Iterator[LoggedRequest]) -> Iterator[str]:
    for request in found:
        yield json.dumps(request.as_json(), ensure_ascii=False) + "\n"


def _as_csv(found: Iterator[LoggedRequest]) -> Iterator[str]:
    yield _row(_COLUMNS)
    for request in found:
        yield _row([as_cell(getattr(request, name)) for name in _COLUMNS])


def _row(values: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def as_cell(value: object) -> object:
    """Returns a value so that no spreadsheet computes it and no terminal obeys it: what people ask is data."""
    if not isinstance(value, str):
        return value
    # half of the world's spreadsheets part cells at semicolons: what follows one may begin a cell, quotes or not
    first, *others = value.split(";")
    parts = [first if not _begins_formula(first) else f"'{first}"]
    parts += [f"'{part}" if _begins_formula(part.lstrip('"')) else part for part in others]
    return visible_line(";".join(parts))


def _begins_formula(part: str) -> bool:
    seen = next((each for each in part if unicodedata.category(each)[0] not in "CZM"), "")
    return unicodedata.normalize("NFKC", seen) in _FORMULA or part.startswith(("\t", "\r"))
