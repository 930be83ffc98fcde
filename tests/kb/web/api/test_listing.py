"""The list of documents over HTTP: sorted windows, options, and one action on whatever a filter leaves."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kb.knowledge_base import KnowledgeBase


@pytest.fixture
async def five(api: httpx.AsyncClient) -> list[str]:
    """The ids of five documents that are queued."""
    ids = []
    for name, collection in (("b.txt", "x"), ("a.txt", "x"), ("c.md", "y"), ("d.txt", "y"), ("e.txt", "y")):
        response = await api.post(
            "/api/documents", files={"file": (name, name.encode())}, data={"collection": collection}
        )
        ids.append(response.json()["document"]["id"])
    return ids


async def listed(api: httpx.AsyncClient, **query: Any) -> list[str]:
    found = (await api.get("/api/documents", params=query)).json()
    return [document["name"] for document in found["documents"]]


async def act(api: httpx.AsyncClient, **asked: Any) -> httpx.Response:
    return await api.post("/api/library/actions", json=asked)


async def test_the_list_is_sorted_narrowed_and_counted(api: httpx.AsyncClient, five: list[str]) -> None:
    assert await listed(api) == ["e.txt", "d.txt", "c.md", "a.txt", "b.txt"], "newest first"
    assert await listed(api, sort="name") == ["a.txt", "b.txt", "c.md", "d.txt", "e.txt"]
    assert await listed(api, sort="name", descending=True, limit=2, offset=1) == ["d.txt", "c.md"]
    assert await listed(api, type="TXT", collection="y") == ["e.txt", "d.txt"]
    counted = (await api.get("/api/documents", params={"collection": "y", "limit": 1})).json()
    assert (counted["total"], len(counted["documents"])) == (3, 1)
    options = (await api.get("/api/library/options")).json()
    assert options["collections"] == {"x": 2, "y": 3}
    assert options["states"] == {"importing": 5}
    assert (await api.get("/api/documents", params={"sort": "colour"})).status_code == 422


async def test_all_that_match_are_acted_on_but_those_that_were_taken_out(
    api: httpx.AsyncClient, five: list[str]
) -> None:
    done = await act(api, act="tag", matching={"collection": "y"}, but=[five[2]], add_tags=["Steel"])
    assert done.json()["changed"] == 2
    assert await listed(api, tag="steel") == ["e.txt", "d.txt"]
    assert (await act(api, act="leave_out", ids=five[:2])).json()["changed"] == 2
    refused = (await act(api, act="retry", ids=five[:2])).json()
    assert (refused["changed"], refused["refused"]) == (0, 2)
    assert refused["reason"]


async def test_documents_are_moved_and_put_back(api: httpx.AsyncClient, five: list[str]) -> None:
    assert (await act(api, act="move", ids=five[:1])).status_code == 400
    moved = (await act(api, act="move", matching={"collection": "x"}, collection=" y ")).json()
    assert (moved["changed"], moved["refused"]) == (2, 0)
    assert await listed(api, collection="x") == []
    assert (await api.post(f"/api/library/undo/{moved['undo']}")).json()["changed"] == 2
    assert len(await listed(api, collection="x")) == 2


async def test_a_deletion_is_undone_in_one_go(
    api: httpx.AsyncClient, kb: KnowledgeBase, five: list[str]
) -> None:
    removed = (await act(api, act="remove", matching={"collection": "y"})).json()
    assert removed["changed"] == 3
    page = (await api.get("/ui/library", params={"limit": 10})).json()
    assert page["total"] == 2, "the page does not show what goes"
    kb.library.delete_pending()
    undone = await api.post(f"/api/library/undo/{removed['undo']}")
    assert undone.json()["changed"] == 3
    assert await listed(api, collection="y") == ["e.txt", "d.txt", "c.md"]
    assert (await api.post(f"/api/library/undo/{removed['undo']}")).status_code == 409


@pytest.mark.parametrize(
    "asked",
    [
        {"act": "remove"},
        {"act": "remove", "ids": ["a"], "matching": {}},
        {"act": "remove", "matching": {"colection": "y"}},
        {"act": "explode", "ids": ["a"]},
        {"act": "remove", "ids": ["nobody"]},
    ],
)
async def test_what_is_not_said_clearly_deletes_nothing(
    api: httpx.AsyncClient, five: list[str], asked: dict[str, Any]
) -> None:
    assert (await act(api, **asked)).status_code in (400, 404, 422)
    assert len(await listed(api)) == len(five)
