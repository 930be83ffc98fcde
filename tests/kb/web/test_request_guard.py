"""Requests that another web page can make the browser send, and what they must not reach."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import product
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.config import Settings
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.types import OWNER
from kb.web.door.request_guard import CONTENT_SECURITY_POLICY, RESPONSE_HEADERS, RequestGuard
from kb.web.page.frame.mount import page
from kb.web.server import build_app
from tests.kb.web.conftest import PORT, OnePagePictures, http_client

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN = "127.0.0.1:7860"
FOREIGN_HEADERS: list[dict[str, str]] = [
    {"host": "evil.example"},
    {"host": "evil.example:7860"},
    {"host": "127.0.0.1.evil.example:7860"},
    {"host": "127.0.0.1:9999"},
    {"host": ""},
    {"host": OWN, "origin": "http://evil.example"},
    {"host": OWN, "origin": "https://127.0.0.1:7860"},
    {"host": OWN, "origin": "http://127.0.0.1:9999"},
    {"host": OWN, "origin": "http://localhost:7860"},
    {"host": OWN, "origin": "null"},
    {"host": OWN, "sec-fetch-site": "cross-site"},
    {"host": OWN, "sec-fetch-site": "same-site"},
    {"host": OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
    {"host": OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
    {
        "host": OWN,
        "origin": "http://evil.example",
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
    },
]
REQUESTS = [
    ("GET", "/"),
    ("POST", "/gradio_api/upload"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/api/documents"),
    ("DELETE", "/api/documents/d1"),
    ("GET", "/api/documents"),
    ("POST", "/sign-in"),
    ("POST", "/account/delete"),
]


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """One for all: no request here may change anything."""
    opened = open_knowledge_base(
        Settings(home=tmp_path_factory.mktemp("security") / "home"),
        renderer=OnePagePictures(),
        suffixes=frozenset({".txt"}),
    )
    yield opened
    opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(kb: KnowledgeBase) -> ASGIApp:
    return build_app(kb, port=PORT, mount=page(kb, port=PORT))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(app) as client:
        yield client


def everything_under(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


async def test_foreign_requests_are_refused_and_change_nothing(
    client: httpx.AsyncClient, kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = tmp_path / "gradio"
    uploads.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(uploads))
    kept = tmp_path / "kept.txt"
    kept.write_text("Kept.")
    kb.library.add(kept, "kept.txt", caller=OWNER)
    before = everything_under(tmp_path) | everything_under(kb.settings.home)
    tried = 0
    for headers, (method, path) in product(FOREIGN_HEADERS, REQUESTS):
        files = {"files": ("x.txt", b"planted"), "file": ("x.txt", b"planted")} if method == "POST" else None
        response = await client.request(method, path, headers=headers, files=files)
        assert response.status_code == 403, (method, path, headers)
        assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert "access-control-allow-origin" not in response.headers
        tried += 1
    assert tried >= 40
    assert everything_under(tmp_path) | everything_under(kb.settings.home) == before
    assert [document.name for document in kb.library.documents(caller=OWNER)] == ["kept.txt"]


async def test_an_event_that_the_page_does_not_have_is_not_there(client: httpx.AsyncClient) -> None:
    joined = {"data": [], "fn_index": 99_999, "session_hash": "one"}
    answer = await client.post("/gradio_api/queue/join", json=joined)
    assert (answer.status_code, "no such event" in answer.text) == (404, True)
    known = (await client.get("/config")).json()["dependencies"][0]["id"]
    unreadable = {**joined, "fn_index": known, "data": "no list"}
    assert (await client.post("/gradio_api/queue/join", json=unreadable)).status_code == 422  # Gradio's
    answer = await client.get("/gradio_api/queue/data?session_hash=never")
    assert (answer.status_code, "Nothing is under way" in answer.text) == (404, True)


async def test_a_refused_request_never_reaches_the_application_nor_reads_its_body() -> None:
    async def unreachable(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    async def unread() -> Message:
        raise AssertionError

    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    guard = RequestGuard(unreachable, port=7860)
    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"host", b"evil.example")]}
    await guard(scope, unread, keep)
    assert sent[0]["status"] == 403
    socket: Scope = {"type": "websocket", "path": "/", "headers": [(b"host", b"evil.example")]}
    await guard(socket, unread, keep)
    assert sent[-1]["type"] == "websocket.close"


@pytest.mark.parametrize(("port", "let_in"), [(80, True), (7860, False)])
async def test_a_host_without_a_port_names_port_80(port: int, let_in: bool) -> None:
    reached = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["path"])

    async def ignore(message: Message) -> None:
        pass

    async def empty() -> Message:
        return {"type": "http.request"}

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost")]}
    await RequestGuard(app, port=port)(scope, empty, ignore)
    assert reached == (["/"] if let_in else [])


async def test_a_header_that_decides_may_be_there_only_once(app: ASGIApp) -> None:
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    headers = [(b"host", OWN.encode()), (b"host", b"evil.example")]
    await app({"type": "http", "method": "GET", "path": "/", "headers": headers}, nothing, keep)
    assert sent[0]["status"] == 403


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "LOCALHOST:7860"])
async def test_the_page_opens_by_every_loopback_name(client: httpx.AsyncClient, host: str) -> None:
    headers = {
        "host": host,
        "sec-fetch-site": "none",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
    }
    response = await client.get("/", headers=headers)
    assert response.status_code == 200
    assert {name: response.headers[name] for name in RESPONSE_HEADERS} == RESPONSE_HEADERS


async def test_a_link_from_another_site_may_open_the_page_and_nothing_else(client: httpx.AsyncClient) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    found = {"/": 200, "/c/Ab_3-x": 404, "/d/7f": 404, "/library": 200, "/settings": 200}
    # where the page leads, of accounts, which this one does without
    for address, status in {**found, "/sign-in": 404, "/account": 404}.items():
        assert (await client.get(address, headers=link)).status_code == status
    for address in ("/api/documents", "/documents/7f/original", "/c/", "/c/a/b", "/ui/library", "/libraryx"):
        assert (await client.get(address, headers=link)).status_code == 403
    assert (await client.post("/", headers=link)).status_code == 403


async def test_our_own_page_and_programs_are_let_in(client: httpx.AsyncClient) -> None:
    own = {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}
    assert (await client.get("/api/documents", headers=own)).status_code == 200
    assert (await client.get("/api/documents")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/proxy=http://169.254.169.254/"),
        ("GET", "/gradio_api/info"),
        ("GET", "/monitoring"),
        ("POST", "/gradio_api/run/predict"),
        ("GET", "/gradio_api/runs"),
        ("POST", "/gradio_api/process_recording"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("POST", "/login"),
    ],
)
async def test_what_the_page_does_not_use_is_not_there(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    assert (await client.request(method, path)).status_code == 404


async def test_forwarded_headers_do_not_move_the_page(client: httpx.AsyncClient) -> None:
    lies = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
    assert "evil.example" not in (await client.get("/", headers=lies)).text
