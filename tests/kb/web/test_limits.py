"""What each key may ask for, and what it is told beyond."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from kb.config import LimitSettings
from kb.errors import OverLimit
from kb.knowledge_base import KnowledgeBase
from kb.knowledge_base.listing import Selection
from kb.knowledge_base.storage_limit import StorageUse
from kb.types import OWNER, AccessScope, Caller, Role
from kb.web.door.callers import CALLER
from kb.web.door.connections import MOST_FROM_ONE_ADDRESS
from kb.web.door.rate_limits import MOST_OPEN, MOST_OPEN_OF_ALL, RateLimits
from kb.web.server import build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.doubles.scripted_http import Reply, Request, json_reply, scripted_http
from tests.kb.library import Library, open_kb, sentence
from tests.kb.web.conftest import PORT, http_client
from tests.waiting import until


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Reads the whole body, as far as it comes."""
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    status = 200 if message["type"] == "http.request" else 400
    await PlainTextResponse("", status_code=status)(scope, receive, send)


def behind(app: RateLimits, key_id: int | None, person_id: int = 0) -> Any:
    async def keyed(scope: Any, receive: Any, send: Any) -> None:
        key = "" if key_id is None else f"key {key_id}"
        caller = None if key_id is None else Caller("owner", key=key, key_id=key_id, person_id=person_id)
        await app({**scope, CALLER: caller}, receive, send)

    return keyed


async def test_requests_are_counted_a_key_and_a_minute() -> None:
    clock = Clock()
    app = RateLimits(echo, LimitSettings(requests_a_minute=3), clock=clock)
    async with (
        http_client(behind(app, 1)) as one,
        http_client(behind(app, 2)) as two,
        http_client(behind(app, None)) as owner,
    ):
        statuses = []
        for _ in range(5):
            clock.now += 10
            statuses.append((await one.get("/api/status")).status_code)
        assert statuses == [200, 200, 200, 429, 429]
        refused = await one.get("/v1/models")
        assert refused.headers["retry-after"] == "20"
        assert refused.json()["error"]["type"] == "rate_limit_error"
        assert "3 requests a minute" in refused.json()["error"]["message"]
        assert (await two.get("/api/status")).status_code == 200
        assert {(await owner.get("/api/status")).status_code for _ in range(9)} == {200}
        clock.now += 20
        assert [(await one.get("/api/status")).status_code for _ in range(2)] == [200, 429]


