"""The Model Context Protocol as the SDK's own client speaks it: over HTTP behind a key, and over a pipe."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, AccessScope, LogFilter
from kb.web.page.frame.mount import fragments
from kb.web.server import build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb, sentence
from tests.kb.web.conftest import ADDRESS, PORT, http_client

ASKED = sentence(1)
TOOLS = {"search", "ask", "list_documents", "read_passage", "read_page", "add_file"}
ROOT = Path(__file__).parents[4]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    library = Library(tmp_path)
    library.add("one.txt", [ASKED, "The second passage. " * 500, "The third."], collection="papers")
    library.add("secret.txt", [sentence(2)], collection="other")
    library.close()
    return tmp_path


@pytest.fixture
def kb(home: Path) -> Iterator[KnowledgeBase]:
    opened = open_kb(home, embedder=HashEmbedder(), **{"answering.model": "extractive"})
    yield opened
    opened.close()


@pytest.fixture
async def app(kb: KnowledgeBase) -> Any:
    return build_app(kb, port=PORT, mount=fragments(kb), token="command")


@asynccontextmanager
async def connected(app: Any, key: str) -> AsyncIterator[Client]:
    transport = httpx2.ASGITransport(app)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(transport=transport, headers=headers, timeout=30) as http:
        through: Any = streamable_http_client(f"{ADDRESS}/mcp", http_client=http)
        async with Client(through) as client:
            yield client


def key_of(kb: KnowledgeBase, scope: str = "write", *collections: str) -> str:
    return kb.keys.add(
        " ".join((scope, *collections)),
        caller=OWNER,
        scope=AccessScope(scope),
        collections=collections or None,
    )


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    found = await client.call_tool(tool, arguments)
    assert not found.is_error, found.content
    content: dict[str, Any] = found.structured_content or {}
    return content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    found = await client.call_tool(tool, arguments)
    assert found.is_error
    return str(getattr(found.content[0], "text", ""))


async def test_tools_over_http(app: Any, kb: KnowledgeBase) -> None:
    async with connected(app, key_of(kb)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == TOOLS
        assert all(tool.description and tool.title and tool.output_schema for tool in tools.values())
        assert {
            name for name, tool in tools.items() if tool.annotations and tool.annotations.read_only_hint
        } == (TOOLS - {"add_file"})
        found = await call(client, "search", query=ASKED, limit=1)
        (passage,) = found["passages"]
        assert (passage["document"], passage["text"], passage["collection"]) == ("one.txt", ASKED, "papers")
        following = await call(client, "search", query=ASKED, limit=1, cursor=found["next_cursor"])
        assert following["passages"][0]["passage_id"] != passage["passage_id"]
        assert len(json.dumps(await call(client, "search", query="second passage", limit=20))) < 10_000
        answer = await call(client, "ask", question=ASKED)
        assert "[1]" in answer["answer"]
        assert answer["footnotes"][0]["quote"] == ASKED
        listed = await call(client, "list_documents", limit=1)
        assert (listed["total"], listed["next_cursor"]) == (2, "1")
        rest = await call(client, "list_documents", limit=1, cursor="1")
        assert {listed["documents"][0]["name"], rest["documents"][0]["name"]} == {"one.txt", "secret.txt"}
        assert rest["next_cursor"] is None
        around = await call(client, "read_passage", passage_id=passage["passage_id"], around=1)
        assert around["text"].startswith(f"{ASKED}\n\nThe second passage.")
        whole = ""
        cursor: str | None = ""
        while cursor is not None:
            page = await call(client, "read_page", document_id=passage["document_id"], cursor=cursor)
            whole, cursor = whole + page["text"], page["next_cursor"]
        assert whole.startswith(ASKED)
        assert whole.endswith("The third.")
        added = await call(client, "add_file", name="new.txt", text="words", collection="papers")
        assert added["document"]["state"] == "queued"
        again = await call(client, "add_file", name="new.txt", content_base64=base64.b64encode(b"words").decode(),
                           collection="papers")  # fmt: skip
        assert (again["already_present"], again["document"]["document_id"]) == (
            True,
            added["document"]["document_id"],
        )
        (template, _) = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "footnote://documents/{document_id}"
        read = await client.read_resource(f"footnote://documents/{passage['document_id']}")
        assert str(getattr(read.contents[0], "text", "")).startswith(ASKED)
    kb.requests.flush()
    origins = {(request.kind, request.origin) for request in kb.requests.page(LogFilter(), caller=OWNER)[0]}
    assert origins == {(kind, "mcp") for kind in ("embedding", "retrieval", "answer")}


async def test_what_is_refused_is_said_to_the_model(app: Any, kb: KnowledgeBase) -> None:
    foreign = next(
        document for document in kb.library.documents(caller=OWNER) if document.collection == "other"
    )
    passage = kb.library.passages(foreign.id, caller=OWNER)[0].id
    async with connected(app, key_of(kb, "read", "papers")) as client:
        assert "is for read" in await refused(client, "add_file", name="a.txt", text="x", collection="papers")
        assert await refused(client, "read_page", document_id=foreign.id) == (
            await refused(client, "read_page", document_id="0" * 12)
        ).replace("0" * 12, foreign.id)
        assert await refused(client, "read_passage", passage_id=passage) == (
            await refused(client, "read_passage", passage_id=10**9)
        ).replace(str(10**9), str(passage))
        assert "no cursor" in await refused(client, "search", query="x", cursor="-1")
        assert "empty" in await refused(client, "ask", question=" ")
        assert "page 7" in await refused(
            client,
            "read_page",
            page=7,
            document_id=kb.library.documents(caller=OWNER, collection="papers")[0].id,
        )
        for found in (await call(client, "search", query=sentence(2)), await call(client, "list_documents"),
                      await call(client, "search", query=sentence(2), collection="other"),
                      await call(client, "ask", question="Which documents are there?")):  # fmt: skip
            assert "secret.txt" not in json.dumps(found)
        with pytest.raises(Exception, match="no document"):
            await client.read_resource(f"footnote://documents/{foreign.id}")
    async with connected(app, key_of(kb, "write", "papers")) as client:
        assert "not for the collection 'other'" in await refused(client, "add_file", name="a.txt", text="x",
                                                                 collection="other")  # fmt: skip
        assert "one of the two" in await refused(client, "add_file", name="a.txt", collection="papers")
        assert "base64" in await refused(
            client, "add_file", name="a.txt", content_base64="%", collection="papers"
        )


async def test_what_is_no_page_no_text_and_no_number_is_said_in_a_sentence(
    app: Any, kb: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    (document,) = kb.library.documents(caller=OWNER, collection="papers")
    async with connected(app, key_of(kb, "write", "papers")) as client:
        for page in ("-1", "x", "1e3", "9" * 30):
            with pytest.raises(Exception, match="no such page"):
                await client.read_resource(f"footnote://documents/{document.id}/pages/{page}")
        assert "Traceback" not in caplog.text
        assert not [record for record in caplog.records if record.exc_info]
        for tool, arguments, field in (
            ("search", {"query": "x\0"}, "query"),
            ("search", {"query": "x", "collection": "a\0"}, "collection"),
            ("search", {"query": ["x"]}, "query"),
            ("search", {}, "query"),
            ("search", {"query": "x" * 20_001}, "query"),
            ("list_documents", {"limit": 0}, "limit"),
            ("read_passage", {"passage_id": "many"}, "passage_id"),
            ("read_page", {"document_id": "a\0"}, "document_id"),
            ("add_file", {"name": "a\0.txt", "text": "x"}, "name"),
        ):
            said = await refused(client, tool, **arguments)
            assert said.startswith(f"'{field}' is "), said
            assert said.endswith(".")
            assert not re.search(r"pydantic|validation|\n|input_", said), said
        added = await call(client, "add_file", name="new.txt", text="words")
        assert added["document"]["collection"] == "papers"


async def test_messages_come_by_post_alone_and_to_every_name_of_this_machine(
    app: Any, kb: KnowledgeBase
) -> None:
    headers = {"Authorization": f"Bearer {key_of(kb)}", "Accept": "text/event-stream, application/json"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    async with http_client(app) as client:
        for method in ("GET", "DELETE", "HEAD", "PUT"):
            refused = await asyncio.wait_for(client.request(method, "/mcp", headers=headers), 10)
            assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
        for host in (f"LOCALHOST:{PORT}", f"localhost:{PORT}", f"[::1]:{PORT}"):
            answer = await client.post("/mcp", json=body, headers={**headers, "Host": host})
            assert (answer.status_code, answer.json().get("result")) == (200, {}), host


async def test_nobody_comes_in_without_a_key(app: Any) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with http_client(app) as client:
        for headers in ({"X-Footnote-Token": "command"},
                        {"X-Footnote-Token": "command", "Authorization": "Bearer fn_nothing"}):  # fmt: skip
            answer = await client.post("/mcp", json=body, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
        assert isinstance(client, httpx.AsyncClient)


async def test_tools_over_a_pipe(home: Path) -> None:
    """As an editor starts it, while nothing else runs."""
    server = StdioServerParameters(
        command=sys.executable, args=[str(ROOT / "app.py"), "mcp", "--home", str(home)], cwd=ROOT
    )
    async with Client(server) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
        listed = await call(client, "list_documents")
        assert listed["total"] == 2
        added = await call(client, "add_file", name="new.txt", text="words")
        assert added["document"]["collection"] == "default"
