"""The routes of the embedder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.config import load_settings
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.models.embed.local import LocalEmbedder
from kb.web.page.frame.mount import fragments
from kb.web.server import build_api
from tests.kb.library import Library, NoPictures
from tests.kb.models.embed.tiny_model import tiny_bert, tiny_qwen3
from tests.kb.web.conftest import http_client


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    model = tiny_bert(tmp_path / "bert")
    library = Library(tmp_path / "home", embedder=LocalEmbedder(model))
    library.fill(2)
    library.close()
    (tmp_path / "home" / "footnote.toml").write_text(
        f'[embedding]\nmodel = "{model}"\nengine = "torch"\n', encoding="utf-8"
    )
    settings = load_settings(home=tmp_path / "home")
    with closing(
        open_knowledge_base(settings, renderer=NoPictures(), suffixes=frozenset({".txt"}))
    ) as opened:
        yield opened


async def test_a_change_is_planned_begun_and_undone_over_the_api(kb: KnowledgeBase, tmp_path: Path) -> None:
    async with http_client(build_api(kb, mount=fragments(kb))) as client:
        device = {"device": "cpu"}
        plan = (await client.post("/api/embedder/switch", json={**device, "dry_run": True})).json()
        assert (plan["model_run"], plan["to"]["device"], plan["from"]["device"]) == (False, "cpu", "auto")
        begun = await client.post("/api/embedder/switch", json=device)
        assert begun.status_code == 200
        deadline = time.monotonic() + 60
        while (now := (await client.get("/api/embedder")).json())["switching_to"] is not None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        assert now["problem"] is None
        assert now["undo"] is not None
        assert 'device = "cpu"' in (tmp_path / "home" / "footnote.toml").read_text(encoding="utf-8")
        undone = (await client.post("/api/embedder/undo")).json()
        assert undone["problem"] is None
        assert 'device = "auto"' in (tmp_path / "home" / "footnote.toml").read_text(encoding="utf-8")
        assert (await client.post("/api/embedder/forget")).json()["megabytes"] == 0
        nothing = await client.post("/api/embedder/undo")
        assert nothing.status_code == 400
        unknown = await client.post("/api/embedder/switch", json={"engine": "quick"})
        assert "Known: auto, torch" in unknown.json()["error"]


async def test_a_collection_gets_a_model_of_its_own_over_the_api(kb: KnowledgeBase, tmp_path: Path) -> None:
    own = str(tiny_qwen3(tmp_path / "qwen3"))
    async with http_client(build_api(kb, mount=fragments(kb))) as client:
        asked = {"model": own, "task": "code", "collection": "default"}
        plan = (await client.post("/api/embedder/switch", json={**asked, "dry_run": True})).json()
        assert (plan["passages"], plan["to"]["model"]) == (6, "qwen3")
        assert plan["to"]["instruction"].startswith("Given a question or a description of what code does")
        await client.post("/api/embedder/switch", json=asked)
        deadline = time.monotonic() + 60
        while (await client.get("/api/embedder")).json()["collections"][0]["lacking"]:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        now = (await client.get("/api/embedder")).json()
        assert now["model"] == "bert"
        (listed,) = now["collections"]
        assert (listed["collection"], listed["model"], listed["undo"]) == ("default", own, "library")
        undone = (await client.post("/api/embedder/undo", json={"collection": "default"})).json()
        assert undone["collections"][0]["model"] is None
        refused = await client.post("/api/embedder/undo", json={"collection": "other"})
        assert "'other'" in refused.json()["error"]
