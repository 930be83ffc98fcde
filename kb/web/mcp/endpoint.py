"""``/mcp``: streamable HTTP, for whoever has a key."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Receive, Scope, Send

from kb.types import Caller
from kb.web.door.callers import CALLER
from kb.web.door.refusals import refuse
from kb.web.mcp.answering import InProcess

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_NEEDS_KEY = "Programs come in here with a key: `app.py key add NAME`, sent as `Authorization: Bearer KEY`."

_ONLY_POST = "Messages come by POST, each with its answer; there is no stream to open and no session to end."


class McpEndpoint:
    """An ASGI application. The SDK takes a second to import, so the first request has it made."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._making = asyncio.Lock()
        self._handle: ASGIApp | None = None
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller | None = scope.get(CALLER)
        if caller is None or not caller.key:  # a session is a browser's, and this is for programs
            await refuse(scope, send, 401, _NEEDS_KEY, headers=[(b"www-authenticate", b"Bearer")])
            return
        if (
            scope["method"] != "POST"
        ):  # nothing is sent that was not asked for: no stream to open, no session to end
            await refuse(scope, send, 405, _ONLY_POST, headers=[(b"allow", b"POST")])
            return
        async with self._making:
            if self._handle is None:
                self._handle = await self._begin()
        await self._handle(scope, receive, send)

    async def close(self) -> None:
        """Ends what runs for requests; a later one begins it again."""
        self._handle = None
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _begin(self) -> ASGIApp:
        from mcp.server.transport_security import TransportSecuritySettings

        from kb.web.mcp.server import build_server

        server = build_server(self._kb, lambda: InProcess(self._kb.query_engine), _caller_of)
        trusting = TransportSecuritySettings(
            enable_dns_rebinding_protection=False
        )  # RequestGuard has looked at it
        server.streamable_http_app(stateless_http=True, json_response=True, transport_security=trusting)
        sessions, begun = server.session_manager, asyncio.Event()

        async def run() -> None:
            async with sessions.run():
                begun.set()
                await asyncio.Event().wait()

        self._running = asyncio.create_task(run())
        await begun.wait()
        return sessions.handle_request


def _caller_of(context: Any) -> Caller:
    """Returns whom the key of the request that a call came with stands for."""
    caller: Caller = context.request_context.request.scope[CALLER]
    return replace(caller, origin="mcp")
