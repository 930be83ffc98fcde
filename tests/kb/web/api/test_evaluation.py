"""Evaluations and kept questions over the API, on the real library; only the embedding model is a double."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from app import App
from kb.config import AnsweringSettings, Settings
from kb.evaluate.background import BackgroundEvaluation
from kb.knowledge_base import open_knowledge_base
from kb.types import OWNER
from kb.web.door.request_guard import RequestGuard
from kb.web.page.frame.mount import fragments
from kb.web.server import build_api
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.web.conftest import PORT, http_client

TEXTS = {
    "bridge.txt": "The Halden bridge was opened in 1932. Its span is 1149 metres.",
    "tea.txt": "Tea was first grown in the mountains of Yunnan.",
}
QUESTION = "When was the Halden bridge opened?"


class Own:
    """A library with two documents, and what evaluates it."""

    def __init__(self, home: Path) -> None:
        self.app = App()
        settings = Settings(home=home, answering=AnsweringSettings(model="extractive"))
        suffixes = frozenset({".txt"})
        self.kb = open_knowledge_base(settings, renderer=self.app, suffixes=suffixes, embedder=HashEmbedder())
        self.kb.maintenance.lock()
        self.evaluating = BackgroundEvaluation(self.app.experiments(self.kb))
        worker = self.app.worker(self.kb)
        worker.start()
        for name, text in TEXTS.items():
            source = home / name
            source.write_text(text, encoding="utf-8")
            self.kb.library.add(source, name, caller=OWNER)
        while not all(document.state.is_final for document in self.kb.library.documents(caller=OWNER)):
            time.sleep(0.05)
        worker.stop()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    opened = Own(tmp_path_factory.mktemp("home"))
    yield opened
    opened.evaluating.close()
    opened.kb.close()
    opened.app.close()


@pytest.fixture
async def client(own: Own) -> AsyncIterator[httpx.AsyncClient]:
    for kept in own.kb.library.labelled_questions(caller=OWNER):
        own.kb.library.remove_labelled_question(kept.id, caller=OWNER)
    mount = fragments(own.kb, evaluating=own.evaluating)
    app = RequestGuard(build_api(own.kb, own.evaluating, mount=mount), port=PORT)
    async with http_client(app) as client:
        yield client


async def keep(client: httpx.AsyncClient, question: str = QUESTION, quote: str = "") -> Any:
    found = (await client.get("/api/search", params={"q": question})).json()["hits"][0]
    body = {"question": question, "chunk_id": found["chunk_id"], "quote": quote}
    response = await client.post("/api/kept-questions", json=body)
    assert response.status_code == 201
    return response.json()


async def ended(client: httpx.AsyncClient) -> Any:
    return await when(client, lambda now: not now["running"])


async def when(client: httpx.AsyncClient, condition: Callable[[Any], bool]) -> Any:
    """The answer of the API, once what it says of the running evaluation fulfils ``condition``."""
    with anyio.fail_after(60):
        while True:
            found = (await client.get("/api/evaluations")).json()
            if condition(found["now"]):
                return found
            await anyio.sleep(0.01)


async def test_a_kept_question_is_listed_evaluated_and_forgotten(client: httpx.AsyncClient) -> None:
    kept = await keep(client)
    assert (kept["question"], kept["document"], len(kept["sha256"])) == (QUESTION, "bridge.txt", 64)
    assert await keep(client) == kept  # twice is once
    assert (await client.get("/api/kept-questions")).json() == {"questions": [kept]}

    started = await client.post("/api/evaluations", json={"kept": True, "compare": {"dense_weight": "0.1"}})
    assert started.status_code == 202
    found = await ended(client)
    second, first = found["evaluations"][:2]
    assert found["now"]["finished"] == [first["id"], second["id"]]
    assert first["figures"]["hit@1"]["value"] == 1
    assert second["compared_with"] == first["id"]
    assert (await client.get(f"/api/evaluations/{first['id']}")).json() == first
    assert (await client.delete(f"/api/evaluations/{first['id']}")).status_code == 204
    assert (await client.get(f"/api/evaluations/{first['id']}")).status_code == 404
    assert (await client.get(f"/api/evaluations/{second['id']}")).json()["compared_with"] is None

    assert (await client.delete(f"/api/kept-questions/{kept['id']}")).status_code == 204
    assert (await client.delete(f"/api/kept-questions/{kept['id']}")).status_code == 404
    assert (await client.get("/api/kept-questions")).json() == {"questions": []}


async def test_what_is_wrong_is_said_before_anything_runs(client: httpx.AsyncClient, tmp_path: Path) -> None:
    for body, says in (
        ({}, "nothing to evaluate"),
        ({"kept": True}, "No question was kept"),
        ({"folders": [str(tmp_path)]}, "holds no questions"),
        ({"folders": [str(tmp_path / "nowhere")]}, "is not a folder"),
    ):
        response = await client.post("/api/evaluations", json=body)
        assert response.status_code == 400, body
        assert says in response.json()["error"]
    await keep(client)
    unknown = await client.post("/api/evaluations", json={"kept": True, "config": {"nonsense": "1"}})
    assert unknown.status_code == 400
    assert "nonsense" in unknown.json()["error"]
    assert (await client.post("/api/evaluations", json={"surprise": 1})).status_code == 422
    missing = await client.post("/api/kept-questions", json={"question": "?", "chunk_id": 10**6})
    assert missing.status_code == 404
    assert (await ended(client))["now"]["error"] is None


async def test_one_at_a_time_and_a_stop_keeps_what_was_done(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    lines = "".join(f'{{"question": "{number}: {QUESTION}", "answer": "1932"}}\n' for number in range(400))
    (tmp_path / "questions.jsonl").write_text(lines, encoding="utf-8")
    body = {"folders": [str(tmp_path)], "answers": None}
    assert (await client.post("/api/evaluations", json=body)).status_code == 202
    assert (await client.post("/api/evaluations", json=body)).status_code == 409
    await when(
        client,
        lambda now: (
            now["progress"] and now["progress"]["step"] == "searching" and now["progress"]["done"] > 3
        ),
    )
    assert (await client.delete("/api/evaluations/running")).status_code == 204
    found = await ended(client)
    newest = found["evaluations"][0]
    assert newest["cancelled"]
    assert 3 < newest["asked"] < 400
    assert newest["figures"]["hit@1"]["questions"] == newest["asked"]


async def test_the_tab_follows(client: httpx.AsyncClient) -> None:
    await keep(client)
    english = (await client.get("/ui/evaluation", headers={"Accept-Language": "en"})).json()
    chinese = (await client.get("/ui/evaluation", headers={"Accept-Language": "zh"})).json()
    assert "Kept questions (1)" in english["kept"]
    assert "kept for the next run" in english["disk"]
    assert "已保存的问题（1）" in chinese["kept"]
    assert english["running"] is False


async def test_a_folder_cannot_be_named_from_elsewhere(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/api/evaluations", json={"folders": ["/"]}, headers={"Origin": "http://elsewhere.example"}
    )
    assert response.status_code == 403
