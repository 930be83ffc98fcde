"""A real HTTP server on loopback whose replies a test writes, faults included."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What the server answers: ``pieces`` are sent one by one, as they come."""

    pieces: Iterable[bytes] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    """Drop the connection after the pieces instead of ending the reply."""


def json_reply(payload: Any, status: int = 200) -> Reply:
    return Reply([json.dumps(payload, ensure_ascii=False).encode()], status)


@dataclass
class Scripted:
    """A running server."""

    url: str
    requests: list[Request]
    abandoned: threading.Event
    """Set when a client has hung up before the reply was complete."""


@contextmanager
def scripted_http(respond: Callable[[Request], Reply]) -> Iterator[Scripted]:
    """Serves on a free port of 127.0.0.1; every request is answered by ``respond`` in its own thread."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    running = Scripted(f"http://127.0.0.1:{server.server_port}", [], threading.Event())
    server.script = (respond, running)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    """More than come at the same time: what does not fit is refused."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of a client that hung up between two requests."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        respond, running = self.server.script  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, dict(self.headers), body)
        running.requests.append(request)
        reply = respond(request)
        try:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if self.command == "HEAD":
                self.end_headers()
                return
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in reply.pieces:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if not reply.cut:
                self.wfile.write(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            running.abandoned.set()
            self.close_connection = True
        if reply.cut:
            self.close_connection = True

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
        """Keeps the test's output clean."""
