"""Connections as the server takes them: how many, how long they may be silent, and whose each one is.

Uvicorn waits for ever for the headers of a request and takes any number of connections; a thousand that say
nothing would leave no file descriptor for anybody else.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from kb.web.door.local_accounts import Connection

log = logging.getLogger(__name__)

HEADER_SECONDS = 10.0
"""From the first byte of a request, or from the beginning of the connection, until all its headers have come."""
STALLED_SECONDS = 60.0
"""For how long a client may read nothing of an answer that waits for it."""
MOST_FROM_ONE_ADDRESS = 200
MOST_IN_ALL = 400
"""Well below the number of files that a process may have open on most systems, 1,024."""
BACKLOG = 128
"""Connections that the system holds ready; the loop takes as many at once before it looks at any."""


class BoundedConnection(AutoHTTPProtocol):  # type: ignore[misc,valid-type]  # chosen by uvicorn when it is imported
    """Uvicorn's protocol with time limits. Where there are too many, the one that is silent longest goes."""

    header_seconds = HEADER_SECONDS
    stalled_seconds = STALLED_SECONDS
    most_from_one_address = MOST_FROM_ONE_ADDRESS
    most_in_all = MOST_IN_ALL

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Makes room for the connection, or ends it."""
        self.address = _host(transport.get_extra_info("peername"))
        self.heard = self.loop.time()
        self._header_timer: asyncio.TimerHandle | None = None
        self._stalled_timer: asyncio.TimerHandle | None = None
        self.app_state: dict[str, Any] = {**self.app_state, "connection": Connection.of(transport)}
        room = self._make_room()
        super().connection_made(transport)
        if room:
            self._await_headers()
        else:
            log.warning("connection refused", extra={"reason": "too many", "address": self.address})
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_header_timer()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Passes on what came; the clock for headers runs from its first byte on."""
        self.heard = self.loop.time()
        if not self._is_answering:
            self._await_headers()
        super().data_received(data)
        if self._is_answering:
            self._stop_header_timer()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stalled_timer is None:
            self._stalled_timer = self.loop.call_later(self.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        if self._stalled_timer is not None:
            self._stalled_timer.cancel()
            self._stalled_timer = None
        super().resume_writing()

    @property
    def is_waiting_for_client(self) -> bool:
        """Whether nothing is being done for it: it has asked nothing, or not sent the rest of what it asks."""
        return not self._is_answering or bool(self.cycle.more_body and not self.cycle.response_started)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _await_headers(self) -> None:
        if self._header_timer is None:
            self._header_timer = self.loop.call_later(self.header_seconds, self._headers_are_late)

    def _headers_are_late(self) -> None:
        self._header_timer = None
        if not self._is_answering:
            self.transport.abort()

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _make_room(self) -> bool:
        """Returns whether there is room for this connection; an idle one is ended for it."""
        others: list[Any] = [each for each in self.connections if not each.transport.is_closing()]
        same = [each for each in others if each.address == self.address]
        crowded = same if len(same) >= self.most_from_one_address else others
        if crowded is others and len(others) < self.most_in_all:
            return True
        idle = [each for each in crowded if each.is_waiting_for_client]
        if not idle:
            return False
        min(idle, key=lambda each: each.heard).transport.abort()
        return True


def _host(peer: Any) -> str:
    return str(peer[0]) if isinstance(peer, tuple) else ""
