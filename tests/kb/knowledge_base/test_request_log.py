"""Every request to a model or to the indexes is in the log, whatever happens to the log itself."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from kb.config import LogSettings
from kb.errors import DiskFull
from kb.knowledge_base import KnowledgeBase
from kb.knowledge_base.request_recorder import RequestRecorder
from kb.state.db import Database
from kb.state.request_log import RequestLog
from kb.system.redact import know_secret
from kb.system.request_recording import hash_of
from kb.types import OWNER, LogFilter, LoggedRequest, Question
from kb.web.api.request_log import as_cell
from kb.web.door.request_guard import RequestGuard
from kb.web.server import build_api
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb, sentence
from tests.kb.web.conftest import PORT, http_client


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    library = Library(tmp_path)
    library.fill(3)
    library.close()
    opened = open_kb(tmp_path, embedder=HashEmbedder(), **{"answering.model": "extractive"})
    yield opened
    opened.close()


@pytest.fixture
async def api(kb: KnowledgeBase) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(RequestGuard(build_api(kb), port=PORT)) as client:
        yield client


def logged(kb: KnowledgeBase) -> list[LoggedRequest]:
    kb.requests.flush()
    return kb.requests.page(LogFilter(), caller=OWNER, limit=1000)[0]


async def test_an_answer_leaves_what_it_took(kb: KnowledgeBase) -> None:
    asked = sentence(4)
    run = await kb.conversations.start(Question(asked))
    async with aclosing(kb.conversations.events(run.id, caller=OWNER)) as events:
        async for _ in events:
            pass
    found = logged(kb)
    assert {request.kind for request in found} == {"answer", "retrieval", "embedding"}
    assert {request.conversation for request in found} == {run.conversation_id}
    (answer,) = (request for request in found if request.kind == "answer")
    assert (answer.text, answer.origin, answer.model, answer.status) == (asked, "page", "extractive", "ok")
    (retrieval,) = (request for request in found if request.kind == "retrieval")
    assert (retrieval.engine, retrieval.model) == ("chroma", HashEmbedder().fingerprint.model)
    assert answer.ms >= retrieval.ms > 0
    questions = [request for request in found if request.kind == "embedding" and request.text == asked]
    assert questions
    assert all((request.tokens or 0) > 5 for request in questions)
    passages = [request for request in found if request.kind == "embedding" and "Passage 4" in request.text]
    assert {request.text for request in passages} <= {asked}  # of passages there is the hash alone
    await kb.conversations.remove(run.conversation_id, caller=OWNER)
    assert {request.text for request in logged(kb)} == {""}
    await kb.conversations.close()


async def test_the_log_is_read_in_pages_searched_and_exported(
    api: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    for n in range(5):
        await api.get("/api/search", params={"q": sentence(n)}, headers={"Sec-Fetch-Site": "same-origin"})
    await api.get("/api/search", params={"q": "=1+1 harbour"})
    kb.requests.flush()
    first = (await api.get("/api/log", params={"kind": "retrieval", "limit": 4})).json()
    rest = (await api.get("/api/log", params={"kind": "retrieval", "before": first["next"]})).json()
    texts = [request["text"] for request in first["requests"] + rest["requests"]]
    assert texts == ["=1+1 harbour", *(sentence(n) for n in reversed(range(5)))]
    assert rest["next"] is None
    assert [request["origin"] for request in first["requests"]] == ["api", "page", "page", "page"]
    behind = (await api.get("/api/log", params={"after": first["requests"][0]["id"] - 1})).json()["requests"]
    assert behind[0]["text"] == "=1+1 harbour"
    found = (await api.get("/api/log", params={"q": "PASSAGE 3", "kind": "retrieval"})).json()["requests"]
    assert [request["text"] for request in found] == [sentence(3)]
    assert not (await api.get("/api/log", params={"q": "%"})).json()["requests"]
    lines = (await api.get("/api/log/export", params={"format": "jsonl", "kind": "retrieval"})).text
    assert [json.loads(line)["text"] for line in lines.splitlines()] == texts[::-1]
    table = (await api.get("/api/log/export", params={"kind": "retrieval"})).text
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["text"] for row in rows][-1] == "'=1+1 harbour"
    assert (await api.get("/api/log", params={"kind": "nothing"})).status_code == 422
    counted = (await api.get("/metrics")).text
    assert 'footnote_requests_total{kind="retrieval",origin="page",model="' in counted
    assert 'footnote_request_seconds_count{kind="retrieval"} 6' in counted
    assert "footnote_documents 3" in counted


def record_of(text: str, **fields: object) -> LoggedRequest:
    blank = LoggedRequest("2026-03-04T05:06:07.000+00:00", "retrieval", "api", "owner", "chroma", "m", text,
                          None, None, 0.0, 1.0, "ok", "", "", "", "")  # fmt: skip
    return replace(blank, **fields)  # type: ignore[arg-type]


def texts(log: RequestLog) -> list[str]:
    return [request.text for request in log.page(LogFilter(), limit=1000)]


def test_texts_are_hashed_where_that_is_set_and_secrets_never_kept(database: Database) -> None:
    know_secret("canary-4711-key")
    log = RequestLog(database)
    hashing = RequestRecorder(log, LogSettings(texts="hash", days=9999))
    hashing.record(record_of("What is the depth?"))
    hashing.close()
    full = RequestRecorder(log, LogSettings(days=9999))
    full.record(record_of("my key is canary-4711-key, \ud800 " + "x" * 9000))
    full.close()
    kept, hashed = texts(log)
    assert hashed == hash_of("What is the depth?")
    assert kept.startswith("my key is ***, \ufffd xxx")
    assert len(kept) == 4000


def test_what_is_old_or_too_much_goes(database: Database) -> None:
    log = RequestLog(database)
    log.add([record_of("old", time="2020-01-01T00:00:00.000+00:00")])
    log.add([record_of(f"{n} " + "x" * 1000, time="2999-01-01T00:00:00.000+00:00") for n in range(100)])
    assert log.prune(before="2021-01-01", most_bytes=1 << 20) == 1
    assert log.prune(before="2021-01-01", most_bytes=12_000) == 90
    assert [text.split()[0] for text in texts(log)] == [str(n) for n in reversed(range(90, 100))]


def test_a_log_that_cannot_be_written_costs_nobody_anything(database: Database) -> None:
    class Full(RequestLog):
        def add(self, requests: object) -> None:
            raise DiskFull("There is no room.")

    recorder = RequestRecorder(Full(database), LogSettings())
    for n in range(10_500):  # more than may wait
        recorder.record(record_of(str(n)))
    recorder.close()
    lost = next(
        line for line in recorder.metrics.text({}).splitlines() if line.startswith("footnote_log_lost")
    )
    assert int(lost.split()[1]) == 10_500


def test_no_log_is_kept_where_that_is_set(database: Database) -> None:
    recorder = RequestRecorder(RequestLog(database), LogSettings(days=0))
    recorder.record(record_of("anything"))
    recorder.close()
    assert texts(RequestLog(database)) == []
    assert 'kind="retrieval"' in recorder.metrics.text({})


def test_a_search_that_is_refused_is_in_the_log_as_failed(kb: KnowledgeBase) -> None:
    with pytest.raises(Exception, match="empty"):
        asyncio.run(kb.query_engine.search(Question(" ")))
    asyncio.run(kb.query_engine.search(Question("harbour")))
    assert {request.status for request in logged(kb)} == {"ok"}  # nothing was asked of an index


@pytest.mark.parametrize(
    "text", ["=1+1", "\u200b=1+1", "\n=1+1", "  -2", "\uff1d1+1", "\u2060\ufe62x", "\t1", "\x1b@SUM(1)"]
)
def test_no_cell_is_computed_or_obeyed(text: str) -> None:
    cell = str(as_cell(text))
    assert cell.startswith("'")
    assert not set("\x1b\n\t\r") & set(cell)


@pytest.mark.parametrize("text", ["deep; =1+1", "a;=1+1", 'a;"=1+1', "a;;\uff0b1", "a; \t-2", "=1;=2"])
def test_no_cell_is_computed_where_semicolons_part_cells(text: str) -> None:
    for row in csv.reader([f"x,{as_cell(text)}"], delimiter=";"):
        assert [cell for cell in row if cell.lstrip(' "')[:1] in ("=", "+", "-", "@", "\uff0b")] == []


def test_other_cells_stay_what_they_are() -> None:
    assert as_cell("How deep - is it? = 3") == "How deep - is it? = 3"
    assert as_cell(-3.5) == -3.5
    assert as_cell("a\x1b]0;x\x07\nb") == "a\\x1b]0;x\\x07\\nb"
