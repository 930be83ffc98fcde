"""The one client of model servers, against replies that a server must not give."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager
from itertools import repeat

import pytest

from kb.errors import BackendDown, FootnoteError, Misconfigured, NotFound
from kb.models.chat.ollama import OllamaModel
from kb.models.replies import MOST_ANSWER_BYTES, MOST_ERROR_BYTES, MOST_LINE_BYTES
from kb.models.transport import ANSWER_SECONDS, AsyncModelClient, ModelClient, ModelServer
from kb.types import ChatOptions, Message
from tests.doubles.ollama_server import DoubleModel, DoubleOllama
from tests.doubles.scripted_http import Reply, Request, Scripted, json_reply, scripted_http

KEY = "canary-4711-key"
OK = json_reply({"fine": True})
PACKED = Reply([gzip.compress(bytes(1 << 20))], headers={"Content-Encoding": "gzip"})
BLOCK = b"x" * 1000


def server_at(url: str, *, most_bytes: int = MOST_ANSWER_BYTES) -> ModelServer:
    return ModelServer(
        url,
        who=f"The server at {url}",
        start="Start it.",
        key=KEY,
        refused_key="Set its key.",
        unknown="Set its address.",
        most_bytes=most_bytes,
    )


async def both(
    reply: Reply, *, most_bytes: int = MOST_ANSWER_BYTES, read_seconds: float = ANSWER_SECONDS
) -> list[tuple[bytes | FootnoteError, Scripted]]:
    """What both faces of the client make of ``reply``."""
    outcomes: list[tuple[bytes | FootnoteError, Scripted]] = []
    with scripted_http(lambda _: reply) as running:
        server = server_at(running.url, most_bytes=most_bytes)
        client = ModelClient(server, read_seconds=read_seconds)
        try:
            outcomes.append((client.post(running.url, {"ask": 1}).content, running))
        except FootnoteError as error:
            outcomes.append((error, running))
        client.close()
        other = AsyncModelClient(server)
        try:
            outcomes.append(((await other.post(running.url, {"ask": 1})).content, running))
        except FootnoteError as error:
            outcomes.append((error, running))
        await other.close()
    return outcomes


async def test_both_send_the_key_and_ask_for_replies_as_they_are() -> None:
    for content, running in await both(OK):
        assert content == b'{"fine": true}'
        for request in running.requests:
            assert request.json() == {"ask": 1}
            assert request.headers["Authorization"] == f"Bearer {KEY}"
            assert request.headers["Accept-Encoding"] == "identity"


async def test_a_packed_reply_is_not_unpacked() -> None:
    for error, running in await both(PACKED):
        assert isinstance(error, BackendDown)
        assert (
            str(error) == f"The server at {running.url} packs its answers (gzip) though it was asked not to."
        )


async def test_an_answer_is_read_up_to_its_limit_and_no_further() -> None:
    for content, _ in await both(Reply([BLOCK] * 10), most_bytes=10_000):
        assert content == BLOCK * 10
    for error, running in await both(Reply(repeat(BLOCK)), most_bytes=10_000):
        assert isinstance(error, BackendDown)
        assert "more than 9 KB in one answer" in str(error)
        assert running.abandoned.wait(5)


async def test_of_an_error_page_without_an_end_the_beginning_is_read() -> None:
    for content, running in await both(Reply(repeat(BLOCK), status=500)):
        assert content == (BLOCK * 66)[:MOST_ERROR_BYTES]
        assert running.abandoned.wait(5)


async def test_a_connection_that_breaks_off_is_named() -> None:
    for error, running in await both(Reply([b"{"], cut=True)):
        assert isinstance(error, BackendDown)
        assert running.url in str(error)
        assert "broke off" in str(error)


def test_a_server_that_says_nothing_is_named() -> None:
    def slow() -> Iterator[bytes]:
        yield b"{"
        assert not running.abandoned.wait(2)

    with scripted_http(lambda _: Reply(slow())) as running:
        client = ModelClient(server_at(running.url), read_seconds=0.1)
        with pytest.raises(BackendDown, match=f"{running.url} has been silent for too long"):
            client.post(running.url, {})
        client.close()


def test_a_server_that_is_not_there_is_named_with_what_to_do() -> None:
    client = ModelClient(server_at("http://127.0.0.1:9"))
    with pytest.raises(BackendDown, match=r"http://127.0.0.1:9 does not answer\. Start it\."):
        client.post("http://127.0.0.1:9", {})
    client.close()


@pytest.mark.parametrize("proxy", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_no_proxy_is_asked_for_this_machine(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    with scripted_http(lambda _: OK) as running:
        client = ModelClient(server_at(running.url))
        assert client.post(running.url, {}).json_or_none() == {"fine": True}
        client.close()
    assert server_at("http://10.0.0.7:8000").options()["trust_env"]


@pytest.mark.parametrize(
    ("reply", "leaf", "said"),
    [
        (
            json_reply({"detail": f"no {KEY}"}, 401),
            Misconfigured,
            r"refuses the key: no \*\*\*\. Set its key\.",
        ),
        (json_reply({"error": "which?"}, 404), NotFound, r"which\?\. Set its address\."),
        (
            Reply(status=307, headers={"Location": "http://elsewhere/"}),
            Misconfigured,
            "redirects to 'http://else",
        ),
        (Reply([b"<p>busy\n now"], 503), BackendDown, r"an error \(503\): <p>busy now"),
        (Reply([], 500), BackendDown, "no reason given"),
    ],
)
def test_errors_say_what_the_server_says(reply: Reply, leaf: type[FootnoteError], said: str) -> None:
    with scripted_http(lambda _: reply) as running:
        client = ModelClient(server_at(running.url))
        with pytest.raises(leaf, match=f"{running.url} .*{said}"), client.server.errors():
            client.server.refuse(client.post(running.url, {}))
        client.close()
        assert len(running.requests) == 1


# --- Streams ----------------------------------------------------------------------------------


@asynccontextmanager
async def streaming(pieces: Iterable[bytes], status: int = 200) -> AsyncIterator[AsyncIterator[str]]:
    with scripted_http(lambda _: Reply(pieces, status)) as running:
        client = AsyncModelClient(server_at(running.url))
        async with aclosing(client.lines(running.url, {})) as lines:
            yield lines
        await client.close()


async def test_lines_end_at_line_feeds_only() -> None:
    text = "a\x85b\u2028c\n\nÄ\r\nlast"
    whole = text.encode()
    async with streaming([whole[at : at + 2] for at in range(0, len(whole), 2)]) as lines:
        assert [line async for line in lines] == text.split("\n")


async def test_a_stream_that_is_an_error_is_one() -> None:
    async with streaming([b'{"error": "too long"}'], 400) as lines:
        with pytest.raises(BackendDown, match="too long"):
            await anext(lines)


async def test_a_line_without_an_end_is_not_read_to_it() -> None:
    async with streaming([b"first\n", *repeat(BLOCK, 2 * MOST_LINE_BYTES // len(BLOCK))]) as lines:
        assert await anext(lines) == "first"
        with pytest.raises(BackendDown, match="a line of more than 1024 KB"):
            await anext(lines)


# --- A library's own client -------------------------------------------------------------------


async def test_ollamas_client_goes_by_the_same_rules() -> None:
    double = DoubleOllama({"m": DoubleModel()})
    endless = [b'{"message": {"content": "', *repeat(BLOCK, 2 * MOST_LINE_BYTES // len(BLOCK))]

    def respond(request: Request) -> Reply:
        return Reply(endless) if request.path == "/api/chat" else double.respond(request)

    with scripted_http(respond) as running:
        model = OllamaModel(running.url, "m")
        assert list(await model.models()) == ["m"]
        assert {request.headers["accept-encoding"] for request in running.requests} == {"identity"}
        with pytest.raises(BackendDown, match=f"Ollama at {running.url} sent a line of more than 1024 KB"):
            await anext(model.stream([Message("user", "?")], ChatOptions()))
        await model.close()
    with scripted_http(lambda _: PACKED) as running:
        model = OllamaModel(running.url, "m")
        with pytest.raises(BackendDown, match="packs its answers"):
            await model.models()
        await model.close()
