"""Does what a request asks for once, though it may come several times: whoever sends it cannot know that it came."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from kb.errors import Conflict
from kb.knowledge_base.parts import Parts
from kb.state.kept_replies import KeptReplies
from kb.types import Caller, KeptReply

_KEPT = timedelta(days=1)


class KeptRepliesService:
    """A caller's requests that name themselves. Names of one caller, and of one key, are nobody else's."""

    def __init__(self, parts: Parts, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._replies = KeptReplies(parts.database)
        self._clock = clock
        self._under_way: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def once(
        self, name: str, asked: str, make: Callable[[], tuple[int, str]], *, caller: Caller
    ) -> tuple[KeptReply, bool]:
        """Returns what ``make`` replies, status and body, and whether that was kept of an earlier request ``name``.

        ``asked`` is the SHA-256 of the request. A reply is kept for a day, in the database; one that raises is not.

        Raises:
            Conflict: ``name`` was another request, or the same is under way.
        """
        whose = f"{caller.own_id}/{caller.key_id}"
        with self._lock:
            if (whose, name) in self._under_way:
                raise Conflict(
                    "A request with this Idempotency-Key is under way; ask again when it has ended."
                )
            self._under_way.add((whose, name))
        try:
            return self._once(name, asked, make, whose)
        finally:
            with self._lock:
                self._under_way.discard((whose, name))

    def _once(
        self, name: str, asked: str, make: Callable[[], tuple[int, str]], whose: str
    ) -> tuple[KeptReply, bool]:
        now = self._clock()
        older = (now - _KEPT).isoformat()
        kept = self._replies.get(name, caller=whose, since=older)
        if kept is not None:
            if kept.asked != asked:
                raise Conflict("This Idempotency-Key was another request's. Take a new one for each.")
            return kept, True
        status, body = make()
        reply = KeptReply(asked, status, body)
        self._replies.add(name, reply, caller=whose, now=now.isoformat(), older=older)
        return reply, False
