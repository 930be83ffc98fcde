"""Every parameter and field of every route of ours, with values that no page of ours sends."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from app import App
from kb.config import AnsweringSettings, Settings
from kb.evaluate.background import BackgroundEvaluation
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.types import OWNER
from kb.web.api.changes import ChangeFeed
from kb.web.door.body_limits import MAX_BODY_BYTES, BodyLimits
from kb.web.door.request_guard import RequestGuard
from kb.web.page.frame.mount import fragments
from kb.web.server import build_api
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.web.conftest import PORT, OnePagePictures, http_client
from tests.kb.web.test_request_guard import everything_under

BAD_TEXTS = (
    "", " ", "\0", "a\0b", "\n", "\r\n", "\t", "\x1b[31m", "\u202e", "\ufeff", "\ufffe", "😀" * 50, "../../x", "/",
    "/proc/nope/x", "/dev/null/x", "~nobody-of-that-name/x", "%", "%00", "%n%s", "'; DROP TABLE documents; --", "{}",
    "[]", "null", "true", "-1", "0", "10", "1e400", "nan", "١٢", "99999999999999999999", "-99999999999999999999",
    "9223372036854775808", "x" * 201, "x" * 10_000, "漢" * 8_001, 'type:"', "(((", "**?\\",
)  # fmt: skip
BAD_VALUES: tuple[Any, ...] = (
    "\ud800", "a\udfffb", None, True, False, -1, 0, 10**20, -(10**20), 2**63, 1.5, 1e308, [], [[]], {}, {"a": 1},
    {"home": "/tmp/other"}, {"\ud800": "x"}, {"a\0": "b"}, {"": ""}, {"answering.endpoint_url": "x"}, ["\0"],
    ["x" * 5000], [1], ["a"] * 1001, [None], [{"question": "\0"}], {"tags": ["\ud800"]}, {"since": "2025-99-99"},
    {"config": {"config": {}}},
)  # fmt: skip
_LONGEST_IN_URL = 60_000
"""Characters that the client of these tests sends; a cut in the middle of an escape is one more bad value."""
NOT_JSON = (
    b"", b"{", b"\xff\xfe", b'{"question": "\xed\xa0\x80"}', b"[" * 100_000, b'{"a":' * 5_000, b'{"k": ' + b"9" * 5000,
    b"null", b"1", b'"x"', b"NaN", b"[]", b'{"a": 1, "a": 2}', b"\0",
)  # fmt: skip


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """A library with a document."""
    home = tmp_path_factory.mktemp("values") / "home"
    opened = open_knowledge_base(
        Settings(home=home, answering=AnsweringSettings(model="extractive")),
        renderer=OnePagePictures(),
        suffixes=frozenset({".txt"}),
        embedder=HashEmbedder(),
    )
    source = home.parent / "bridge.txt"
    source.write_text("The bridge was opened in 1932.", encoding="utf-8")
    opened.library.add(source, "bridge.txt", caller=OWNER)
    yield opened
    opened.close()


@pytest.fixture
def api(kb: KnowledgeBase) -> FastAPI:
    evaluating = BackgroundEvaluation(App().experiments(kb))
    ended = ChangeFeed(kb)
    ended.end()  # streams of events say hello and end
    return build_api(kb, evaluating, mount=fragments(kb, evaluating=evaluating), changes=ended)


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(RequestGuard(BodyLimits(api), port=PORT)) as client:
        yield client


Operation = tuple[str, str, dict[str, Any]]


def operations(schema: dict[str, Any]) -> list[Operation]:
    """(method, path, what the schema says of it), of every route; uploads are not JSON and have tests of their own."""
    return [
        (method.upper(), path, said)
        for path, methods in schema["paths"].items()
        for method, said in methods.items()
        if (method, path) != ("post", "/api/documents")
    ]


def url(path: str, said: dict[str, Any], **given: str) -> str:
    """The address with ``given`` parameters and harmless ones for the rest of the path."""
    asked = []
    for parameter in said.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", quote(given.get(name, "1"), safe="")[:_LONGEST_IN_URL])
        elif name in given:
            asked.append(f"{name}={quote(given[name], safe='')[:_LONGEST_IN_URL]}")
    return f"{path}?{'&'.join(asked)}" if asked else path


def fields(said: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The fields of the body that a route takes, with a harmless value where one is required."""
    body = said.get("requestBody")
    if body is None:
        return {}
    found = body["content"]["application/json"]["schema"]
    if "$ref" in found:
        found = schema["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    harmless = {"string": "bridge", "integer": 1, "boolean": False, "array": [], "object": {}}
    required = found.get("required", ())
    return {
        field: harmless.get(about.get("type", "")) if field in required else None
        for field, about in found.get("properties", {}).items()  # a body of any names has none
    }


def requests(schema: dict[str, Any]) -> Iterator[tuple[str, str, bytes | None]]:
    """(method, address, body) of every request that is tried."""
    for method, path, said in operations(schema):
        for parameter in said.get("parameters", []):
            for text in BAD_TEXTS:
                yield method, url(path, said, **{parameter["name"]: text}), None
        known = fields(said, schema)
        whole = {field: value for field, value in known.items() if value is not None}
        for field in [*known, "surprise"] if known else []:
            for value in (*BAD_TEXTS, *BAD_VALUES):
                yield method, url(path, said), json.dumps({**whole, field: value}).encode()
        if "requestBody" in said:
            for body in NOT_JSON:
                yield method, url(path, said), body


def assert_is_a_problem(answer: httpx.Response, status: int) -> None:
    """Asserts that an answer is problem details as RFC 9457 has them, with the sentence as ``error``, too."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert body.keys() == {"type", "title", "status", "detail", "instance", "error"}
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["title"] == HTTPStatus(status).phrase
    assert body["detail"] == body["error"]
    assert body["instance"].isascii()


async def test_no_value_gets_more_than_a_sentence(
    api: FastAPI, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    tried = 0
    with caplog.at_level(logging.ERROR):
        for method, address, body in requests(api.openapi()):
            if method == "GET" and "seen=" in address and "seen=-" not in address:
                continue  # waits for a change, which is what it is asked for
            answer = await client.request(
                method, address, content=body, headers={"content-type": "application/json"}
            )
            tried += 1
            said = (
                f"{method} {address[:200]} {(body or b'')[:200]!r}: {answer.status_code} {answer.text[:300]}"
            )
            assert answer.status_code < 500, said
            if answer.status_code >= 400:
                assert answer.status_code in (400, 404, 405, 409, 422), said
                if not address.startswith("/v1/"):
                    assert_is_a_problem(answer, answer.status_code)
                error = answer.json()["error"]
                sentence = error["message"] if address.startswith("/v1/") else error
                assert sentence.rstrip("'\"").endswith((".", "…", "?")), said
                assert "\ud800" not in answer.text, said
    assert tried > 2_000
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"q":' * 33 + b"1", 400), (b'"' + b"[" * 99 + b'"', 422), (b"x" * (MAX_BODY_BYTES + 1), 413)],
)
async def test_a_body_is_bounded_before_it_is_read(
    client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    answer = await client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert_is_a_problem(answer, status)


LONG_PARTS: list[tuple[bytes, str]] = [
    (b'Content-Disposition: form-data; name="name"\r\n\r\n' + b"x" * 1001, "'name' is too long"),
    (
        b'Content-Disposition: form-data; name="collection"\r\n\r\n' + "漢".encode() * 201,
        "'collection' is too long",
    ),
    (b'Content-Disposition: form-data; name="other"\r\n\r\n' + b"x" * 1001, "'other' is too long"),
    (b'Content-Disposition: form-data; name="name"\r\n\r\na\0b', "NUL"),
    (b'Content-Disposition: form-data; name="' + b"n" * 1001 + b'"\r\n\r\nx', "too long"),
    (b'Content-Disposition: form-data; name="file"; filename="' + b"n" * 1001 + b'"\r\n\r\nx', "too long"),
    (b"X: " + b"n" * 10_000 + b"\r\n\r\nx", "cannot be read"),
]


@pytest.mark.parametrize(("part", "said"), LONG_PARTS)
async def test_a_form_is_refused_at_the_first_byte_over(
    client: httpx.AsyncClient, kb: KnowledgeBase, part: bytes, said: str
) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b"--b\r\n" + part
        for _ in range(7000):  # what was 450 MB in memory
            sent += 1 << 16
            yield b"x" * (1 << 16)

    await refused(client, kb, pieces(), said)
    assert sent < 1 << 20


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (b'Content-Disposition: form-data; name="%d"\r\n\r\nx', "16 fields"),
        (b'Content-Disposition: form-data; name="same"\r\n\r\nx', "16 fields"),
        (b'Content-Disposition: form-data; name="file"; filename="%d"\r\n\r\nx', "one file"),
    ],
)
async def test_a_form_has_few_parts(
    client: httpx.AsyncClient, kb: KnowledgeBase, part: bytes, said: str
) -> None:
    numbered = b"%d" in part
    parts = (part % number if numbered else part for number in range(20_000))
    await refused(client, kb, b"--b\r\n" + b"\r\n--b\r\n".join(parts) + b"\r\n--b--\r\n", said)


async def refused(
    client: httpx.AsyncClient, kb: KnowledgeBase, form: bytes | AsyncIterator[bytes], said: str
) -> None:
    before = everything_under(kb.settings.home)
    answer = await client.post(
        "/api/documents", content=form, headers={"content-type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert {path for path in everything_under(kb.settings.home) - before if "uploads/" in str(path)} == set()


async def test_the_upload_of_the_page_s_framework_is_closed(app: Any) -> None:
    async with http_client(app) as page:
        answer = await page.post("/gradio_api/upload", files=[("files", (str(n), b"x")) for n in range(2000)])
    assert answer.status_code == 404


async def test_names_of_the_longest_length_are_kept(client: httpx.AsyncClient, tmp_path: Path) -> None:
    fields = {"name": "漢" * 1000, "collection": "集" * 200}
    answer = await client.post("/api/documents", files={"file": ("a", b"Some words.")}, data=fields)
    assert answer.status_code == 201
    kept = answer.json()["document"]
    assert (kept["name"], kept["collection"]) == (fields["name"], fields["collection"])
