"""The routes and the line of ``doctor`` about where vectors are searched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.errors import BackendDown
from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER
from kb.web.page.frame.mount import fragments
from kb.web.server import build_api
from tests.doubles.hash_embedder import HashEmbedder
from tests.doubles.weaviate_server import WeaviateDouble
from tests.kb.library import Library, open_kb
from tests.kb.web.conftest import http_client


@pytest.fixture
def double() -> Iterator[WeaviateDouble]:
    double = WeaviateDouble(version="1.26.9")
    double.start()
    yield double
    double.stop()


@pytest.fixture
def kb(tmp_path: Path, double: WeaviateDouble) -> Iterator[KnowledgeBase]:
    library = Library(tmp_path / "home")
    library.fill(2)
    library.close()
    grpc = {"storage.vectors_grpc_port": double.grpc_port}
    opened = open_kb(tmp_path / "home", embedder=HashEmbedder(), **grpc)
    yield opened
    opened.close()


async def test_where_vectors_are_is_said_in_the_language_of_the_page(
    kb: KnowledgeBase, double: WeaviateDouble
) -> None:
    double.version = "1.27.0"
    async with http_client(build_api(kb, mount=fragments(kb))) as client:
        client.headers["accept-language"] = "zh"
        assert (await client.get("/api/vectors")).json()["text"] == "向量在 chroma 中检索。"
        await client.post("/api/vectors/move", json={"to": "weaviate", "url": double.url})
        assert (await client.get("/api/vectors")).json()[
            "text"
        ] == f"向量在 {double.url} 上的 weaviate 中检索。"
        double.stop()
        with pytest.raises(BackendDown):
            kb.vectors.move("chroma-server", "http://127.0.0.1:9", caller=OWNER)
        problem = (await client.get("/api/vectors")).json()["problem"]
        assert problem.startswith("http://127.0.0.1:9 上的 Chroma 服务器没有应答。请启动它（chroma run")


async def test_a_move_is_planned_and_made_over_the_api(kb: KnowledgeBase, double: WeaviateDouble) -> None:
    async with http_client(build_api(kb, mount=fragments(kb))) as client:
        asked = {"to": "weaviate", "url": double.url}
        for dry_run in (True, False):
            refused = await client.post("/api/vectors/move", json={**asked, "dry_run": dry_run})
            assert "is version 1.26.9; Footnote needs Weaviate 1.27 or newer" in refused.json()["error"]
        double.version = "1.27.0"
        planned = await client.post("/api/vectors/move", json={**asked, "dry_run": True})
        assert planned.json()["passages"] == 6
        assert planned.json()["model_runs"] == 0
        assert not double.held
        assert (await client.post("/api/vectors/move", json=asked)).status_code == 200
        now = (await client.get("/api/vectors")).json()
        assert (now["store"], now["url"], now["moving_to"], now["problem"]) == (
            "weaviate",
            double.url,
            None,
            None,
        )
        for address in (
            "http://127.0.0.1:1/%00",
            "http://127.0.0.1:1/?a",
            "file:///etc/passwd",
            "http://a b",
        ):
            odd = await client.post("/api/vectors/move", json={"to": "chroma-server", "url": address})
            assert odd.status_code == 400, odd.text
        unknown = await client.post("/api/vectors/move", json={"to": "nowhere"})
        assert "Known: chroma, chroma-server, exact, weaviate" in unknown.json()["error"]


def test_doctor_names_the_store_and_the_next_step(kb: KnowledgeBase, double: WeaviateDouble) -> None:
    fingerprint = kb.embedder().fingerprint
    double.version = "1.27.0"
    assert kb.vectors.probe(fingerprint, caller=OWNER).text == "Vectors are searched in chroma."
    assert kb.vectors.move("weaviate", double.url, caller=OWNER)
    assert kb.vectors.asked_status(fingerprint, caller=OWNER).ok
    found = kb.vectors.probe(fingerprint, caller=OWNER)
    assert found.ok
    assert "The server has its index." in found.text
    double.stop()
    away = kb.vectors.probe(fingerprint, caller=OWNER)
    assert not away.ok
    assert "does not answer. Start it" in str(away.remedy)
    asked = kb.vectors.asked_status(fingerprint, caller=OWNER)
    assert (asked.ok, asked.problem) == (False, away.remedy)
    assert not kb.vectors.move("exact", caller=OWNER)
