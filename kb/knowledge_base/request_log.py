"""The log of requests: what was asked of models and indexes, through which door, and what it took."""

from __future__ import annotations

from dataclasses import replace

from kb.knowledge_base.parts import Parts
from kb.knowledge_base.request_recorder import RequestRecorder
from kb.state.request_log import RequestLog
from kb.system.request_recording import Record
from kb.types import AccessScope, Caller, LogFilter, LoggedRequest, RequestPoint


class RequestLogService:
    """A caller's requests."""

    def __init__(self, parts: Parts) -> None:
        self._requests = RequestLog(parts.database)
        self._recorder = RequestRecorder(self._requests, parts.settings.log)

    @property
    def record(self) -> Record:
        """Takes a request that has ended; returns at once."""
        return self._recorder.record

    def page(
        self, wanted: LogFilter, *, caller: Caller, limit: int = 100
    ) -> tuple[list[LoggedRequest], int | None]:
        """Returns requests, newest first, and the ``before_id`` of the next page; None where there is none."""
        found = self._requests.page(_seen(wanted, caller), limit=limit + 1, owner=caller.id)
        page = found[:limit]
        return page, page[-1].id if len(found) > limit else None

    def following(self, wanted: LogFilter, *, caller: Caller, limit: int = 500) -> list[LoggedRequest]:
        """Returns at most ``limit`` requests behind ``wanted.after_id``, oldest first."""
        return self._requests.following(_seen(wanted, caller), limit=limit, owner=caller.id)

    def points(self, wanted: LogFilter, *, caller: Caller, limit: int) -> list[RequestPoint]:
        """Returns what is drawn of the newest ``limit`` requests, newest first."""
        return self._requests.points(_seen(wanted, caller), limit=limit, owner=caller.id)

    def newest_id(self, *, caller: Caller) -> int:
        """Returns the number of the newest request; 0 where there is none."""
        newest = self._requests.page(_seen(LogFilter(), caller), limit=1, owner=caller.id)
        return newest[0].id if newest else 0

    def forget_texts(self, conversation: str, *, caller: Caller) -> None:
        """Empties the texts of a conversation that is deleted, those that are still to be written included."""
        self._recorder.flush()
        self._requests.forget_texts(conversation, owner=caller.id)

    def metrics(self, documents: int, *, caller: Caller) -> str:
        """Returns what happened since this process began, in Prometheus' text format."""
        caller.require_whole()
        gauges = {"footnote_documents": ("Documents in the library.", float(documents))}
        return self._recorder.metrics.text(gauges)

    def flush(self) -> None:
        """Writes what waits to be written."""
        self._recorder.flush()

    def close(self) -> None:
        """Writes what waits, and ends the thread that does."""
        self._recorder.close()


def _seen(wanted: LogFilter, caller: Caller) -> LogFilter:
    """Returns what of ``wanted`` the caller sees: for a key of some collections, what was asked with it.

    By its number: a revoked key's name may be given to another, for other collections.

    Raises:
        Denied: the caller's key may not read the log.
    """
    caller.require(AccessScope.ADMIN)
    return wanted if caller.collections is None else replace(wanted, key_id=caller.key_id)
