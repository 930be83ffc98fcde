"""The web application: our routes, what is mounted behind them, and the guard in front of both."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp

from kb.config.server import is_loopback
from kb.errors import Misconfigured
from kb.web.api.answers import answers_router
from kb.web.api.ask import ask_router
from kb.web.api.changes import ChangeFeed
from kb.web.api.chunker import chunker_router
from kb.web.api.conversations import conversations_router
from kb.web.api.description import description_router
from kb.web.api.documents import documents_router, files_router
from kb.web.api.embedder import embedder_router
from kb.web.api.errors import answer_errors
from kb.web.api.events import events_router
from kb.web.api.jobs import jobs_router
from kb.web.api.keys import keys_router
from kb.web.api.listing import listing_router
from kb.web.api.loop_watch import LoopWatch
from kb.web.api.maintenance import store_router
from kb.web.api.nothing_there import rest_routes
from kb.web.api.passage_edits import passage_edits_router
from kb.web.api.passages import passages_router
from kb.web.api.people import people_router
from kb.web.api.request_log import request_log_router
from kb.web.api.settings import settings_router
from kb.web.api.uploads import clear_uploads
from kb.web.api.vectors import vectors_router
from kb.web.door.allowed_paths import AllowedPaths
from kb.web.door.body_limits import BodyLimits
from kb.web.door.certificates import certificate_of
from kb.web.door.connections import BACKLOG, BoundedConnection
from kb.web.door.keys import KeyDoor
from kb.web.door.local_accounts import LocalAccounts
from kb.web.door.open_requests import OpenRequests
from kb.web.door.page_addresses import PageAddresses
from kb.web.door.page_sessions import PageSessions
from kb.web.door.rate_limits import RateLimits
from kb.web.door.redacted_responses import RedactedResponses
from kb.web.door.request_guard import RequestGuard
from kb.web.door.sessions import SessionDoor
from kb.web.door.trusted_proxies import TrustedProxies
from kb.web.mcp.endpoint import McpEndpoint
from kb.web.openai.router import openai_router

if TYPE_CHECKING:
    from kb.evaluate.background import BackgroundEvaluation
    from kb.knowledge_base import KnowledgeBase

log = logging.getLogger(__name__)

_GOODBYE_S = 1
"""How long a shutdown waits for open requests; event streams never end by themselves."""

Mount = Callable[[FastAPI, ChangeFeed], None]
"""Puts routes behind those that an application has; the feed tells them when the library changed."""


def build_api(
    kb: KnowledgeBase,
    evaluating: BackgroundEvaluation | None = None,
    *,
    mount: Mount | None = None,
    changes: ChangeFeed | None = None,
) -> FastAPI:
    """Returns our own routes, then those of ``mount``; the routes of evaluations where there is something to run them.

    ``changes`` lets waiting pages go when the server ends; None makes one.
    """
    changes = changes or ChangeFeed(kb)
    watch, mcp = LoopWatch(), McpEndpoint(kb)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        clear_uploads(kb.settings.home)
        watching = [asyncio.create_task(task) for task in (changes.run(), watch.run())]
        yield
        await mcp.close()
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await kb.conversations.close()
        await kb.close_models()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    answer_errors(app)
    app.add_middleware(RedactedResponses, settings=lambda: kb.settings)
    app.include_router(listing_router(kb))
    app.include_router(passage_edits_router(kb))
    app.include_router(documents_router(kb))
    app.include_router(files_router(kb))
    app.include_router(passages_router(kb))
    app.include_router(jobs_router(kb))
    app.include_router(events_router(kb, changes))
    app.include_router(ask_router(kb, watch))
    app.include_router(store_router(kb))
    app.include_router(vectors_router(kb))
    app.include_router(embedder_router(kb))
    app.include_router(chunker_router(kb))
    app.include_router(settings_router(kb))
    app.include_router(conversations_router(kb))
    app.include_router(answers_router(kb))
    app.include_router(request_log_router(kb))
    app.include_router(keys_router(kb))
    app.include_router(people_router(kb))
    app.include_router(openai_router(kb))
    if evaluating is not None:
        from kb.web.api.evaluation import evaluation_router

        app.include_router(evaluation_router(kb, evaluating))
    app.include_router(description_router(app))
    app.router.routes.append(Route("/mcp", mcp))
    app.router.routes.extend(rest_routes(app.router.routes))
    if mount is not None:
        mount(app, changes)
    return app


def build_app(
    kb: KnowledgeBase,
    *,
    port: int,
    mount: Mount | None = None,
    evaluating: BackgroundEvaluation | None = None,
    changes: ChangeFeed | None = None,
    token: str | None = None,
) -> ASGIApp:
    """Returns the whole application, guarded, as it is served on ``port``.

    ``token`` turns away other accounts of this machine that do not send it; None answers them all. Where everybody
    has to sign in, commands that send it need not.
    """
    server = kb.settings.server
    app: ASGIApp = PageAddresses(build_api(kb, evaluating, mount=mount, changes=changes))
    app = BodyLimits(PageSessions(app))
    limited = OpenRequests(RateLimits(app, kb.settings.limits))
    if server.asks_to_sign_in:
        app = SessionDoor(limited, caller_with=kb.accounts.caller_with, token=token)
    elif token is not None:
        app = LocalAccounts(app, token=token)
    app = KeyDoor(limited, without_key=app, authenticate=kb.keys.caller_with)
    app = RequestGuard(AllowedPaths(app), port=port, server=server)
    return TrustedProxies(app, server.proxies) if server.proxies else app


def serve(
    kb: KnowledgeBase,
    host: str,
    port: int,
    on_ready: Callable[[str], None],
    *,
    mount: Mount | None = None,
    evaluating: BackgroundEvaluation | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM, then returns; to be called in the main thread.

    ``on_ready`` is called once, with the address (no slash at its end), when the first request can be answered: what is
    slow to load should be started there, so that the page does not wait for it. ``mount`` is called once the port is
    listened on, and may take seconds.

    Raises:
        Misconfigured: the port is taken, the certificate cannot be read, or ``host`` is off loopback though nobody
            has to sign in; the message says what to do.
    """
    if not kb.settings.server.asks_to_sign_in and not is_loopback(host):
        raise Misconfigured(
            f"{host!r} is not loopback, and nobody has to sign in: set server.accounts, or server.host itself."
        )
    tls = certificate_of(kb.settings.server)
    with _listen(host, port) as listener:
        changes = ChangeFeed(kb)
        config = uvicorn.Config(
            build_app(
                kb, port=port, mount=mount, evaluating=evaluating, changes=changes, token=_token_of(kb)
            ),
            http=BoundedConnection,
            backlog=BACKLOG,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            timeout_graceful_shutdown=_GOODBYE_S,
            ssl_certfile=kb.settings.server.certificate if tls else None,
            ssl_keyfile=kb.settings.server.certificate_key if tls else None,
        )
        address = _address(host, port, "https" if tls else "http")
        server = _Server(config, lambda: on_ready(address), changes.end)
        kb.maintenance.serves(server.end)
        server.run(sockets=[listener])


