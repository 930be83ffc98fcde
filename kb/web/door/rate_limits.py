"""How many requests and bytes each key, and each person, may send. Counted in memory: a restart begins anew."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.config import LimitSettings
from kb.types import Caller
from kb.web.door.callers import CALLER
from kb.web.door.page_addresses import is_static
from kb.web.door.refusals import refuse

_MINUTE_S = 60.0
_DAY_S = 86_400.0
MOST_OPEN = 64
"""Requests of one key, or of all keys of a person, at the same time; more than clients have that wait for answers."""
MOST_OPEN_OF_ALL = 128
"""Of all keys together: what comes without a key has to find room among the connections, too."""
_OPEN_RETRY_S = 1


@dataclass(slots=True)
class _Sent:
    """What a key has sent of late."""

    open: int = 0
    """Requests that are not answered whole."""
    requests: deque[float] = field(default_factory=deque)
    """When each request of the last minute came; none that was refused."""
    day_began: float = -_DAY_S
    bytes: int = 0
    """Since ``day_began``."""


class RateLimits:
    """Answers 429 to a key that sends more than it may, and says when to come again."""

    def __init__(
        self, app: ASGIApp, limits: LimitSettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._limits = limits
        self._clock = clock
        self._sent: dict[tuple[int, int], _Sent] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller | None = scope.get(CALLER)
        who = None if caller is None or _is_free(scope, caller) else caller.counted_as
        if caller is None or who is None:
            await self._app(scope, receive, send)
            return
        sent = self._sent.setdefault(who, _Sent())
        refusal = (
            self._too_many(sent, caller)
            or self._too_often(sent, caller)
            or self._too_much(sent, _stated_length(scope), caller)
        )
        if refusal is None:
            sent.open += 1
            try:
                await self._app(scope, self._counted(receive, sent, caller), send)
            finally:
                sent.open -= 1
            return
        sentence, wait_s = refusal
        await refuse(scope, send, 429, sentence, headers=[(b"retry-after", str(wait_s).encode())])

    def _too_many(self, sent: _Sent, caller: Caller) -> tuple[str, int] | None:
        """Returns why a request is one too many of those that are open; None lets it in."""
        if max(sent.open, self._open_of_keys(caller)) >= MOST_OPEN:
            return f"{_who(caller)} may have {MOST_OPEN} requests open at the same time.", _OPEN_RETRY_S
        if (
            caller.key
            and sum(each.open for (_, key_id), each in self._sent.items() if key_id) >= MOST_OPEN_OF_ALL
        ):
            return f"All keys together may have {MOST_OPEN_OF_ALL} requests open at once.", _OPEN_RETRY_S
        return None

    def _open_of_keys(self, caller: Caller) -> int:
        """Returns how many requests of all keys of a person are open: a second key brings no more room."""
        if not (caller.key and caller.person_id):
            return 0
        keyed = (
            (each.open, key_id) for (person, key_id), each in self._sent.items() if person == caller.person_id
        )
        return sum(count for count, key_id in keyed if key_id)

    def _too_often(self, sent: _Sent, caller: Caller) -> tuple[str, int] | None:
        """Returns why a request is one too many, and for how many seconds; None lets it in, and counts it."""
        now, most = self._clock(), self._limits.requests_a_minute
        while sent.requests and now - sent.requests[0] >= _MINUTE_S:
            sent.requests.popleft()
        if len(sent.requests) < most:
            sent.requests.append(now)
            return None
        wait_s = math.ceil(_MINUTE_S - (now - sent.requests[0]))
        return f"{_who(caller)} may send {most} requests a minute (limits.requests_a_minute).", max(1, wait_s)

    def _too_much(self, sent: _Sent, coming: int, caller: Caller) -> tuple[str, int] | None:
        now, most = self._clock(), self._limits.upload_megabytes_a_day
        if now - sent.day_began >= _DAY_S:
            sent.day_began, sent.bytes = now, 0
        if sent.bytes + coming <= most << 20:
            return None
        wait_s = math.ceil(_DAY_S - (now - sent.day_began))
        return f"{_who(caller)} may send {most} MB a day (limits.upload_megabytes_a_day).", wait_s

    def _counted(self, receive: Receive, sent: _Sent, caller: Caller) -> Receive:
        """Returns ``receive``, which counts what comes; a body that goes over the limit counts as broken off."""

        async def counted() -> Message:
            message = await receive()
            sent.bytes += len(message.get("body", b""))
            if self._too_much(sent, 0, caller) is not None and message["type"] == "http.request":
                return {"type": "http.disconnect"}
            return message

        return counted


def _is_free(scope: Scope, caller: Caller) -> bool:
    """Returns whether a request is not counted: the files of the page, a hundred of which come at a time."""
    return not caller.key and is_static(scope["path"])


def _who(caller: Caller) -> str:
    return "This key" if caller.key else "You"


def _stated_length(scope: Scope) -> int:
    found = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(found) if found.isdigit() and len(found) < 16 else 0
