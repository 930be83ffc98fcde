"""The routes of the passages' length."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from kb.config import load_settings
from kb.knowledge_base import open_knowledge_base
from kb.types import OWNER
from kb.web.page.frame.mount import fragments
from kb.web.server import build_api
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.importing import add, cut_here, importing, wait_until_ready
from tests.kb.library import NoPictures
from tests.kb.web.conftest import http_client


async def ended(client: httpx.AsyncClient) -> dict[str, Any]:
    """What is said once no change is under way."""
    deadline = time.monotonic() + 60
    while (now := (await client.get("/api/chunker")).json())["switching_to"] is not None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    found: dict[str, Any] = now
    return found


async def test_another_length_is_planned_begun_undone_and_forgotten_over_the_api(tmp_path: Path) -> None:
    settings = load_settings(**{"home": tmp_path, "storage.vectors": "exact"})
    suffixes = frozenset({".txt"})
    with (
        closing(
            open_knowledge_base(
                settings, renderer=NoPictures(), suffixes=suffixes, embedder=HashEmbedder(), cutter=cut_here
            )
        ) as kb,
        importing(kb),
    ):
        add(kb, "herons.txt", "\n\n".join(f"Heron number{n} stands in the river." for n in range(60)))
        wait_until_ready(kb)
        async with http_client(build_api(kb, mount=fragments(kb))) as client:
            asked = {"chunk_tokens": 40}
            plan = (await client.post("/api/chunker/switch", json={**asked, "dry_run": True})).json()
            assert (plan["from"], plan["to"], plan["documents"], plan["measured"]) == (208, 40, 1, 1)
            assert (await client.get("/api/chunker")).json()["undo"] is None
            assert (await client.post("/api/chunker/switch", json=asked)).status_code == 200
            now = await ended(client)
            assert (now["chunk_tokens"], now["undo"], now["others"], now["problem"]) == (40, 208, 0, None)
            (document,) = kb.ingest_parts().documents.all()
            assert document.chunks == plan["passages_after"]
            assert (await client.post("/api/chunker/undo")).status_code == 200
            assert (await ended(client))["chunk_tokens"] == 208
            assert (await client.post("/api/chunker/forget")).json()["megabytes"] > 0
            for path, body, said in (
                ("undo", None, "no change"),
                ("switch", {"chunk_tokens": 208}, "that length already"),
                ("switch", {"chunk_tokens": 9}, "32"),
            ):
                refused = await client.post(f"/api/chunker/{path}", json=body)
                assert refused.status_code == 400
                assert said in refused.json()["error"]
        assert kb.chunker.status(caller=OWNER).kept_megabytes == 0