async def test_requests_that_are_open_are_counted_a_key_and_of_all() -> None:
    going_on = asyncio.Event()

    async def waits(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/api/broken":
            raise RuntimeError
        await going_on.wait()
        await echo(scope, receive, send)

    app = RateLimits(waits, LimitSettings())
    async with http_client(behind(app, 1)) as one, http_client(behind(app, 2)) as two, http_client(
        behind(app, 3)
    ) as three, http_client(behind(app, None)) as owner:  # fmt: skip
        for _ in range(MOST_OPEN + 1):
            await one.get("/api/broken")
        waiting = [asyncio.create_task(one.get("/api/status")) for _ in range(MOST_OPEN)]
        await asyncio.sleep(0.1)
        refused = await one.get("/v1/models")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert f"{MOST_OPEN} requests open" in refused.json()["error"]["message"]
        waiting += [asyncio.create_task(two.get("/api/status")) for _ in range(MOST_OPEN_OF_ALL - MOST_OPEN)]
        waiting += [asyncio.create_task(owner.get("/api/status"))]
        await asyncio.sleep(0.1)
        assert (await three.get("/api/status")).status_code == 429
        going_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
        assert (await one.get("/api/status")).status_code == 200
    assert MOST_OPEN < MOST_OPEN_OF_ALL < MOST_FROM_ONE_ADDRESS


async def test_bytes_are_counted_a_key_and_a_day() -> None:
    clock = Clock()
    app = RateLimits(echo, LimitSettings(upload_megabytes_a_day=1), clock=clock)

    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * (1 << 16)

    async with http_client(behind(app, 1)) as one, http_client(behind(app, 2)) as two:
        assert (await one.post("/v1/files", content=b"x" * 900_000)).status_code == 200
        refused = await one.post("/api/documents", content=b"x" * 200_000)
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "86400"
        assert (await one.post("/api/search", content=b"x")).status_code == 200
        assert (await two.post("/v1/files", content=pieces())).status_code == 400  # states no length: cut off
        assert (await two.post("/api/search", content=b"x")).status_code == 429
        clock.now += 86_400
        assert (await one.post("/v1/files", content=b"x" * 900_000)).status_code == 200


@dataclass
class Model:
    """A model that waits in its first answer."""

    asked: threading.Event = field(default_factory=threading.Event)
    going_on: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    yield made
    made.going_on.set()


@pytest.fixture
def kb(tmp_path: Path, model: Model) -> Iterator[KnowledgeBase]:
    def slow(request: Request) -> Reply:
        if request.method == "GET":
            return json_reply({"data": [{"id": "m", "max_model_len": 4096}]})
        model.asked.set()
        model.going_on.wait(20)
        return Reply([b'data: {"choices":[{"index":0,"delta":{"content":"Yes."}}]}\n\n', b"data: [DONE]\n\n"])

    library = Library(tmp_path)
    library.add("one.txt", [sentence(1)])
    library.close()
    with scripted_http(slow) as server:
        opened = open_kb(
            tmp_path,
            embedder=HashEmbedder(),
            **{
                "answering.model": "endpoint/m",
                "answering.endpoint_url": f"{server.url}/v1",
                "limits.running_answers": 1,
            },
        )
        yield opened
        opened.close()


async def test_answers_under_way_are_counted_a_key(kb: KnowledgeBase, model: Model) -> None:
    key = kb.keys.add("program", caller=OWNER, scope=AccessScope.READ)
    headers = {"Authorization": f"Bearer {key}"}
    chat = {"model": "footnote", "messages": [{"role": "user", "content": sentence(1)}]}
    async with http_client(build_app(kb, port=PORT)) as client:
        client.timeout = httpx.Timeout(30)
        first = asyncio.create_task(client.post("/v1/chat/completions", json=chat, headers=headers))
        assert await asyncio.to_thread(model.asked.wait, 20)
        for path, body in (("/v1/chat/completions", chat), ("/v1/chat/completions", {**chat, "stream": True}),
                           ("/api/ask", {"question": sentence(1)})):  # fmt: skip
            refused = await client.post(path, json=body, headers=headers)
            assert refused.status_code == 429, path
            assert refused.headers["retry-after"] == "5"
            assert "limits.running_answers" in refused.text
        assert kb.conversations.all(caller=OWNER) == []
        own = await client.post("/api/search", json={"question": "x"}, headers=headers)
        assert own.status_code == 200
        model.going_on.set()
        assert (await first).json()["choices"][0]["message"]["content"]
        assert (await client.post("/v1/chat/completions", json=chat, headers=headers)).status_code == 200
    await kb.close_models()


async def test_of_many_answers_at_once_one_begins_and_the_status_says_so_of_the_others(
    kb: KnowledgeBase, model: Model
) -> None:
    """All are let in by the door before the first of them is being made."""
    headers = {"Authorization": f"Bearer {kb.keys.add('program', caller=OWNER, scope=AccessScope.READ)}"}
    chat = {"model": "footnote", "messages": [{"role": "user", "content": sentence(1)}], "stream": True}
    async with http_client(build_app(kb, port=PORT)) as client:
        client.timeout = httpx.Timeout(30)
        for path, body in (("/v1/chat/completions", chat), ("/api/ask", {"question": sentence(1)})):
            model.going_on.clear()
            asking = [asyncio.create_task(client.post(path, json=body, headers=headers)) for _ in range(8)]
            for refused in itertools.islice(asyncio.as_completed(asking), 7):
                await refused
            model.going_on.set()
            answers = await asyncio.gather(*asking)
            assert sorted(answer.status_code for answer in answers) == [200, *[429] * 7], path
            assert all(answer.status_code == 200 or answer.headers["retry-after"] for answer in answers)
            assert not any('"error"' in answer.text for answer in answers if answer.status_code == 200)
        missing = {"question": sentence(1), "conversation": "nothing"}
        for _ in range(2):
            assert (await client.post("/api/ask", json=missing, headers=headers)).status_code == 404
        assert (await client.post("/v1/chat/completions", json=chat, headers=headers)).status_code == 200
    await kb.close_models()


async def test_what_a_key_keeps_has_a_limit(tmp_path: Path) -> None:
    kb = open_kb(tmp_path / "home", embedder=HashEmbedder(), **{"limits.storage_megabytes": 1})
    made = {
        name: kb.keys.add(name, caller=OWNER, scope=AccessScope.WRITE, collections=(name,))
        for name in ("one", "two")
    }

    async def sent(client: httpx.AsyncClient, key: str | None, data: bytes, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return await client.post(path, files={"file": ("a.txt", data)}, headers=headers)

    async with http_client(build_app(kb, port=PORT)) as client:
        large = b"x" * 700_000
        assert (await sent(client, made["one"], large, "/api/documents")).status_code == 201
        for path in ("/api/documents", "/v1/files"):
            refused = await sent(client, made["one"], b"y" * 700_000, path)
            assert refused.status_code == 413, path
            assert (
                "of 0.7 MB finds no room: 0.7 MB of 1 MB are kept (limits.storage_megabytes)" in refused.text
            )
        assert (await sent(client, made["one"], b"small", "/api/documents")).status_code == 201
        assert (await sent(client, made["two"], large, "/api/documents")).status_code == 201
        assert (await sent(client, None, b"z" * 1_900_000, "/api/documents")).status_code == 201
        said = await client.get("/api/storage", headers={"Authorization": f"Bearer {made['one']}"})
        assert said.json() == {"stored_bytes": 700_005, "limit_bytes": 1 << 20}
        assert (await client.get("/api/storage")).json()["limit_bytes"] is None
        (first, *_) = (found for found in kb.library.documents(caller=OWNER) if found.bytes == len(large)
                       and found.collection == "one")  # fmt: skip
        kb.library.remove([first.id], caller=OWNER)
        assert (await sent(client, made["one"], b"y" * 700_000, "/api/documents")).status_code == 201
    kb.close()


def test_what_a_person_keeps_has_one_limit_whichever_way_it_came(tmp_path: Path) -> None:
    with closing(
        open_kb(tmp_path / "home", embedder=HashEmbedder(), **{"limits.storage_megabytes": 1})
    ) as kb:
        for name, role in (("anna", Role.EDITOR), ("bert", Role.EDITOR), ("olga", Role.OWNER)):
            kb.accounts.add(name, "correct horse", role, caller=OWNER)

        def page(name: str) -> Caller:
            caller = kb.accounts.caller_with(kb.accounts.sign_in(name, "correct horse", address="a"))
            assert caller is not None
            return caller

        def keyed(name: str, called: str, *, collections: tuple[str, ...] | None = None) -> Caller:
            key = kb.keys.add(called, caller=page(name), scope=AccessScope.WRITE, collections=collections)
            caller = kb.keys.caller_with(key)
            assert caller is not None
            return caller

        def sent(caller: Caller, kilobytes: int, collection: str = "") -> str:
            file = tmp_path / "file"
            file.write_bytes(secrets.token_bytes(kilobytes << 10))
            return kb.library.add(file, "a.txt", collection, caller=caller).document.id

        one, two = keyed("anna", "one"), keyed("anna", "two", collections=("notes",))
        kb.sharing.share("bert/notes", "anna", Role.EDITOR, caller=page("bert"))
        first = sent(page("anna"), 300)
        sent(one, 300, "other")
        sent(two, 300)
        for caller, collection in (
            *((page("anna"), ""), (one, "new"), (two, ""), (page("anna"), "bert/notes")),
            (keyed("anna", "three"), "bert/notes"),
        ):
            with pytest.raises(
                OverLimit, match=r"This file of 0\.2 MB finds no room: 0\.9 MB of 1 MB are kept"
            ):
                sent(caller, 200, collection)
        assert kb.library.storage(caller=page("anna")) == StorageUse(900 << 10, 1 << 20)
        assert kb.library.storage(caller=two).stored_bytes == 300 << 10, "in its collection"
        sent(page("bert"), 900)  # what anna keeps takes no room of his
        removed = kb.listing.remove(Selection(ids=(first,)), caller=page("anna"))
        with pytest.raises(OverLimit):
            sent(one, 200)  # what can be undone is still there
        kb.listing.undo(removed.undo or "", caller=page("anna"))
        kb.library.remove([first], caller=page("anna"))
        sent(one, 200)
        sent(page("olga"), 1100)
        assert kb.library.storage(caller=page("olga")).limit_bytes is None
        kept = kb.library.kept_by_person(caller=OWNER)
        assert kept == {page(name).person_id: kilobytes << 10
                        for name, kilobytes in (("anna", 800), ("bert", 900), ("olga", 1100))}  # fmt: skip


def test_files_that_come_at_the_same_time_go_over_no_limit(tmp_path: Path) -> None:
    with closing(
        open_kb(tmp_path / "home", embedder=HashEmbedder(), **{"limits.storage_megabytes": 1})
    ) as kb:
        kb.accounts.add("anna", "correct horse", Role.EDITOR, caller=OWNER)
        anna = kb.accounts.caller_with(kb.accounts.sign_in("anna", "correct horse", address="a"))
        assert anna is not None
        together = threading.Barrier(8)

        def sent(number: int) -> bool:
            file = tmp_path / f"{number}.txt"
            file.write_bytes(secrets.token_bytes(300 << 10))
            together.wait(60)
            with suppress(OverLimit):
                kb.library.add(file, file.name, caller=anna)
                return True
            return False

        with ThreadPoolExecutor(8) as threads:
            taken = sum(threads.map(sent, range(8)))
        assert taken == 3
        assert kb.library.storage(caller=anna).stored_bytes == 900 << 10


async def test_a_person_with_many_keys_leaves_room_for_those_of_others() -> None:
    going_on = asyncio.Event()
    came = 0

    async def waits(scope: Any, receive: Any, send: Any) -> None:
        nonlocal came
        came += 1
        await going_on.wait()
        await echo(scope, receive, send)

    app = RateLimits(waits, LimitSettings())
    async with (
        http_client(behind(app, 1, person_id=7)) as first,
        http_client(behind(app, 2, person_id=7)) as second,
        http_client(behind(app, 3, person_id=8)) as another,
    ):
        half = MOST_OPEN // 2
        waiting = [asyncio.create_task(each.get("/api/status")) for each in [first] * half + [second] * half]
        await until(lambda: came == MOST_OPEN, seconds=30)
        assert [(await each.get("/api/status")).status_code for each in (first, second)] == [429, 429]
        waiting.append(asyncio.create_task(another.get("/api/status")))
        await until(lambda: came == MOST_OPEN + 1, seconds=30)
        going_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
