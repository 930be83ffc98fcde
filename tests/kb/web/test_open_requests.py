"""Requests that are still answered when their session, key, account or share ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from kb.knowledge_base import KnowledgeBase
from kb.knowledge_base.conversations import ConversationsService
from kb.state.conversations import AnswerRuns
from kb.types import OWNER, AnswerEvent, AnswerRunState, Question, Role, TextDelta
from kb.web.api.changes import ChangeFeed
from kb.web.door.callers import CALLER, CAME_WITH, CameWith
from kb.web.door.open_requests import OpenRequests
from kb.web.page.frame.mount import fragments
from kb.web.server import build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb, sentence
from tests.kb.web.conftest import PORT, http_client
from tests.kb.web.test_accounts import PASSWORD, signed_in
from tests.kb.web.test_keys import bearer

NAMES = ("bert", "cleo", "dora", "emil", "fred", "gina")
WITHIN_S = 2.5
"""A second, and what a busy machine takes."""


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    library = Library(tmp_path)
    library.add("shared.txt", [sentence(1)], collection="reports")
    library.add("other.txt", [sentence(2)], collection="plans")
    library.close()
    opened = open_kb(tmp_path, embedder=HashEmbedder(), **{"server.accounts": True})
    opened.accounts.add("olga", PASSWORD, Role.OWNER, caller=OWNER)
    for name in NAMES:
        opened.accounts.add(name, PASSWORD, Role.EDITOR, caller=OWNER)
        opened.sharing.share("reports", name, Role.READER, caller=OWNER)
        opened.sharing.share("plans", name, Role.READER, caller=OWNER)
    yield opened
    opened.close()


class HeldFeed(ChangeFeed):
    """A library in which nothing happens before the test says so."""

    def __init__(self, kb: KnowledgeBase) -> None:
        super().__init__(kb)
        self.happened = asyncio.Event()

    async def wait(self, seen: int, timeout_s: float) -> int:
        await self.happened.wait()
        return seen + 1


@pytest.fixture
async def feed(kb: KnowledgeBase) -> HeldFeed:
    return HeldFeed(kb)


@pytest.fixture
async def client(kb: KnowledgeBase, feed: HeldFeed) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(build_app(kb, port=PORT, mount=fragments(kb), changes=feed)) as client:
        yield client


def token_of(headers: dict[str, str]) -> str:
    return headers["Cookie"].partition("=")[2]


async def test_streams_and_long_polls_end_with_what_they_came_with(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    people = {name: await signed_in(client, name) for name in NAMES}
    gina = kb.accounts.caller_with(token_of(people["gina"]))
    assert gina is not None
    people["key"] = bearer(kb.keys.add("key", caller=gina))
    people["key of fred"] = bearer(kb.keys.add("reports", caller=OWNER, collections=["reports"]))
    waiting = {
        name: asyncio.create_task(client.get("/api/events", headers=headers))
        for name, headers in people.items()
    }
    polls = {
        name: asyncio.create_task(client.get("/ui/library?seen=1", headers=people[name]))
        for name in ("bert", "gina")
    }
    await asyncio.sleep(0.9)
    assert not any(task.done() for task in [*waiting.values(), *polls.values()])
    kb.sharing.share("plans", "gina", Role.EDITOR, caller=OWNER)  # more ends nothing
    await client.post("/sign-out", headers=people["bert"])
    await client.post("/account/sessions", headers=people["cleo"])
    changed = {"old": PASSWORD, "new": "battery staple"}
    answer = await client.post("/account/password", data=changed, headers=people["dora"])
    assert answer.headers["location"] == "/account?done=changed"
    kb.accounts.remove("emil", caller=OWNER)
    kb.sharing.unshare("reports", "fred", caller=OWNER)
    kb.keys.revoke("key", caller=gina)
    kb.keys.revoke("reports", caller=OWNER)
    ended = [task for name, task in waiting.items() if name != "gina"]
    done, _ = await asyncio.wait([*ended, polls["bert"]], timeout=WITHIN_S)
    assert len(done) == len(ended) + 1, [name for name, task in waiting.items() if not task.done()]
    assert (await polls["bert"]).status_code == 401
    assert not waiting["gina"].done()
    waiting["gina"].cancel()
    polls["gina"].cancel()


async def test_a_long_poll_answers_with_the_reach_of_its_answer(
    client: httpx.AsyncClient, kb: KnowledgeBase, feed: HeldFeed
) -> None:
    bert, cleo = await signed_in(client, "bert"), await signed_in(client, "cleo")
    (shared,) = [each.id for each in kb.library.documents(caller=OWNER) if each.name == "shared.txt"]
    for headers, path, left in ((bert, "/ui/library", 200), (cleo, f"/ui/document/{shared}", 404)):
        feed.happened.clear()
        poll = asyncio.create_task(client.get(path, params={"seen": 1}, headers=headers))
        await asyncio.sleep(0.3)
        assert not poll.done()
        kb.sharing.unshare("reports", "bert" if headers is bert else "cleo", caller=OWNER)
        feed.happened.set()
        answer = await asyncio.wait_for(poll, WITHIN_S)
        assert (answer.status_code, "shared.txt" in answer.text) == (left, False)


async def test_a_slow_answer_that_has_not_begun_is_refused(kb: KnowledgeBase) -> None:
    token = kb.accounts.sign_in("bert", PASSWORD, address="here")
    caller = kb.accounts.caller_with(token)

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(60)

    app: ASGIApp = OpenRequests(slow)

    async def signed(scope: Scope, receive: Receive, send: Send) -> None:
        came_with = CameWith(kb.accounts.caller_with, token)
        await app({**scope, CALLER: caller, CAME_WITH: came_with}, receive, send)

    async with http_client(signed) as client:
        asked = asyncio.create_task(client.get("/api/search?q=x"))
        await asyncio.sleep(0.1)
        kb.sharing.unshare("reports", "bert", caller=OWNER)
        answer = await asyncio.wait_for(asked, WITHIN_S)
    assert (answer.status_code, "Ask again" in answer.json()["error"]) == (409, True)


async def test_an_answer_under_way_ends_with_the_reach_of_its_asker(kb: KnowledgeBase) -> None:
    async def endless(_question: Question) -> AsyncGenerator[AnswerEvent, None]:
        yield TextDelta("So far")
        await asyncio.sleep(60)

    service = ConversationsService(AnswerRuns(kb._parts.database), ask=endless, refreshed=kb.keys.refreshed)
    callers = []
    for name in ("bert", "cleo"):
        caller = kb.accounts.caller_with(kb.accounts.sign_in(name, PASSWORD, address="here"))
        assert caller is not None
        callers.append(caller)
    runs = [await service.start(Question("What?", caller=caller)) for caller in callers]
    await asyncio.sleep(0.1)
    kb.sharing.unshare("reports", "bert", caller=OWNER)
    kb.sharing.share("reports", "cleo", Role.EDITOR, caller=OWNER)
    began = time.monotonic()
    while (await service.get(runs[0].id, caller=callers[0])).state is AnswerRunState.RUNNING:
        assert time.monotonic() - began < WITHIN_S
        await asyncio.sleep(0.05)
    assert (await service.get(runs[0].id, caller=callers[0])).text == "So far"
    assert (await service.get(runs[1].id, caller=callers[1])).state is AnswerRunState.RUNNING
    await service.close()
