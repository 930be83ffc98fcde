"""Stands in front of every request, HTTP and WebSocket, and decides whether it may come in at all.

The page listens on loopback, but every web page that the person visits can make the browser send
requests there. So a request has to name this server (against DNS rebinding), and if a browser says
where the request comes from, it has to come from our own page (against cross-site requests).
Nothing behind the guard runs, and no body is read, for a request that is turned away.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.config.server import ServerSettings, listed
from kb.web.door.page_addresses import is_opened, is_static
from kb.web.door.refusals import refuse

log = logging.getLogger(__name__)

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline'",  # Gradio's page carries its settings in inline scripts
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'self'",
    )
)

RESPONSE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

_DECIDING = (b"host", b"origin", b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest")


@dataclass(frozen=True, slots=True)
class _Claims:
    """What a request says about itself; None where it says nothing."""

    method: str
    path: str
    host: str | None
    origin: str | None
    site: str | None
    mode: str | None
    dest: str | None

    @property
    def opens_the_page(self) -> bool:
        """Whether this is a link to an address of the page, followed in a window of its own."""
        return (
            self.method == "GET"
            and is_opened(self.path)
            and self.mode == "navigate"
            and self.dest == "document"
            and self.origin is None
        )


class RequestGuard:
    """Lets in what names this server and does not come from another site; 403 for the rest.

    A client that is no browser sends neither ``Origin`` nor ``Sec-Fetch-*`` and is let in: it
    could claim whatever it likes anyway. Responses carry ``RESPONSE_HEADERS``.
    """

    def __init__(self, app: ASGIApp, *, port: int, server: ServerSettings | None = None) -> None:
        """``server`` says under which names other machines reach it; None is loopback alone."""
        self._app = app
        self._port = port
        self._takes_addresses = server is not None and not server.is_loopback
        given = [] if server is None else [name.lower() for name in listed(server.names)]
        own = [] if server is None or server.is_loopback else [socket.gethostname().lower()]
        hosts = [*LOOPBACK_NAMES, *own, *given]
        self._hosts = frozenset(
            [*(f"{host}:{port}" for host in hosts), *given, *(hosts if port in (80, 443) else ())]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            log.warning("request refused", extra={"path": scope["path"], "reason": refusal})
            await refuse(scope, _with_headers(send, scope), 403, refusal)
            return
        # Gradio builds addresses from X-Forwarded-*; what a trusted proxy said is in the scope, and the rest lies.
        kept = [pair for pair in scope["headers"] if not pair[0].startswith(b"x-forwarded")]
        await self._app({**scope, "headers": kept}, receive, _with_headers(send, scope))

    def _refusal(self, scope: Scope) -> str | None:
        """Returns why the request is turned away, in a sentence; None lets it in."""
        claims = _claims(scope)
        if claims is None:
            return "A request may name its host and its origin only once."
        if claims.host not in self._hosts and not self._is_address(claims.host):
            return "This server does not answer to that name. Open it by the address it printed at start."
        if claims.origin is not None and claims.origin != f"{scope.get('scheme', 'http')}://{claims.host}":
            return "Other sites may not use this server."
        if claims.site in (None, "none", "same-origin") or claims.opens_the_page:
            return None
        return "Other sites may not use this server."

    def _is_address(self, host: str | None) -> bool:
        """Returns whether a host is an address with our port: who rebinds a name has the browser send the name."""
        address, _, port = (host or "").rpartition(":")
        if not self._takes_addresses or port != str(self._port):
            return False
        try:
            ipaddress.ip_address(address.removeprefix("[").removesuffix("]"))
        except ValueError:
            return False
        return True


def _claims(scope: Scope) -> _Claims | None:
    """Returns what the headers claim; None when one that decides is there twice."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name not in _DECIDING:
            continue
        if name in found:
            return None
        found[name] = value.decode("latin-1").strip().lower()
    return _Claims(
        method=scope.get("method", "WEBSOCKET"),
        path=scope["path"],
        host=found.get(b"host"),
        origin=found.get(b"origin"),
        site=found.get(b"sec-fetch-site"),
        mode=found.get(b"sec-fetch-mode"),
        dest=found.get(b"sec-fetch-dest"),
    )


def _with_headers(send: Send, scope: Scope) -> Send:
    """Returns ``send``, with ``RESPONSE_HEADERS`` put on every response.

    What is not a file of the page's own is somebody's, and kept by no browser unless its route says how.
    """
    is_personal = not is_static(scope["path"])

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if is_personal:
                headers.setdefault("Cache-Control", "no-store")
            for name, value in RESPONSE_HEADERS.items():
                if name == "Referrer-Policy":  # a form is sent without an origin where no referrer may be
                    headers.setdefault(name, value)
                else:
                    headers[name] = value
        await send(message)

    return guarded
