"""Searching and asking over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kb.errors import BackendDown
from kb.types import OWNER, AnswerEvent, Filters, Question, TextDelta
from kb.web.api.answer_schemas import AskIn
from kb.web.door.request_guard import RequestGuard
from kb.web.page.frame.mount import fragments
from kb.web.server import build_api
from tests.kb.web.conftest import PORT, http_client
from tests.kb.web.standin import InMemoryLibrary
from tests.waiting import until


@pytest.fixture
def library(tmp_path: Path) -> InMemoryLibrary:
    """Its answers come from a script: what models and retrieval do is tested where they live."""
    return InMemoryLibrary(tmp_path)


@pytest.fixture
async def api(library: InMemoryLibrary) -> AsyncIterator[httpx.AsyncClient]:
    kb: Any = library
    async with http_client(RequestGuard(build_api(kb, mount=fragments(kb)), port=PORT)) as client:
        yield client


@pytest.fixture
def two_files(library: InMemoryLibrary, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"The words of {name}.")
        library.add(tmp_path / name, name)


@pytest.mark.usefixtures("two_files")
async def test_search(api: httpx.AsyncClient) -> None:
    hits = (await api.get("/api/search", params={"q": "words", "k": 1})).json()["hits"]
    assert [(hit["rank"], hit["document"], hit["text"]) for hit in hits] == [
        (1, "a.txt", "The words of a.txt.")
    ]
    assert (await api.get("/api/search", params={"q": ""})).status_code == 422


async def test_a_question_that_is_too_long_is_refused_with_the_limit(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/search", json={"question": "x" * 25_000})
    assert answer.status_code == 422
    assert answer.json()["error"] == "'question' is too long: at most 20000 characters are taken."


@pytest.mark.usefixtures("two_files")
async def test_a_long_question_is_searched(api: httpx.AsyncClient) -> None:
    question = "Nothing of all that I tried has helped me. " * 250 + "What are the words of a.txt?"
    hits = (await api.post("/api/search", json={"question": question, "k": 1})).json()["hits"]
    assert [hit["document"] for hit in hits] == ["a.txt"]


@pytest.mark.usefixtures("two_files")
async def test_conditions_are_read_from_text_or_given_as_fields(
    api: httpx.AsyncClient, library: InMemoryLibrary
) -> None:
    typed = 'words document:"b.txt" type:txt'
    read = Question("words", Filters(documents=("b.txt",), types=("txt",)), ("default",), typed=typed)
    body = {"question": typed, "collection": "default"}
    for asked in (
        await api.get("/api/search", params={"q": typed, "collection": "default"}),
        await api.post("/api/search", json=body),
    ):
        assert [hit["document"] for hit in asked.json()["hits"]] == ["b.txt"]
    await api.post("/api/ask", json=body)
    assert library.asked == [read] * 3
    fields = {"question": typed, "filters": {"documents": ['a "b".pdf'], "types": [".TXT"]}}
    assert (await api.post("/api/search", json=fields)).json()["hits"] == []
    assert library.asked[-1] == Question(typed, Filters(documents=('a "b".pdf',), types=("txt",)))
    again = {"question": "And?", "filters": {}, "searched": "b type:md"}
    await api.post("/api/ask", json=again)
    assert library.asked[-1].searched == "b type:md"
    await api.post("/api/ask", json={"question": "And?", "searched": "b type:md"})
    assert (library.asked[-1].searched, library.asked[-1].filters.types) == ("b", ("md",))
    for wrong in ({"question": "x after:2025-13"}, {"question": "x", "filters": {"since": "never"}}):
        refused = await api.post("/api/ask", json=wrong)
        assert refused.status_code == 400
        assert "names no date" in refused.text


@pytest.mark.usefixtures("two_files")
async def test_what_was_understood_is_said_and_can_be_undone(
    api: httpx.AsyncClient, library: InMemoryLibrary
) -> None:
    typed = "What does in:gate mean document:a.txt"
    found = (await api.get("/api/search", params={"q": typed})).json()
    assert (found["question"], found["filters"]["documents"]) == ("What does in:gate mean", ["a.txt"])
    begun = json.loads((await api.post("/api/ask", json={"question": typed})).text.splitlines()[0])
    assert (begun["question"], begun["filters"]["documents"]) == ("What does in:gate mean", ["a.txt"])
    for words in (
        await api.get("/api/search", params={"q": typed, "words": True}),
        await api.post("/api/search", json={"question": typed, "words": True}),
    ):
        assert (words.json()["question"], words.json()["filters"]["documents"]) == (typed, [])
    assert library.asked[-1] == Question(typed)


@pytest.mark.usefixtures("two_files")
async def test_a_stored_question_comes_back_with_its_filters(api: httpx.AsyncClient) -> None:
    asked = {"question": "words type:txt", "collection": "default"}
    first = json.loads((await api.post("/api/ask", json=asked)).text.splitlines()[0])
    shown = (await api.get(f"/api/requests/{first['id']}")).json()
    assert (shown["question"], shown["collection"]) == ("words type:txt", "default")
    assert shown["filters"]["types"] == ["txt"]


@pytest.mark.usefixtures("two_files")
async def test_an_answer_streams_line_by_line(api: httpx.AsyncClient) -> None:
    asked = AskIn(question="Which words?").model_dump()
    response = await api.post("/api/ask", json=asked)
    events = [json.loads(line) for line in response.text.splitlines()]
    assert [event["event"] for event in events][:3] == ["request", "searched", "text"]
    assert events[-1]["event"] == "answer"
    assert (
        "".join(event["text"] for event in events if event["event"] == "text").strip() == events[-1]["text"]
    )
    assert events[-1]["citations"][0]["document"] == "a.txt"


async def down(_question: str) -> AsyncIterator[AnswerEvent]:
    yield TextDelta("Half an ")
    raise BackendDown("Ollama does not answer. Start it with: ollama serve")


async def broken(_question: str) -> AsyncIterator[AnswerEvent]:
    yield TextDelta("Half an ")
    raise RuntimeError("secret detail")


async def test_a_failure_is_the_last_line(api: httpx.AsyncClient, library: InMemoryLibrary) -> None:
    library.script = down
    lines = (await api.post("/api/ask", json={"question": "?"})).text.splitlines()
    assert json.loads(lines[-1])["error"].endswith("ollama serve")
    library.script = broken
    lines = (await api.post("/api/ask", json={"question": "?"})).text.splitlines()
    assert "its log says what" in json.loads(lines[-1])["error"]
    assert "secret" not in lines[-1]


async def test_status(api: httpx.AsyncClient) -> None:
    status = (await api.get("/api/status")).json()
    assert status["documents"] == 0
    assert "extractive" in status["models"]
    assert status["model_better"]


async def test_the_library_waits_for_a_change(api: httpx.AsyncClient, library: InMemoryLibrary) -> None:
    """The transport runs no lifespan, so the feed is driven here."""
    from kb.web.api.changes import ChangeFeed

    feed = ChangeFeed(library)  # type: ignore[arg-type]
    running = asyncio.create_task(feed.run())
    seen = await feed.wait(-1, 5)
    waiting = [asyncio.create_task(feed.wait(seen, 5)) for _ in range(100)]
    for _ in range(10):  # turns of the loop: each of them has begun to wait
        await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    library.touch()
    assert set(await asyncio.gather(*waiting)) == {seen + 1}
    assert await feed.wait(seen + 1, 0.01) == seen + 1
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    page = (await api.get("/ui/library")).json()
    assert (page["total"], page["rows"]) == (0, [])


# --- Answers that outlive their readers ---------------------------------------------------------


@pytest.mark.usefixtures("two_files")
async def test_a_request_can_be_read_again_and_its_conversation_listed(api: httpx.AsyncClient) -> None:
    lines = (await api.post("/api/ask", json={"question": "Which words?"})).text.splitlines()
    events = [json.loads(line) for line in lines]
    asked = events[0]
    again = (await api.get(f"/api/requests/{asked['id']}/events")).text.splitlines()
    assert json.loads(again[0]) == asked
    assert json.loads(again[-1]) == events[-1]
    shown = (await api.get(f"/api/requests/{asked['id']}")).json()
    assert (shown["state"], shown["answer"]["text"]) == ("done", events[-1]["text"])
    follow_up = {"question": "And then?", "conversation": asked["conversation"]}
    last = json.loads((await api.post("/api/ask", json=follow_up)).text.splitlines()[-1])
    assert "after 1 others" in last["text"]
    listed = (await api.get("/api/conversations")).json()["conversations"]
    assert [(found["title"], found["requests"]) for found in listed] == [("Which words?", 2)]
    requests = (await api.get(f"/api/conversations/{asked['conversation']}")).json()["requests"]
    assert [found["question"] for found in requests] == ["Which words?", "And then?"]
    assert (await api.delete(f"/api/conversations/{asked['conversation']}")).status_code == 204
    assert (await api.get(f"/api/requests/{asked['id']}")).status_code == 404
    assert (await api.post("/api/ask", json=follow_up)).status_code == 404


async def test_stopping_a_request_ends_its_stream(api: httpx.AsyncClient, library: InMemoryLibrary) -> None:
    async def endless(_question: str) -> AsyncIterator[AnswerEvent]:
        yield TextDelta("Half an ")
        await asyncio.Event().wait()

    library.script = endless
    reading = asyncio.create_task(api.post("/api/ask", json={"question": "?"}))
    kept = library.conversations
    await until(lambda: kept.all(caller=OWNER))
    conversation = kept.all(caller=OWNER)[0].id
    await until(lambda: kept.runs(conversation, caller=OWNER)[0].text)
    (request,) = kept.runs(conversation, caller=OWNER)
    assert (await api.post(f"/api/requests/{request.id}/cancel")).status_code == 204
    async with asyncio.timeout(1):
        lines = (await reading).text.splitlines()
    assert json.loads(lines[-1]) == {"event": "stopped"}
    assert library.closed_early
    assert (await api.get(f"/api/requests/{request.id}")).json()["state"] == "stopped"
