"""Pages of lists by cursor: nothing is missed and nothing comes twice, whatever is added or removed meanwhile."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER
from kb.web.door.request_guard import RequestGuard
from kb.web.server import build_api
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb, sentence
from tests.kb.web.conftest import PORT, http_client


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    library = Library(tmp_path)
    library.fill(7, passages=1)
    library.close()
    opened = open_kb(tmp_path, embedder=HashEmbedder(), **{"answering.model": "extractive"})
    yield opened
    opened.close()


@pytest.fixture
def api(kb: KnowledgeBase) -> httpx.AsyncClient:
    return http_client(RequestGuard(build_api(kb), port=PORT))


def add(kb: KnowledgeBase, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(f"{name} holds words.", encoding="utf-8")
    kb.library.add(file, name, caller=OWNER)


@pytest.mark.parametrize("sort", ["added", "name", "length"])
async def test_documents_that_stay_come_once_each(
    api: httpx.AsyncClient, kb: KnowledgeBase, tmp_path: Path, sort: str
) -> None:
    whole = (await api.get("/api/documents", params={"sort": sort})).json()
    assert whole["next_cursor"] is None
    wanted = [document["id"] for document in whole["documents"]]
    asked: dict[str, Any] = {"sort": sort, "limit": 3}
    page = (await api.get("/api/documents", params=asked)).json()
    came = [document["id"] for document in page["documents"]]
    add(kb, tmp_path, "aaa.txt")
    add(kb, tmp_path, "zzz.txt")
    kb.library.remove([came[-1], wanted[4]], caller=OWNER)
    while page["next_cursor"]:
        page = (await api.get("/api/documents", params={**asked, "cursor": page["next_cursor"]})).json()
        assert page["documents"]
        came += [document["id"] for document in page["documents"]]
    assert len(came) == len(set(came))
    stayed = [document_id for document_id in wanted if document_id != wanted[4]]
    assert [document_id for document_id in came if document_id in stayed] == stayed


async def test_ratings_go_on_behind_the_last(api: httpx.AsyncClient) -> None:
    asked = []
    for n in range(6):
        said = (await api.post("/api/ask", json={"question": sentence(n)})).text.splitlines()[0]
        asked.append(json.loads(said)["id"])
        await api.post(f"/api/answers/{asked[-1]}/rating", json={"rating": "good"})
    wanted = [row["request_id"] for row in (await api.get("/api/ratings")).json()["ratings"]]
    assert set(wanted) == set(asked)
    page = (await api.get("/api/ratings", params={"limit": 2, "rating": "good"})).json()
    came = [row["request_id"] for row in page["ratings"]]
    await api.delete(f"/api/answers/{came[-1]}/rating")
    await api.delete(f"/api/answers/{wanted[3]}/rating")
    while page["next_cursor"]:
        following = {"limit": 2, "rating": "good", "cursor": page["next_cursor"]}
        page = (await api.get("/api/ratings", params=following)).json()
        came += [row["request_id"] for row in page["ratings"]]
    assert came == [each for each in wanted if each != wanted[3]]
    other = (await api.get("/api/conversations", params={"limit": 1})).json()["next_cursor"]
    assert (await api.get("/api/ratings", params={"cursor": other})).status_code == 400


async def test_conversations_and_the_log_go_on_behind_the_last(
    api: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    for n in range(5):
        await api.post("/api/ask", json={"question": sentence(n)})
    kb.requests.flush()
    for path, listed in (("/api/conversations", "conversations"), ("/api/log", "requests")):
        wanted = [row["id"] for row in (await api.get(path)).json()[listed]]
        page = (await api.get(path, params={"limit": 2})).json()
        came = [row["id"] for row in page[listed]]
        await api.post("/api/ask", json={"question": sentence(9)})  # comes before all of them
        kb.requests.flush()
        while page["next_cursor"]:
            asked = {"limit": 2, "cursor": page["next_cursor"]}
            page = (await api.get(path, params=asked)).json()
            came += [row["id"] for row in page[listed]]
        assert came == wanted


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


NO_CURSORS = (
    "x", "ä", "====", encoded({}), encoded([]), encoded(["documents added down"]), encoded(["log", "x"]),
    encoded(["conversations", 1]), encoded(["log", 1.5]), encoded(["log", True]), encoded(["log", 2**63]),
    encoded(["documents added down", "\ud800", 1, "x"]), encoded(["documents name up", "a", "b"]),
    encoded(["documents added down", [1], 1, "x"]), base64.urlsafe_b64encode(b"[" * 4000).decode(),
)  # fmt: skip


async def test_what_is_no_cursor_is_refused(api: httpx.AsyncClient) -> None:
    for cursor in NO_CURSORS:
        for path in ("/api/documents", "/api/conversations", "/api/log"):
            refused = await api.get(path, params={"cursor": cursor})
            assert (refused.status_code, "no cursor" in refused.text) == (400, True), (path, cursor)
