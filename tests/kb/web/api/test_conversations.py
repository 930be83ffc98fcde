"""Conversations over the API: named, pinned, found and saved as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from kb.web.door.request_guard import RequestGuard
from kb.web.page.frame.mount import fragments
from kb.web.server import build_api
from tests.kb.web.conftest import PORT, http_client
from tests.kb.web.standin import InMemoryLibrary


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    kb: Any = InMemoryLibrary(tmp_path)
    (tmp_path / "a.txt").write_text("The words of a.txt.")
    kb.add(tmp_path / "a.txt", "a.txt")
    async with http_client(RequestGuard(build_api(kb, mount=fragments(kb)), port=PORT)) as client:
        yield client


async def conversation(api: httpx.AsyncClient, question: str) -> str:
    await api.post("/api/ask", json={"question": question})
    listed = (await api.get("/api/conversations")).json()["conversations"]
    return str(next(found["id"] for found in listed if found["title"] == question))


async def test_a_conversation_is_renamed_pinned_and_found(api: httpx.AsyncClient) -> None:
    first = await conversation(api, "What words?")
    await conversation(api, "Which others?")
    changed = await api.patch(f"/api/conversations/{first}", json={"title": "Words", "pinned": True})
    assert changed.status_code == 204
    listed = (await api.get("/api/conversations")).json()["conversations"]
    assert [(found["title"], found["pinned"]) for found in listed] == [
        ("Words", True),
        ("Which others?", False),
    ]
    found = (await api.get("/api/conversations", params={"saying": "what WORDS"})).json()["conversations"]
    assert [each["id"] for each in found] == [first]
    rail = (await api.get("/ui/conversations", headers={"accept-language": "zh"})).json()["html"]
    assert rail.index("已置顶") < rail.index("Words") < rail.index("今天") < rail.index("Which others?")
    none = (await api.get("/ui/conversations", params={"saying": "storks"})).json()["html"]
    assert "No conversation says this" in none
    assert (await api.patch(f"/api/conversations/{first}", json={"title": " "})).status_code == 400
    assert (await api.patch("/api/conversations/none", json={"pinned": True})).status_code == 404


async def test_a_conversation_is_saved_as_markdown_and_as_json(api: httpx.AsyncClient) -> None:
    first = await conversation(api, "What words?")
    kept = (await api.get(f"/api/conversations/{first}")).json()
    markdown = await api.get(f"/api/conversations/{first}/export")
    assert markdown.text.startswith("## What words?\n\n")
    (request,) = kept["requests"]
    assert request["text"].strip() in markdown.text
    for citation in request["answer"]["citations"]:
        assert f"[{citation['n']}]: {citation['document']}" in markdown.text
    assert unquote(markdown.headers["content-disposition"]).endswith("What words?.md")
    assert "attachment" in markdown.headers["content-disposition"]
    assert (await api.get(f"/api/conversations/{first}/export", params={"format": "json"})).json() == kept
    assert (await api.get("/api/conversations/none/export")).status_code == 404