def _token_of(kb: KnowledgeBase) -> str | None:
    """Returns the secret that other accounts, or commands, have to send; None where they are answered."""
    if kb.settings.server.asks_to_sign_in:
        return kb.maintenance.new_token()
    return None if kb.settings.server.local_accounts == "all" else kb.maintenance.new_token()


class _Server(uvicorn.Server):
    """Uvicorn that says when it is ready, and returns after a signal instead of dying of it."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], on_end: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_end = on_end

    def end(self) -> None:
        """Ends it as a signal does; from any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Lets waiting pages go first; Gradio's heartbeats never end by themselves and are cut off."""
        self._on_end()
        uvicorn_log = logging.getLogger("uvicorn.error")
        uvicorn_log.addFilter(_is_no_farewell)
        try:
            await super().shutdown(sockets)
        finally:
            uvicorn_log.removeFilter(_is_no_farewell)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends the serving at SIGINT or SIGTERM.

        The parent raises the signal once more after the server has stopped, which would end the
        process before the knowledge base is closed.
        """
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _is_no_farewell(record: logging.LogRecord) -> bool:
    """Returns False for what the log need not say of a shutdown: that requests which never end were cut off."""
    cut_off = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cut_off and not str(record.msg).startswith("Cancel %s running task")


def _address(host: str, port: int, scheme: str) -> str:
    """Returns where a program of this machine reaches the server, without a slash at its end."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # asked about, not listened on
    return f"{scheme}://{f'[{reached}]' if ':' in reached else reached}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    """Returns a listening socket: bound before the slow imports, so that a taken port is said at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise Misconfigured(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
        raise Misconfigured(
            f"Port {port} is taken. If Footnote already runs, open http://{host}:{port}/; "
            f"else choose another port: --port {port + 1 if port < 65535 else port - 1}"
        ) from error
