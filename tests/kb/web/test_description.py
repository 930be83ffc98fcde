"""What the API says of itself: every route, typed, readable with no network, and true: Schemathesis finds nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from app import App
from kb.evaluate.background import BackgroundEvaluation
from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER
from kb.web.api.changes import ChangeFeed
from kb.web.api.description import OPENAPI, REFERENCE, described_api, operations
from kb.web.api.summaries import SUMMARIES
from kb.web.door.body_limits import BodyLimits
from kb.web.door.request_guard import RequestGuard
from kb.web.page.frame.mount import fragments
from kb.web.server import build_api, build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.harness.ports import free_port
from tests.kb.library import Library, open_kb
from tests.kb.web.conftest import PORT, http_client
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
REACHES_FURTHER = "/api/(backups|restart|check|embedder/|vectors/|settings|models/test|evaluations$)"
"""Paths on the disk, other machines, minutes, or another process."""
SECONDS = 300


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    library = Library(tmp_path)
    library.fill(3)
    library.close()
    opened = open_kb(tmp_path, embedder=HashEmbedder(), **{"answering.model": "extractive"})
    yield opened
    opened.close()


@pytest.fixture
def api(kb: KnowledgeBase) -> FastAPI:
    ended = ChangeFeed(kb)
    ended.end()  # streams of events say hello and end
    evaluating = BackgroundEvaluation(App().experiments(kb))
    return build_api(kb, evaluating, mount=fragments(kb), changes=ended)


def test_every_route_says_what_it_takes_and_answers(api: FastAPI) -> None:
    described = described_api(api)
    schemas = described["components"]["schemas"]
    seen = 0
    for path, method, said in operations(described):
        where = f"{method} {path}"
        assert said["summary"] == SUMMARIES[method, path][0], (
            f"{where} says in kb/web/api/summaries.py what it does"
        )
        assert said["tags"], where
        answered = [status for status in said["responses"] if status.startswith("2")]
        assert answered, where
        for status in answered:
            content = said["responses"][status].get("content", {})
            assert content or status in ("202", "204"), where
            assert all(is_typed(kind["schema"]) for kind in content.values()), (where, content)
        error = said["responses"]["default"]["content"]
        assert error.keys() == {"application/json" if path.startswith("/v1/") else "application/problem+json"}
        assert {"401", "403", "429"} <= said["responses"].keys(), where
        seen += 1
    assert seen == len(SUMMARIES) > 80
    named = set(re.findall(r"#/components/schemas/([\w-]+)", str(described)))
    assert named == set(schemas), "none is missing, and none is left over"
    assert described["security"] == [{"key": []}, {}]


def is_typed(schema: dict[str, Any]) -> bool:
    return "$ref" in schema or "anyOf" in schema or (schema.get("type") != "object" and "type" in schema) or (
        schema == {"type": "object"}
    )  # fmt: skip


async def test_it_is_there_for_keys_and_read_without_a_network(kb: KnowledgeBase) -> None:
    async with http_client(build_app(kb, port=PORT, token="command")) as client:
        key = {"Authorization": f"Bearer {kb.keys.add('reader', caller=OWNER)}"}
        described = (await client.get(OPENAPI, headers=key)).json()
        page = await client.get(REFERENCE, headers=key)
        chinese = (await client.get(REFERENCE, headers={**key, "Accept-Language": "zh-CN,zh;q=0.9"})).text
        assert (await client.get(OPENAPI, headers={"Authorization": "Bearer no"})).status_code == 401
    assert page.headers["content-type"].startswith("text/html")
    for path, method, _ in operations(described):
        assert f"{method.upper()}</span> <code>{path}</code>" in page.text
    assert not re.search(r"<(?:script|link|img|iframe)|@import|url\(|//", page.text), "nothing is fetched"
    assert 'lang="zh-CN"' in chinese
    for path, method, said in operations(described):
        english, translated = SUMMARIES[method, path]
        assert said["summary"] == english
        assert escape(english) in page.text
        assert escape(translated) in chinese
    links = set(re.findall(r'href="#([^"]+)"', page.text))
    assert links <= set(re.findall(r'id="([^"]+)"', page.text))


@contextmanager
def served(api: FastAPI) -> Iterator[str]:
    """The address of a server of ``api`` for whoever comes; it ends with the context."""
    port = free_port()
    guarded = RequestGuard(BodyLimits(api), port=port)
    server = uvicorn.Server(uvicorn.Config(guarded, port=port, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.slow
def test_schemathesis_finds_nothing(api: FastAPI, tmp_path: Path) -> None:
    with served(api) as address:
        command = [
            str(Path(sys.executable).with_name("st")), "--config-file", str(ROOT / "tests" / "schemathesis.toml"),
            "run", f"{address}{OPENAPI}", "--phases", "coverage,fuzzing", "--max-examples", "1", "--seed", "1",
            "--checks", "all", "--no-color", "--exclude-path-regex", f"^{REACHES_FURTHER}",
        ]  # fmt: skip
        run = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    assert run.returncode == 0, run.stdout[-20_000:]
    passed = re.search(r"(\d+) generated, \1 passed", run.stdout)
    assert passed is not None
    assert int(passed[1]) > 1000
