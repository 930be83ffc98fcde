"""An upload that names itself is added once, however often it is sent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from kb.errors import Conflict
from kb.knowledge_base import KnowledgeBase
from kb.knowledge_base.kept_replies import KeptRepliesService
from kb.types import OWNER, AccessScope


async def upload(
    api: httpx.AsyncClient, key: str, data: bytes, *, path: str = "/api/documents", **fields: str
) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return await api.post(path, files={"file": ("a.txt", data)}, data=fields, headers=headers)


@pytest.mark.parametrize("path", ["/api/documents", "/v1/files"])
async def test_the_same_upload_again_gets_the_first_reply(
    api: httpx.AsyncClient, kb: KnowledgeBase, path: str
) -> None:
    first = await upload(api, "one", b"Some words.", path=path)
    kb.library.remove([found.id for found in kb.library.documents(caller=OWNER)], caller=OWNER)
    again = await upload(api, "one", b"Some words.", path=path)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (await upload(api, "two", b"Some words.", path=path)).json() != first.json()


async def test_another_upload_of_that_name_is_refused(api: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    await upload(api, "one", b"Some words.")
    for data, fields in ((b"Other words.", {}), (b"Some words.", {"collection": "x"})):
        refused = await upload(api, "one", data, **fields)
        assert (refused.status_code, "another request's" in refused.text) == (409, True)
    assert (await upload(api, "one", b"Some words.", path="/v1/files")).status_code == 409
    assert len(kb.library.documents(caller=OWNER)) == 1
    for key in ("", "a b", "x" * 201):
        assert (await upload(api, key, b"More words.")).status_code == 422


async def test_a_refused_upload_may_be_sent_again(api: httpx.AsyncClient) -> None:
    assert (await upload(api, "one", b"Some words.", same_name="nonsense")).status_code == 400
    assert (await upload(api, "one", b"Some words.")).status_code == 201


async def test_while_one_is_under_way_the_other_is_refused(api: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    arrived, leave = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow() -> tuple[int, str]:
        loop.call_soon_threadsafe(arrived.set)
        asyncio.run_coroutine_threadsafe(leave.wait(), loop).result()
        return 201, "{}"

    running = asyncio.create_task(asyncio.to_thread(kb.replies.once, "one", "hash", slow, caller=OWNER))
    await arrived.wait()
    assert (await upload(api, "one", b"Some words.")).status_code == 409
    leave.set()
    await running


def test_names_are_a_caller_s_own_and_kept_for_a_day(kb: KnowledgeBase) -> None:
    now = datetime(2026, 3, 4, tzinfo=UTC)
    replies = KeptRepliesService(kb._parts, clock=lambda: now)
    key = kb.keys.caller_with(kb.keys.add("writer", caller=OWNER, scope=AccessScope.WRITE))
    assert key is not None
    assert replies.once("n", "a", lambda: (201, "1"), caller=OWNER)[1] is False
    assert replies.once("n", "b", lambda: (201, "2"), caller=key)[0].body == "2"
    with pytest.raises(Conflict):
        replies.once("n", "b", lambda: (201, "3"), caller=OWNER)
    now += timedelta(days=1, seconds=1)
    assert replies.once("n", "b", lambda: (201, "4"), caller=OWNER)[0].body == "4"
    rows = kb._parts.database.read().execute("SELECT count(*) AS n FROM kept_replies").fetchone()
    assert rows is not None
    assert rows["n"] == 1, "what is older is forgotten"
