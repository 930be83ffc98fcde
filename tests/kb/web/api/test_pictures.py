"""Slow pictures and a cold model, with real threads on a real port: light requests go on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn

from kb.config import AnsweringSettings, Settings
from kb.errors import BadInput
from kb.knowledge_base import open_knowledge_base
from kb.types import OWNER, Rect
from kb.web.api.loop_watch import LoopWatch
from kb.web.api.pictures import MOST_WAITING
from kb.web.server import build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.harness.ports import free_port
from tests.kb.web.standin import PNG

if TYPE_CHECKING:
    from kb.types import Matrix

LIGHT = ("/api/documents", "/api/queue", "/api/filters", "/api/status", "/api/conversations")
MOST_S = 1.0


class SlowPictures:
    """A renderer that takes its time; page 2 never ends within it."""

    def __init__(self) -> None:
        self.drawn: list[int] = []
        self.go_on = threading.Event()

    def render(self, path: Path, page: int, *, rects: Iterable[Rect] = (), width: int = 900) -> bytes:
        self.drawn.append(page)
        self.go_on.wait(30)
        if page == 2:
            raise BadInput("Page 2 takes longer than 8 s to draw.")
        return PNG


class ColdEmbedder(HashEmbedder):
    """One whose weights are being loaded until ``loaded`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded = threading.Event()

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        self.loaded.wait(30)
        return super().embed_queries(texts)


class Served:
    """A library behind a server in a thread of this process."""

    def __init__(self, home: Path) -> None:
        self.pictures, self.embedder = SlowPictures(), ColdEmbedder()
        self.kb = open_knowledge_base(
            Settings(home=home, answering=AnsweringSettings(model="extractive")),
            renderer=self.pictures,
            suffixes=frozenset({".txt"}),
            embedder=self.embedder,
        )
        source = home / "a.txt"
        source.write_text("Some words.")
        self.document = self.kb.library.add(source, "a.txt", caller=OWNER).document.id
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        config = uvicorn.Config(build_app(self.kb, port=port), port=port, log_config=None, ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)

    def get(self, path: str, timeout: float = 40.0) -> httpx.Response:
        return httpx.get(f"{self.address}{path}", trust_env=False, timeout=timeout)

    def page(self, number: int, **given: float) -> httpx.Response:
        return self.get(f"/documents/{self.document}/pages/{number}.png", **given)

    def slowest_light_request(self) -> float:
        slowest = 0.0
        for path in LIGHT * 2:
            begun = time.monotonic()
            assert self.get(path).status_code == 200
            slowest = max(slowest, time.monotonic() - begun)
        return slowest

    def close(self) -> None:
        self.pictures.go_on.set()
        self.embedder.loaded.set()
        self.server.should_exit = True
        self.thread.join()
        self.kb.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    library = Served(tmp_path)
    yield library
    library.close()


def many(count: int, call: Callable[[], httpx.Response]) -> list[Future[httpx.Response]]:
    pool = ThreadPoolExecutor(count)
    asked = [pool.submit(call) for _ in range(count)]
    pool.shutdown(wait=False)
    return asked


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_slow_page_holds_up_nobody_and_is_drawn_once(served: Served) -> None:
    asked = many(45, lambda: served.page(2))
    until(lambda: sum(each.done() for each in asked) == 45 - MOST_WAITING)
    assert served.slowest_light_request() < MOST_S
    served.pictures.go_on.set()
    answers = [each.result() for each in asked]
    busy = [answer for answer in answers if answer.status_code == 503]
    assert len(busy) == 45 - MOST_WAITING
    assert all(int(answer.headers["retry-after"]) > 0 and answer.json()["error"] for answer in busy)
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {
        "Page 2 takes longer than 8 s to draw."
    }
    assert served.page(2).status_code == 400
    assert served.pictures.drawn == [2]
    assert served.page(1).content == PNG


def test_pictures_of_clients_that_left_are_not_drawn(served: Served) -> None:
    first = many(1, lambda: served.page(1))
    until(lambda: served.pictures.drawn == [1])
    for number in range(3, 10):
        with pytest.raises(httpx.ReadTimeout):
            served.page(number, timeout=0.2)
    time.sleep(0.3)
    served.pictures.go_on.set()
    assert first[0].result().content == PNG
    assert served.page(1).content == PNG
    assert served.pictures.drawn == [1, 1]


def test_fifty_searches_with_a_cold_model_hold_up_no_light_request(served: Served) -> None:
    asked = many(50, lambda: served.get("/api/search?q=words"))
    time.sleep(0.5)
    assert served.slowest_light_request() < MOST_S
    begun = time.monotonic()
    asking = served.address
    with httpx.stream(
        "POST", f"{asking}/api/ask", json={"question": "Which words?"}, trust_env=False, timeout=20
    ) as answer:
        assert next(answer.iter_lines()).startswith('{"event":"request"')
    assert time.monotonic() - begun < MOST_S, "a question is kept at once, though its search waits"
    served.embedder.loaded.set()
    assert {each.result().status_code for each in asked} == {200}


async def test_a_loop_that_stood_still_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    watch = LoopWatch()
    watching = asyncio.create_task(watch.run())
    await asyncio.sleep(0.01)
    assert watch.delay_ms == 0
    time.sleep(1.5)  # noqa: ASYNC251  # what no route may do
    await asyncio.sleep(0.05)
    watching.cancel()
    assert watch.delay_ms > 1000
    assert "the event loop stood still" in caplog.text


def test_the_status_says_how_late_the_loop_is(served: Served) -> None:
    assert served.get("/api/status").json()["loop_delay_ms"] >= 0
