"""Addresses where nothing is: a page that leads on for people, the plain answer for programs."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, Question

PERSON = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
CHINESE = {**PERSON, "accept-language": "zh-CN"}


@pytest.mark.parametrize(
    ("path", "english", "chinese"),
    [
        ("/nowhere", "no page at this address", "没有这个地址的页面"),
        ("/library/nowhere", "no page at this address", "没有这个地址的页面"),
        ("/d/unknown", "not in the library", "没有这份文档"),
        ("/documents/unknown/view", "not in the library", "没有这份文档"),
        ("/documents/unknown/original", "not in the library", "没有这份文档"),
        ("/c/unknown", "conversation is not here", "没有这个对话"),
    ],
)
async def test_a_person_is_led_on(client: httpx.AsyncClient, path: str, english: str, chinese: str) -> None:
    for headers, sentence in ((PERSON, english), (CHINESE, chinese)):
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert sentence in answer.text
        assert '<a href="/">' in answer.text
        assert '<a href="/library">' in answer.text


async def test_a_program_gets_what_it_got(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).text == "There is nothing here."
    assert (await client.post("/nowhere", headers=PERSON)).text == "There is nothing here."
    for path in ("/api/documents/unknown", "/api/nowhere"):
        answer = await client.get(path, headers=PERSON)
        assert (answer.status_code, answer.json()["status"]) == (404, 404)


async def test_what_is_there_is_shown_until_it_is_removed(
    client: httpx.AsyncClient, kb: KnowledgeBase, tmp_path: Path
) -> None:
    file = tmp_path / "heron.txt"
    file.write_text("The heron stands still.")
    document = kb.library.add(file, file.name, caller=OWNER).document
    run = await kb.conversations.start(Question("Hello"))
    for path in (f"/d/{document.id}", f"/c/{run.conversation_id}"):
        assert (await client.get(path, headers=PERSON)).status_code == 200, path
    kb.library.remove([document.id], caller=OWNER)
    await kb.conversations.remove(run.conversation_id, caller=OWNER)
    for path in (f"/d/{document.id}", f"/c/{run.conversation_id}"):
        assert (await client.get(path, headers=PERSON)).status_code == 404, path
