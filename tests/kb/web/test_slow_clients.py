"""Clients that send or read too slowly, over real sockets; the limits of the app, shortened."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER
from kb.web.door.body_limits import SLOWEST_UPLOAD, BodyLimits
from kb.web.door.connections import BoundedConnection
from kb.web.server import build_api
from tests.waiting import wait_until

LIMIT_S = 0.6
PATIENCE_S = 10.0
"""Far above the limit, for a busy machine, and far below the limits that are in force without these tests."""
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    + b"A rope of nine metres. " * 400
    + b"\r\n--b--\r\n"
)


class ShortPatience(BoundedConnection):
    """The app's own protocol; only the limit differs."""

    stalled_seconds = LIMIT_S


@contextmanager
def listening(app: ASGIApp) -> Iterator[tuple[str, int]]:
    """A real server on a real port."""
    config = uvicorn.Config(app, http=ShortPatience, log_config=None, ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started)
            yield listener.getsockname()
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def address(kb: KnowledgeBase) -> Iterator[tuple[str, int]]:
    with listening(BodyLimits(build_api(kb), body_seconds=LIMIT_S)) as address:
        yield address


def headers(path: str, kind: str, length: int) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def dripped(client: socket.socket, body: bytes) -> float:
    """Sends a byte each tenth of a second until the server has had enough; the seconds until then."""
    begun = time.monotonic()
    client.settimeout(0.1)
    for place in range(len(body)):
        try:
            client.sendall(body[place : place + 1])
            if client.recv(1, socket.MSG_PEEK) is not None:
                break
        except TimeoutError:
            pass
        except OSError:
            break
        if time.monotonic() - begun > PATIENCE_S:
            break
    return time.monotonic() - begun


def answer(client: socket.socket) -> bytes:
    client.settimeout(PATIENCE_S)
    said = b""
    with suppress(ConnectionError):
        while piece := client.recv(65536):
            said += piece
    return said


def test_a_body_that_drips_is_given_up_with_a_sentence(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as client:
        client.sendall(headers("/api/ask", "application/json", 1000))
        took = dripped(client, b'{"question": "' + b"x" * 900)
        said = answer(client)
    assert LIMIT_S * 0.9 < took < PATIENCE_S
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"did not come to its end in time" in said


def test_an_upload_that_stops_coming_is_given_up(kb: KnowledgeBase, address: tuple[str, int]) -> None:
    begun = time.monotonic()
    with socket.create_connection(address) as client:
        client.sendall(headers("/api/documents", "multipart/form-data; boundary=b", len(FORM)))
        client.sendall(FORM[:-100])
        said = answer(client)
    assert LIMIT_S * 0.9 < time.monotonic() - begun < PATIENCE_S
    assert b" 201 " not in said
    assert kb.library.count(caller=OWNER) == 0


def test_an_upload_that_keeps_dripping_is_given_up_for_its_pace(
    kb: KnowledgeBase, address: tuple[str, int]
) -> None:
    assert SLOWEST_UPLOAD > 100, "ten bytes a second are far below"
    with socket.create_connection(address) as client:
        client.sendall(headers("/api/documents", "multipart/form-data; boundary=b", len(FORM)))
        took = dripped(client, FORM)
        said = answer(client)
    assert LIMIT_S * 0.9 < took < PATIENCE_S
    assert b" 201 " not in said
    assert kb.library.count(caller=OWNER) == 0


def test_an_upload_that_pauses_and_is_quick_in_all_is_taken(
    kb: KnowledgeBase, address: tuple[str, int]
) -> None:
    """Longer than the limit in all, which is one for each wait."""
    with socket.create_connection(address) as client:
        client.sendall(headers("/api/documents", "multipart/form-data; boundary=b", len(FORM)))
        third = len(FORM) // 3
        for part in (FORM[:third], FORM[third : 2 * third], FORM[2 * third :]):
            time.sleep(LIMIT_S / 2)
            client.sendall(part)
        said = answer(client)
    assert said.startswith(b"HTTP/1.1 201 ")
    assert kb.library.count(caller=OWNER) == 1


class Endless:
    """Answers with more than the buffers of a connection hold."""

    size = 64 << 20

    def __init__(self) -> None:
        self.done = threading.Event()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(self.size >> 18):
            await send({"type": "http.response.body", "body": bytes(1 << 18), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        self.done.set()


def test_an_answer_that_nobody_reads_is_given_up() -> None:
    app = Endless()
    with listening(app) as address, socket.create_connection(address) as client:
        begun = time.monotonic()
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert app.done.wait(PATIENCE_S), "it waits for the client still"
        assert time.monotonic() - begun > LIMIT_S * 0.9
        assert len(answer(client)) < app.size


def test_an_answer_that_is_read_slowly_comes_whole() -> None:
    app, came, begun = Endless(), 0, time.monotonic()
    with listening(app) as address, socket.create_connection(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while piece := client.recv(4 << 20, socket.MSG_WAITALL):
            came += len(piece)
            time.sleep(LIMIT_S / 8)
    assert came > app.size
    assert time.monotonic() - begun > LIMIT_S
